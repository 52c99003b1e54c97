// What a person does with buttons, selects and inputs, in messages, modals and the Home tab.

import { send } from "./server.js";

const PRESSED = "button, a[data-action-id]";

export function valueOf(element) {
  const kind = element.dataset.kind;
  if (kind === "checkboxes" || kind === "radio_buttons") {
    const chosen = [...element.querySelectorAll("input:checked")].map((each) => each.value);
    return kind === "checkboxes" ? chosen : chosen[0] ?? null;
  }
  if (element.multiple) return [...element.selectedOptions].map((each) => each.value);
  if (kind === "datetimepicker") return element.value ? Math.floor(new Date(element.value).getTime() / 1000) : null;
  if (kind === "rich_text_input") return element.value ? richText(element.value) : null;
  if (kind === "file_input") return [];
  if (kind === "button" || kind === "workflow_button") return null;
  return element.dataset.value ?? (element.value === "" ? null : element.value);
}

export function restore(element, value) {
  const kind = element.dataset.kind;
  if (kind === "checkboxes" || kind === "radio_buttons") {
    const chosen = [value].flat();
    element.querySelectorAll("input").forEach((each) => { each.checked = chosen.includes(each.value); });
  } else if (element.multiple) {
    [...element.options].forEach((each) => { each.selected = value?.includes(each.value); });
  } else if ("value" in element && element.localName !== "button" && element.type !== "file") {
    element.value = value ?? "";
  }
}

function richText(text) {
  const section = { type: "rich_text_section", elements: [{ type: "text", text }] };
  return { type: "rich_text", elements: [section] };
}

function placeOf(element) {
  const view = element.closest("[data-view-id]");
  if (view) return { view_id: view.dataset.viewId };
  const article = element.closest("article[data-ts]");
  return { channel: article?.dataset.channel, ts: article?.dataset.ts };
}

function notice(element, text) {
  const block = element.closest(".block") ?? element.parentElement;
  block.parentElement.querySelectorAll(":scope > .notice.pressing").forEach((each) => each.remove());
  if (!text) return;
  const said = document.createElement("p");
  said.className = "notice pressing";
  said.setAttribute("role", "alert");
  said.textContent = text;
  block.after(said);
}

async function press(element, selected) {
  if (element.getAttribute("aria-busy") === "true") return;
  if (element.dataset.confirm && !(await confirmed(JSON.parse(element.dataset.confirm)))) return;
  notice(element, "");
  element.setAttribute("aria-busy", "true");
  const { actionId, blockId } = element.dataset;
  const outcome = await send("press", { ...placeOf(element), action_id: actionId, block_id: blockId, selected });
  element.removeAttribute("aria-busy");
  if (outcome.error) notice(element, outcome.shown || `That did not work: ${outcome.error}`);
}

function confirmed(asks) {
  const dialog = document.getElementById("confirm");
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "modal";
  form.innerHTML =
    '<header class="modal-head"><h2 id="confirm-title"></h2></header><div class="modal-body content"></div>' +
    '<footer class="modal-foot"><button class="button plain" value="no"></button><button class="button" value="yes"></button></footer>';
  form.querySelector("h2").textContent = asks.title || "Are you sure?";
  form.querySelector(".modal-body").innerHTML = asks.html;
  const [no, yes] = form.querySelectorAll("button");
  no.textContent = asks.deny || "Cancel";
  yes.textContent = asks.confirm || "Yes";
  yes.classList.add(asks.style === "danger" ? "danger" : "primary");
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  yes.focus();
  return new Promise((decided) => {
    dialog.addEventListener("close", () => decided(dialog.returnValue === "yes"), { once: true });
  });
}

function dispatches(element, trigger) {
  const input = element.closest("[data-input]");
  if (!input) return true;
  if (input.dataset.dispatches !== "true") return false;
  const wanted = element.dataset.dispatch;
  return trigger === "change" || (wanted ?? "on_enter_pressed").split(" ").includes(trigger);
}

function isTyped(element) {
  return /_input$/.test(element.dataset.kind ?? "");
}

export function listen() {
  document.addEventListener("click", (event) => {
    const element = event.target.closest?.("[data-action-id]");
    document.querySelectorAll("details.overflow[open]").forEach((each) => {
      if (!each.contains(event.target) || element) each.open = false;
    });
    if (element?.matches(PRESSED)) press(element, valueOf(element));
  });
  document.addEventListener("change", (event) => {
    const element = event.target.closest?.("[data-action-id]");
    if (!element || element.matches(PRESSED) || isTyped(element) || !dispatches(element, "change")) return;
    press(element, valueOf(element));
  });
  document.addEventListener("keydown", (event) => {
    const element = event.target.closest?.("[data-action-id]");
    if (event.key === "Escape") closeMenus(event);
    if (!element || !isTyped(element) || event.key !== "Enter" || element.localName === "textarea") return;
    if (element.closest("[data-input]")?.dataset.dispatches !== "true" || !dispatches(element, "on_enter_pressed")) return;
    event.preventDefault();
    press(element, valueOf(element));
  });
  document.addEventListener("input", (event) => {
    const element = event.target.closest?.("[data-dispatch~=on_character_entered]");
    if (element && dispatches(element, "on_character_entered")) press(element, valueOf(element));
  });
  document.addEventListener("toggle", (event) => event.target.matches("details.overflow[open]") && place(event.target), true);
  document.addEventListener("focusin", (event) => suggest(event.target));
}

// A menu opens upwards where there is no room below it.
function place(menu) {
  const edge = menu.closest(".scroll, .modal-body")?.getBoundingClientRect().bottom ?? innerHeight;
  menu.classList.remove("up");
  menu.classList.toggle("up", menu.querySelector("ul").getBoundingClientRect().bottom > edge);
}

function closeMenus(event) {
  const open = document.querySelector("details.overflow[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
  event.preventDefault();
}

async function suggest(element) {
  if (!element.matches?.("select[data-suggests]") || element.dataset.asked) return;
  element.dataset.asked = "yes";
  const { actionId, blockId } = element.dataset;
  const outcome = await send("suggest", { ...placeOf(element), action_id: actionId, block_id: blockId, typed: "" });
  for (const { value, text } of outcome.options ?? []) {
    if (![...element.options].some((each) => each.value === value)) element.append(new Option(text, value));
  }
}
