// A list of messages that is kept true: added to, replaced in place, taken from.

import { dayOf, showTimes } from "./times.js";
import { showTables } from "./tables.js";

export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

function shown(article) {
  showTimes(article);
  showTables(article);
  return article;
}

function mark(article, kind) {
  article.classList.add(kind);
  setTimeout(() => article.classList.remove(kind), 2600);
}

function find(log, ts) {
  return log.querySelector(`article[data-ts="${CSS.escape(ts)}"]`);
}

// A press that is under way, and a list that is open, outlive the replacement around them.
function keepOpen(before, after) {
  before.querySelectorAll("details").forEach((each, index) => {
    const other = after.querySelectorAll("details")[index];
    if (each.open && other && !each.classList.contains("overflow")) other.open = true;
  });
  const held = before.contains(document.activeElement) ? document.activeElement.dataset.actionId : null;
  return () => held && after.querySelector(`[data-action-id="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

export function put(log, ts, html) {
  const article = shown(parsed(html));
  const before = find(log, ts);
  if (before) {
    if (before.dataset.version === article.dataset.version) return null;
    const refocus = keepOpen(before, article);
    before.replaceWith(article);
    refocus();
    days(log);
    return article;
  }
  const next = [...log.querySelectorAll("article[data-ts]")].find((each) => each.dataset.ts > ts);
  log.insertBefore(article, next ?? null);
  days(log);
  return article;
}

export function putNew(log, ts, html) {
  const isThere = Boolean(find(log, ts));
  const article = put(log, ts, html);
  if (article) mark(article, isThere ? "changed" : "fresh");
  return article;
}

export function putChanged(log, ts, html) {
  const article = put(log, ts, html);
  if (article) mark(article, "changed");
  return article;
}

export function remove(log, ts) {
  const article = log && find(log, ts);
  if (!article) return;
  const next = article.nextElementSibling;
  article.remove();
  next?.classList.remove("follows");
  days(log);
}

// After a line that was cut: what the server has now is what stands here.
export function settle(log, messages) {
  const known = new Set(messages.map(([ts]) => ts));
  for (const article of log.querySelectorAll("article[data-ts]")) {
    if (!known.has(article.dataset.ts)) article.remove();
  }
  for (const [ts, html] of messages) put(log, ts, html);
}

export function days(log) {
  if (log.id !== "messages") return;
  log.querySelectorAll(".day").forEach((each) => each.remove());
  let last;
  for (const article of log.querySelectorAll("article[data-ts]")) {
    const day = dayOf(Number(article.dataset.ts));
    if (day.key !== last) {
      const divider = parsed('<div class="day" role="separator"><span></span></div>');
      divider.firstElementChild.textContent = day.label;
      article.before(divider);
      article.classList.remove("follows");
    }
    last = day.key;
  }
}

export function announce(article, how) {
  const who = article.querySelector(".author")?.textContent ?? "";
  const text = article.querySelector(".content")?.textContent.replace(/\s+/g, " ").trim().slice(0, 240) ?? "";
  document.getElementById("announcer").textContent = `${how} ${who}: ${text}`;
}

export function showAll(log) {
  shown(log);
  days(log);
}
