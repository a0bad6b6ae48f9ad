"use strict";
// Sorting and filtering for the tables. Without scripts the page loses these two and nothing else.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Numbers start with the largest, because that is where trouble is.
      const numeric = !head.classList.contains("l");
      const before = head.getAttribute("aria-sort");
      const down = before ? before === "ascending" : numeric;
      const value = (row) => {
        const cell = row.cells[column];
        return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent.trim().toLowerCase();
      };
      const order = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
      const rows = [...body.rows].sort((a, b) => (down ? -1 : 1) * order(value(a), value(b)));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...rows);
    });
  });
}
for (const tools of document.querySelectorAll(".tools[hidden]")) {
  const input = tools.querySelector("input");
  const told = tools.querySelector("output");
  const rows = [...document.getElementById(input.dataset.table).tBodies[0].rows];
  tools.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    told.textContent = wanted ? `${shown} of ${rows.length}` : "";
  });
}
addEventListener("beforeprint", () => {
  // Paper has no folds: the stories of the first reasons are printed, the rest are in the file.
  for (const fold of [...document.querySelectorAll(".reasons details")].slice(0, 3)) fold.open = true;
});
