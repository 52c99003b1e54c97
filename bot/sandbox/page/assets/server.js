// Tells the server what the person did; the answer says what came of it.

export async function send(act, body) {
  try {
    const response = await fetch(`/page/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      // Whose page this is: another tab may be somebody else's by now.
      body: JSON.stringify({ user: document.body.dataset.user, ...body }),
    });
    return await response.json();
  } catch {
    return { error: "offline", shown: "The workspace does not answer. Is it still running?", errors: {} };
  }
}

let hiding;

export function toast(text) {
  const place = document.getElementById("toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => place.classList.remove("shown"), 6000);
}
