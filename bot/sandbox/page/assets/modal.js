// The modal on top of the stack: opened, replaced and closed as the app says.

import { parsed } from "./log.js";
import { restore, valueOf } from "./elements.js";
import { send } from "./server.js";
import { showTables } from "./tables.js";
import { showTimes } from "./times.js";

const dialog = document.getElementById("modal");

function controls(form) {
  return [...form.querySelectorAll("[data-action-id]")].filter((each) => each.localName !== "button");
}

function same(one) {
  return (other) => other.dataset.actionId === one.dataset.actionId && other.dataset.blockId === one.dataset.blockId;
}

export function showModal(html) {
  if (!html) {
    if (dialog.open) dialog.close();
    dialog.replaceChildren();
    return;
  }
  const before = dialog.querySelector("form");
  const form = parsed(html);
  if (before?.outerHTML === form.outerHTML) return;
  const held = document.activeElement?.dataset?.actionId;
  const isSame = before?.dataset.viewId === form.dataset.viewId;
  if (isSame) {
    // What was typed stays where the same input is still asked for.
    for (const element of controls(before)) {
      const now = controls(form).find(same(element));
      if (now) restore(now, valueOf(element));
    }
  }
  dialog.replaceChildren(form);
  localTimes(form);
  showTimes(form);
  showTables(form);
  if (!dialog.open) dialog.showModal();
  const wrong = form.querySelector(".has-error [data-action-id]");
  const again = isSame && held ? form.querySelector(`[data-action-id="${CSS.escape(held)}"]`) : null;
  (wrong ?? again ?? form.querySelector(".modal-body :is(input, textarea, select)") ?? form.querySelector(".modal-foot .button"))?.focus();
}

function localTimes(form) {
  for (const element of form.querySelectorAll("input[data-seconds]")) {
    const at = new Date(Number(element.dataset.seconds) * 1000);
    element.value ||= new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
}

async function submit(form) {
  const inputs = {};
  for (const element of controls(form)) {
    (inputs[element.dataset.blockId] ??= {})[element.dataset.actionId] = valueOf(element);
  }
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  const outcome = await send("submit", { view_id: form.dataset.viewId, inputs });
  const now = dialog.querySelector("form");
  now?.querySelector("[type=submit]")?.removeAttribute("aria-busy");
  const notice = now?.querySelector(":scope > .notice");
  if (notice && outcome.error) {
    notice.textContent = outcome.shown || `That did not work: ${outcome.error}`;
    notice.hidden = false;
  }
}

function close(all) {
  const form = dialog.querySelector("form");
  if (form) send("close", { view_id: form.dataset.viewId, all });
}

export function listen() {
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.querySelector("[type=submit]")?.getAttribute("aria-busy") !== "true") submit(event.target);
  });
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("[data-close]");
    if (button) close(button.dataset.close === "all");
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close(false);
  });
}
