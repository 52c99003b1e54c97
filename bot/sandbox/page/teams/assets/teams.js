// The page of Teams: hears of changes, sends what a person does with cards, dialogs and the composer.

import * as log from "/page/assets/log.js";
import { toast } from "/page/assets/server.js";
import { showTimes } from "/page/assets/times.js";

const { place, kind, thread, bot } = document.body.dataset;
const scroll = document.getElementById("scroll");
const messages = document.getElementById("messages");
const replies = document.getElementById("thread-messages");
const sidebar = document.getElementById("sidebar");
const modal = document.getElementById("modal");

async function send(act, body) {
  try {
    const response = await fetch(`/teams/do/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ place, ...body }),
    });
    return await response.json();
  } catch {
    return { error: "offline", shown: "The tenant does not answer. Is it still running?", errors: {} };
  }
}

// -- what the server tells

let atEnd = true;
const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };

function keepTyped(before, after) {
  before.querySelectorAll("[data-input]").forEach((each) => {
    const other = after.querySelector(`[data-input="${CSS.escape(each.dataset.input)}"]`);
    if (other && each.type !== "checkbox" && "value" in each) other.value = each.value;
  });
}

function showDialog(html) {
  if (!html) {
    if (modal.open) modal.close();
    modal.replaceChildren();
    // What opened it may have been drawn anew meanwhile.
    if (document.activeElement === document.body) document.querySelector("textarea[name=composer]")?.focus();
    return;
  }
  const drawn = log.parsed(html);
  if (modal.firstElementChild?.outerHTML === drawn.outerHTML) return;
  modal.replaceChildren(drawn);
  showTimes(modal);
  if (!modal.open) modal.showModal();
  (modal.querySelector(".has-error [data-input]") ?? modal.querySelector("[data-input]"))?.focus();
}

// The button that was pressed, or what stands in its place, keeps the focus when a card is drawn anew.
function refocus(list) {
  const held = document.activeElement?.closest?.("[data-press]");
  const card = held?.closest("[data-card]");
  if (!card || !list.contains(card)) return () => {};
  const index = [...card.querySelectorAll("[data-press]")].indexOf(held);
  return () => {
    if (held.isConnected) return;
    const buttons = list.querySelectorAll(`[data-card="${CSS.escape(card.dataset.card)}"] [data-press]`);
    (buttons[index] ?? buttons[0])?.focus({ preventScroll: true });
  };
}

// A menu that is open stays open when its card is drawn anew under somebody's hand.
function reopen(list) {
  const open = [...list.querySelectorAll("[data-card] details.overflow[open]")];
  return () => open.filter((menu) => !menu.isConnected).forEach((menu) => {
    const name = CSS.escape(menu.closest("[data-card]").dataset.card);
    const now = list.querySelector(`[data-card="${name}"] details.overflow`);
    if (now) now.open = true;
  });
}

function announceNew(list, before) {
  for (const article of list.querySelectorAll("article[data-ts]")) {
    if (!before.has(article.dataset.ts) && !article.classList.contains("mine")) log.announce(article, "New message from");
  }
}

// Cards that refresh themselves do so when they are looked at; the tenant sees to it that it is not too often.
function refreshCards() {
  document.querySelectorAll("[data-refreshes]").forEach((card) => send("refresh", { id: card.dataset.card }));
}

function showSidebarAs(html) {
  const drawn = document.createElement("template");
  drawn.innerHTML = html;
  if (sidebar.innerHTML === drawn.innerHTML) return;
  const held = sidebar.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  sidebar.replaceChildren(drawn.content);
  if (held) sidebar.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
}

function settle(list, told) {
  const known = new Set([...list.querySelectorAll("article[data-ts]")].map((each) => each.dataset.ts));
  const wasFilled = known.size > 0 || list.dataset.filled === "yes";
  const hold = refocus(list);
  const keep = reopen(list);
  const typed = document.activeElement?.closest?.("[data-card]");
  const before = typed?.cloneNode(true);
  if (typed) typed.querySelectorAll("[data-input]").forEach((each, n) => { before.querySelectorAll("[data-input]")[n].value = each.value; });
  log.settle(list, told);
  const now = typed && list.querySelector(`[data-card="${CSS.escape(typed.dataset.card)}"]`);
  if (now && now !== typed) keepTyped(before, now);
  keep();
  hold();
  if (wasFilled) announceNew(list, known);
  list.dataset.filled = "yes";
  if (told.some(([ts]) => !known.has(ts))) refreshCards();
}

// What is drawn anew between pressing and letting go would swallow the press: it waits for that moment.
let isPressing = false;
const waiting = new Map();

function letGo() {
  isPressing = false;
  setTimeout(() => {
    const late = [...waiting.values()];
    waiting.clear();
    late.forEach(tell);
  });
}
document.addEventListener("pointerdown", () => { isPressing = true; });
for (const end of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(end, letGo);
window.addEventListener("blur", letGo);

function tell(told) {
  if (isPressing) {
    waiting.set(told.kind, told);
    return;
  }
  switch (told.kind) {
    case "messages":
      settle(messages, told.messages);
      if (atEnd) toEnd();
      break;
    case "thread": if (replies) settle(replies, told.messages); break;
    case "dialog": showDialog(told.html); break;
    case "sidebar": showSidebarAs(told.html); break;
  }
}

function connect() {
  const line = new EventSource(`/teams/live?${new URLSearchParams({ place, thread: thread ?? "" })}`);
  line.addEventListener("open", () => {
    document.body.classList.remove("offline");
    document.body.dataset.live = "yes";
  });
  line.addEventListener("message", (event) => tell(JSON.parse(event.data)));
  line.addEventListener("error", () => {
    delete document.body.dataset.live;
    document.body.classList.add("offline");
    if (line.readyState === EventSource.CLOSED) setTimeout(connect, 1500);
  });
}

// -- cards and dialogs

function valueOf(element) {
  if (element.classList.contains("choices")) return [...element.querySelectorAll("input:checked")].map((each) => each.value).join(",");
  if (element.type === "checkbox") return element.checked ? element.dataset.on : element.dataset.off;
  return element.value;
}

function inputsOf(card) {
  return Object.fromEntries([...card.querySelectorAll("[data-input]")].map((each) => [each.dataset.input, valueOf(each)]));
}

function showErrors(card, errors) {
  for (const place of card.querySelectorAll("[data-error-of]")) {
    const text = errors[place.dataset.errorOf] ?? "";
    place.textContent = text;
    place.hidden = !text;
    place.closest(".input").classList.toggle("has-error", Boolean(text));
  }
  card.querySelector(".has-error [data-input]")?.focus();
}

async function press(button) {
  const card = button.closest("[data-card], [data-dialog]");
  if (!card || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  button.closest("details.overflow")?.removeAttribute("open");
  const isDialog = "dialog" in card.dataset;
  const pane = card.closest("#thread-messages") ?? messages;
  const body = { action: Number(button.dataset.press), inputs: inputsOf(card), id: card.dataset.card };
  const outcome = await send(isDialog ? "submit" : "press", body);
  button.removeAttribute("aria-busy");
  const now = isDialog ? modal : pane.querySelector(`[data-card="${CSS.escape(card.dataset.card)}"]`) ?? card;
  showErrors(now, outcome.errors ?? {});
  const notice = now.querySelector(".notice.pressing");
  if (!notice) return;
  notice.textContent = outcome.shown ?? "";
  notice.classList.toggle("fine", !outcome.error);
  notice.hidden = !outcome.shown;
}

async function refreshByHand(button) {
  const outcome = await send("refresh", { id: button.dataset.refresh, by_hand: true });
  if (outcome.error) toast(outcome.shown || `That did not work: ${outcome.error}`);
}

function toggle(button) {
  const card = button.closest(".ac");
  for (const name of button.dataset.toggles.split(" ").filter(Boolean)) {
    card.querySelectorAll(`[data-element="${CSS.escape(name)}"]`).forEach((each) => { each.hidden = !each.hidden; });
  }
}

function showSidebar(isOpen) {
  document.body.classList.toggle("with-sidebar", isOpen);
  document.getElementById("menu").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) sidebar.querySelector("a")?.focus();
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-press]");
  document.querySelectorAll("details.overflow[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; });
  if (pressed) press(pressed);
  else if (event.target.closest("[data-toggles]")) toggle(event.target.closest("[data-toggles]"));
  else if (event.target.closest("[data-close]")) send("close", {});
  else if (event.target.closest("[data-refresh]")) refreshByHand(event.target.closest("[data-refresh]"));
  else if (event.target.closest("[data-install]")) send("install", {}).then(() => location.reload());
  else if (event.target.closest("#menu")) showSidebar(!document.body.classList.contains("with-sidebar"));
  else if (event.target.closest("[data-veil]")) showSidebar(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || modal.open) return;
  const menu = event.target.closest("details.overflow[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (document.body.classList.contains("with-sidebar")) {
    showSidebar(false);
    document.getElementById("menu").focus();
  } else if (event.target.closest("#thread") && !event.target.value) {
    document.querySelector("#thread > header a").click();
  }
});
document.getElementById("client").addEventListener("change", (event) => send("client", { client: event.target.value }));
modal.addEventListener("cancel", (event) => {
  event.preventDefault();
  send("close", {});
});

// -- the composer

function complete(form, area) {
  const list = form.querySelector("#completions");
  const commands = JSON.parse(form.dataset.commands);
  let found = [];
  let chosen = 0;

  function choose(index) {
    chosen = (index + found.length) % found.length;
    [...list.children].forEach((each, n) => each.setAttribute("aria-selected", String(n === chosen)));
    area.setAttribute("aria-activedescendant", list.children[chosen].id);
  }

  function hide() {
    list.hidden = true;
    area.setAttribute("aria-expanded", "false");
    area.removeAttribute("aria-activedescendant");
  }

  function take(entry) {
    area.value = entry.name.startsWith("@") ? area.value.replace(/@\S*$/, `${entry.name} `) : `${entry.name} `;
    hide();
    area.focus();
  }

  area.addEventListener("input", () => {
    const slash = kind !== "personal" && /^\/\S*$/.exec(area.value)?.[0];
    const at = kind !== "personal" && /(?:^|\s)(@\S*)$/.exec(area.value)?.[1];
    found = slash ? commands.map((each) => ({ ...each, name: `/${each.name}` })).filter((each) => each.name.startsWith(slash))
      : at && `@${bot}`.startsWith(at) ? [{ name: `@${bot}`, description: "The app hears what mentions it" }] : [];
    list.replaceChildren(...found.map((entry, index) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.id = `completion-${index}`;
      for (const [name, text] of [["name", entry.name], ["what", entry.description]]) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = text;
        item.append(part);
      }
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(entry); });
      return item;
    }));
    if (!found.length) return hide();
    list.hidden = false;
    area.setAttribute("aria-expanded", "true");
    return choose(0);
  });
  return (event) => {
    if (list.hidden) return false;
    if (event.key === "Escape") hide();
    else if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Tab" || (event.key === "Enter" && area.value.trim() !== found[chosen].name)) take(found[chosen]);
    else return false;
    event.preventDefault();
    return true;
  };
}

function listenTo(form, body) {
  if (!form) return;
  const area = form.querySelector("textarea");
  const takes = form.dataset.commands ? complete(form, area) : () => false;
  async function say() {
    const text = area.value;
    if (!text.trim()) return;
    area.value = "";
    area.dispatchEvent(new Event("input"));
    atEnd = true;
    const outcome = await send("say", { ...body, text });
    if (outcome.error) toast(outcome.shown || `That did not work: ${outcome.error}`);
  }
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || takes(event) || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    say();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
}

// -- begin

scroll.addEventListener("scroll", () => { atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60; });
new ResizeObserver(() => atEnd && toEnd()).observe(messages);
log.showAll(messages);
if (replies) log.showAll(replies);
listenTo(document.getElementById("composer"), {});
listenTo(document.getElementById("reply"), { thread });
document.querySelector("textarea[name=reply], textarea[name=composer]")?.focus();
setInterval(() => showTimes(document), 60000);
toEnd();
refreshCards();
connect();
