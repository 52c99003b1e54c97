// Where one types: completes slash commands, grows with the text, sends on Enter.

import { send, toast } from "./server.js";

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
}

async function say(form, area, body) {
  const text = area.value;
  if (!text.trim()) return;
  area.value = "";
  area.dispatchEvent(new Event("input"));
  form.setAttribute("aria-busy", "true");
  form.dispatchEvent(new CustomEvent("said"));
  const outcome = await send("say", { ...body, text });
  form.removeAttribute("aria-busy");
  // What the workspace answers with a message is read there; the rest is told here, and the words are given back.
  if (outcome.error && !outcome.ts) {
    toast(outcome.shown || `That was not sent: ${outcome.error}`);
    if (!area.value) {
      area.value = text;
      area.dispatchEvent(new Event("input"));
    }
  }
}

function typing(form, area, body, takes = () => false) {
  const button = form.querySelector(".send");
  area.addEventListener("input", () => {
    grow(area);
    button.disabled = !area.value.trim();
  });
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || takes(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      say(form, area, body());
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form, area, body());
    area.focus();
  });
}

class Completions {
  constructor(form, area) {
    this.area = area;
    this.list = form.querySelector("#completions");
    this.commands = JSON.parse(form.dataset.commands);
    this.found = [];
    this.active = 0;
    area.addEventListener("input", () => this.look());
    area.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    this.list.addEventListener("pointerdown", (event) => {
      const entry = event.target.closest("[role=option]");
      if (!entry) return;
      event.preventDefault();
      this.take(this.found[Number(entry.dataset.index)]);
    });
  }

  look() {
    const typed = this.area.value.trimStart();
    const name = /^\/\S*/.exec(typed)?.[0];
    if (!name) return this.hide();
    const isWhole = typed.length > name.length;
    this.found = this.commands.filter((each) => (isWhole ? each.name === name : each.name.startsWith(name.toLowerCase())));
    this.isHint = isWhole;
    this.active = 0;
    return this.found.length ? this.show() : this.hide();
  }

  show() {
    this.list.replaceChildren(...this.found.map((command, index) => this.entry(command, index)));
    this.list.classList.toggle("only-hint", this.isHint);
    this.list.hidden = false;
    this.area.setAttribute("aria-expanded", "true");
    if (this.isHint) this.area.removeAttribute("aria-activedescendant");
    else this.area.setAttribute("aria-activedescendant", `completion-${this.active}`);
  }

  entry(command, index) {
    const item = document.createElement("li");
    item.id = `completion-${index}`;
    item.dataset.index = index;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(!this.isHint && index === this.active));
    for (const [name, text] of [["name", command.name], ["usage", command.hint], ["what", command.description]]) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      item.append(part);
    }
    return item;
  }

  hide() {
    this.list.hidden = true;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  take(command) {
    this.area.value = `${command.name} `;
    this.area.focus();
    this.area.dispatchEvent(new Event("input"));
  }

  takes(event) {
    if (this.list.hidden) return false;
    if (event.key === "Escape") {
      this.hide();
    } else if (this.isHint) {
      return false;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + step + this.found.length) % this.found.length;
      this.show();
    } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
      const chosen = this.found[this.active];
      if (event.key === "Enter" && this.area.value.trim() === chosen.name) {
        this.hide();
        return false;
      }
      this.take(chosen);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }
}

export function listenTo(form, body) {
  if (!form) return;
  const area = form.querySelector("textarea");
  const completions = form.dataset.commands ? new Completions(form, area) : null;
  typing(form, area, body, (event) => completions?.takes(event) ?? false);
}
