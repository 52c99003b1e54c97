// The page as a whole: what it shows, the line on which it hears of changes, threads, the sidebar.

import * as log from "./log.js";
import * as elements from "./elements.js";
import * as modal from "./modal.js";
import { listenTo } from "./composer.js";
import { send, toast } from "./server.js";
import { showTables } from "./tables.js";
import { showTimes } from "./times.js";

const channel = document.body.dataset.channel;
const user = document.body.dataset.user;
const isHome = "home" in document.body.dataset;
const scroll = document.getElementById("scroll");
const messages = document.getElementById("messages");
const below = document.getElementById("below");
const sidebar = document.getElementById("sidebar");

const pane = () => document.getElementById("thread");
const replies = () => document.getElementById("thread-messages");

// -- staying at the end

let atEnd = true;

function toEnd() {
  atEnd = true;
  scroll.scrollTop = scroll.scrollHeight;
}

function watchEnd() {
  if (!scroll) return;
  scroll.addEventListener("scroll", () => {
    atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    if (atEnd) below.hidden = true;
  });
  const keep = new ResizeObserver(() => atEnd && toEnd());
  keep.observe(messages);
  keep.observe(scroll);
  below.addEventListener("click", toEnd);
  // Who sends something wants to see what comes of it.
  document.getElementById("composer")?.addEventListener("said", toEnd);
}

// -- what the server tells

let line;
let lost;

function put(told) {
  const isThread = Boolean(told.thread);
  const place = isThread ? replies() : messages;
  if (!place || (isThread && pane().dataset.threadOf !== told.thread)) return;
  const article = told.quiet ? log.put(place, told.ts, told.html)
    : told.new ? log.putNew(place, told.ts, told.html) : log.putChanged(place, told.ts, told.html);
  if (!article || told.quiet) return;
  if (told.new && article.dataset.author !== user) log.announce(article, "Message from");
  if (!told.new) log.announce(article, "Updated message from");
  if (isThread) article.scrollIntoView({ block: "nearest" });
  else if (told.new && article.dataset.author === user) toEnd();
  else if (told.new && !atEnd) below.hidden = false;
}

function showHome(html) {
  const home = document.getElementById("home");
  if (!home) return;
  const drawn = log.parsed(html);
  home.replaceChildren(drawn);
  showTimes(home);
  showTables(home);
}

function tell(told) {
  switch (told.kind) {
    case "put": return put(told);
    case "remove": return [messages, replies()].forEach((each) => log.remove(each, told.ts));
    case "messages": return messages && log.settle(messages, told.messages);
    case "thread": return pane().dataset.threadOf === told.root && log.settle(replies(), told.messages);
    case "modal": return modal.showModal(told.html);
    case "home": return showHome(told.html);
    case "sidebar":
      sidebar.innerHTML = told.html;
      return undefined;
    default: return undefined;
  }
}

function connect() {
  line?.close();
  const asked = new URLSearchParams({ user, channel, thread: pane().dataset.threadOf ?? "", home: isHome ? "1" : "" });
  const opened = new EventSource(`/page/live?${asked}`);
  line = opened;
  opened.addEventListener("open", () => {
    clearTimeout(lost);
    lost = undefined;
    document.body.classList.remove("offline");
    document.body.dataset.live = "yes";
  });
  opened.addEventListener("message", (event) => tell(JSON.parse(event.data)));
  opened.addEventListener("error", () => {
    delete document.body.dataset.live;
    lost ??= setTimeout(() => {
      document.body.classList.add("offline");
      toast("Connection lost. Trying again…");
    }, 2500);
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => line === opened && connect(), 1500);
  });
}

// -- threads

async function openThread(root) {
  const response = await fetch(`/page/thread/${channel}/${root}?user=${user}`);
  if (!response.ok) return;
  showThread(log.parsed(await response.text()), `/c/${channel}?thread=${root}`);
  pane().querySelector("textarea")?.focus();
}

function closeThread() {
  const empty = document.createElement("aside");
  empty.id = "thread";
  empty.hidden = true;
  empty.setAttribute("aria-label", "Thread");
  showThread(empty, `/c/${channel}`);
  document.querySelector("textarea[name=composer]")?.focus();
}

function showThread(drawn, address) {
  pane().replaceWith(drawn);
  history.replaceState(null, "", address);
  prepareThread();
  connect();
}

function prepareThread() {
  const root = pane().dataset.threadOf;
  document.body.classList.toggle("with-thread", Boolean(root));
  if (!root) return;
  log.showAll(replies());
  listenTo(document.getElementById("reply"), () => ({ channel, thread: root }));
  const place = pane().querySelector(".scroll");
  place.scrollTop = place.scrollHeight;
}

// -- the app's shortcuts

async function choose(entry) {
  const article = entry.closest("article[data-ts]");
  const place = article ? { channel: article.dataset.channel, ts: article.dataset.ts } : {};
  document.querySelectorAll("details.shortcuts[open]").forEach((each) => { each.open = false; });
  const outcome = await send("shortcut", { callback_id: entry.dataset.shortcut, ...place });
  if (outcome.error) toast(outcome.shown || `That did not work: ${outcome.error}`);
}

// -- the sidebar on a phone

function showSidebar(isOpen) {
  document.body.classList.toggle("with-sidebar", isOpen);
  document.getElementById("menu").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) sidebar.querySelector("a")?.focus();
}

document.addEventListener("click", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  const thread = event.target.closest("[data-thread]");
  const dismissed = event.target.closest("[data-dismiss]");
  if (thread && isPlain) {
    event.preventDefault();
    openThread(thread.dataset.thread);
  } else if (event.target.closest("[data-close-thread]") && isPlain) {
    event.preventDefault();
    closeThread();
  } else if (event.target.closest("[data-shortcut]")) {
    choose(event.target.closest("[data-shortcut]"));
  } else if (dismissed) {
    send("dismiss", { channel, ts: dismissed.dataset.dismiss });
  } else if (event.target.closest("#menu")) {
    showSidebar(!document.body.classList.contains("with-sidebar"));
  } else if (event.target.closest("[data-veil]")) {
    showSidebar(false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("with-sidebar")) {
    showSidebar(false);
    document.getElementById("menu").focus();
  } else if (pane().contains(document.activeElement)) {
    closeThread();
  }
});

// -- begin

function goTo(ts) {
  const article = messages?.querySelector(`article[data-ts="${CSS.escape(ts)}"]`);
  if (!article) return;
  atEnd = false;
  article.scrollIntoView({ block: "center" });
  article.classList.add("changed");
}

elements.listen();
modal.listen();
listenTo(document.getElementById("composer"), () => ({ channel }));
if (messages) log.showAll(messages);
else if (isHome) {
  showTimes(document.getElementById("home"));
  showTables(document.getElementById("home"));
}
watchEnd();
prepareThread();
if (scroll) toEnd();
if (location.hash) goTo(location.hash.slice(1));
if (matchMedia("(min-width: 800px)").matches && !location.search) document.querySelector("textarea[name=composer]")?.focus();
setInterval(() => showTimes(document), 60000);
connect();
