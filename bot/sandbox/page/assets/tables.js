// Pages and sorts a data table; without this script it stands there whole.

export function showTables(root) {
  root.querySelectorAll("table[data-page-size]").forEach(prepare);
}

function prepare(table) {
  if (table.dataset.ready) return;
  table.dataset.ready = "yes";
  const size = Number(table.dataset.pageSize) || 5;
  const body = table.tBodies[0];
  let page = 0;
  const pager = document.createElement("div");
  pager.className = "pager";
  const [back, where, on] = ["button", "span", "button"].map((name) => document.createElement(name));
  for (const [button, text, step] of [[back, "Previous", -1], [on, "Next", 1]]) {
    button.type = "button";
    button.className = "button plain small";
    button.textContent = text;
    button.addEventListener("click", () => { page += step; show(); });
  }
  pager.append(back, where, on);

  function show() {
    const rows = [...body.rows];
    const pages = Math.max(1, Math.ceil(rows.length / size));
    page = Math.min(Math.max(page, 0), pages - 1);
    rows.forEach((row, index) => { row.hidden = Math.floor(index / size) !== page; });
    where.textContent = `${page * size + 1}–${Math.min(rows.length, (page + 1) * size)} of ${rows.length}`;
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
    pager.hidden = pages < 2;
  }

  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => compare(a.cells[column], b.cells[column]) * (down ? -1 : 1));
      body.append(...rows);
      page = 0;
      show();
    });
  });
  table.parentElement.after(pager);
  show();
}

function compare(a, b) {
  const [x, y] = [a, b].map((cell) => Number(cell?.dataset.number ?? NaN));
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return (a?.textContent ?? "").localeCompare(b?.textContent ?? "");
}
