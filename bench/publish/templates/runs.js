"use strict";
// Sorts, filters and pages the table of runs. Texts come from strangers' records: they are set as
// text and never as markup.
(function () {
  const SIZE = 50;
  const data = JSON.parse(document.getElementById("rows").textContent);
  const table = document.getElementById("runs");
  const body = table.tBodies[0];
  const columns = data.columns;
  const numbers = new Set(data.numbers);
  const machine = columns.indexOf("machine") + 1;
  const texts = data.rows.map((row) => [...row, data.gpus[row[machine]]].join(" ").toLowerCase());
  const state = { column: 1, down: true, page: 0, found: data.rows.map((_, i) => i) };
  const selects = ["status", "task", "environment"];
  const at = (id) => document.getElementById(id);

  function fill(name) {
    const place = columns.indexOf(name) + 1;
    for (const value of [...new Set(data.rows.map((row) => row[place]))].sort()) {
      const option = document.createElement("option");
      option.value = option.textContent = value;
      at(name).append(option);
    }
  }

  function compare(a, b) {
    const x = data.rows[a][state.column];
    const y = data.rows[b][state.column];
    if (x === y) return a - b;
    if (x === null || y === null) return x === null ? 1 : -1; // what is missing comes last
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x) < String(y) ? -1 : 1;
    return state.down ? -order : order;
  }

  function search() {
    const words = at("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects
      .map((name) => [columns.indexOf(name) + 1, at(name).value])
      .filter(([, value]) => value !== "");
    state.found = data.rows
      .map((_, i) => i)
      .filter((i) => words.every((word) => texts[i].includes(word)))
      .filter((i) => wanted.every(([place, value]) => String(data.rows[i][place]) === value))
      .sort(compare);
    state.page = 0;
    show();
  }

  function line(row) {
    const tr = document.createElement("tr");
    const th = document.createElement("th");
    th.scope = "row";
    const link = document.createElement("a");
    link.href = "runs/" + encodeURIComponent(row[0]) + ".html";
    link.textContent = "open";
    const unseen = document.createElement("span");
    unseen.className = "unseen";
    unseen.textContent = " " + row[0];
    link.append(unseen);
    th.append(link);
    tr.append(th);
    row.slice(1).forEach((value, i) => {
      const td = document.createElement("td");
      td.textContent = value === null ? "–" : String(value);
      if (numbers.has(columns[i])) td.className = "number";
      tr.append(td);
    });
    return tr;
  }

  function show() {
    const last = Math.max(0, Math.ceil(state.found.length / SIZE) - 1);
    const start = state.page * SIZE;
    const rows = state.found.slice(start, start + SIZE);
    body.replaceChildren(...rows.map((i) => line(data.rows[i])));
    at("shown").textContent =
      state.found.length === 0
        ? "No run matches."
        : `${start + 1} to ${start + rows.length} of ${state.found.length} runs` +
          (state.found.length < data.rows.length ? `, out of ${data.rows.length}` : "");
    at("place").textContent = `page ${state.page + 1} of ${last + 1}`;
    // marked and not disabled: a disabled button would lose the focus of the keyboard
    at("before").setAttribute("aria-disabled", String(state.page === 0));
    at("after").setAttribute("aria-disabled", String(state.page === last));
    at("paging").hidden = last === 0;
    [...table.tHead.rows[0].cells].forEach((th, i) => {
      if (i === 0) return;
      th.setAttribute("aria-sort", i !== state.column ? "none" : state.down ? "descending" : "ascending");
    });
  }

  function turn(step, button) {
    if (at(button).getAttribute("aria-disabled") === "true") return;
    state.page += step;
    show();
  }

  columns.forEach((name, i) => {
    const th = table.tHead.rows[0].cells[i + 1];
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      state.down = state.column === i + 1 ? !state.down : false;
      state.column = i + 1;
      search();
    });
    th.replaceChildren(button);
  });
  selects.forEach(fill);
  selects.forEach((name) => at(name).addEventListener("change", search));
  at("words").addEventListener("input", search);
  at("before").addEventListener("click", () => turn(-1, "before"));
  at("after").addEventListener("click", () => turn(1, "after"));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").hidden = false;
  search();
})();
