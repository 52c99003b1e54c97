// Draws moments in the reader's own time, as Slack's date tokens ask for.

const DAY = 86400000;

function ordinal(day) {
  if (day > 3 && day < 21) return `${day}th`;
  return day + ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] || "th");
}

function written(at, month, weekday) {
  const thisYear = at.getFullYear() === new Date().getFullYear();
  const name = at.toLocaleDateString("en", { month });
  const day = weekday ? at.toLocaleDateString("en", { weekday }) + ", " : "";
  return `${day}${name} ${ordinal(at.getDate())}${thisYear && !weekday ? "" : ", " + at.getFullYear()}`;
}

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

export function pretty(at) {
  const days = Math.round((midnight(at) - midnight(new Date())) / DAY);
  return { 0: "Today", "-1": "Yesterday", 1: "Tomorrow" }[days];
}

function ago(at) {
  const minutes = Math.round((Date.now() - at.getTime()) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} hour${hours === 1 ? "" : "s"} ago`;
  return written(at, "short");
}

function token(name, at) {
  const clock = { hour: "numeric", minute: "2-digit" };
  const relative = (month, weekday) => pretty(at)?.toLowerCase() ?? written(at, month, weekday);
  switch (name) {
    case "date_num": return at.toLocaleDateString("sv");
    case "date_slash": return at.toLocaleDateString("en-US");
    case "date": return written(at, "long");
    case "date_short": return written(at, "short");
    case "date_long": return written(at, "long", "long");
    case "date_weekday": return at.toLocaleDateString("en", { weekday: "short", month: "short", day: "numeric", year: "numeric" });
    case "date_weekday_long": return at.toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric", year: "numeric" });
    case "date_pretty": return relative("long");
    case "date_short_pretty": return relative("short");
    case "date_long_pretty": return relative("long", "long");
    case "time": return at.toLocaleTimeString([], clock);
    case "time_secs": return at.toLocaleTimeString([], { ...clock, second: "2-digit" });
    case "ago": return ago(at);
    default: return `{${name}}`;
  }
}

export function showTimes(root) {
  for (const element of root.querySelectorAll("time[data-form]")) {
    const at = new Date(Number(element.dataset.seconds) * 1000);
    if (Number.isNaN(at.getTime())) continue;
    let text = element.dataset.form.replace(/\{(\w+)\}/g, (_, name) => token(name, at));
    // A sentence that begins with the day begins with a capital.
    if (/^\{date\w*_pretty\}/.test(element.dataset.form)) text = text[0].toUpperCase() + text.slice(1);
    element.textContent = text;
    element.title = at.toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
  }
}

export function dayOf(seconds) {
  const at = new Date(seconds * 1000);
  return { key: midnight(at), label: pretty(at) ?? at.toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" }) };
}
