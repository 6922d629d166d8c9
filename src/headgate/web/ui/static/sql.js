// The editor of SQL: runs by Ctrl+Enter, completes names by Ctrl+Space, looks at a running statement again, and draws a result as a chart.

import { Chart } from "./chart.js";

const editor = document.querySelector("[data-sql]");
const WORDS = "SELECT FROM WHERE GROUP BY ALL ORDER BY LIMIT HAVING WITH AS JOIN LEFT JOIN ON AND OR NOT IN LIKE BETWEEN IS NULL CASE WHEN THEN ELSE END DISTINCT UNION ALL INTERVAL DAYS HOURS count sum avg min max approx_percentile approx_count_distinct date_trunc current_timestamp current_user coalesce DESC ASC SHOW TABLES DESCRIBE".split(" ");
let names = null;

async function known() {
  if (names === null) {
    const answer = await fetch("/sql/names");
    names = answer.ok ? (await answer.json()).tables : [];
  }
  const columns = names.flatMap(table => editor.value.includes(table.name) ? table.columns : []);
  return [...new Set([...columns, ...names.map(table => table.name), ...WORDS])];
}

// A list of completions below the editor: arrows choose, Enter or Tab takes, Escape closes.
class Completions {
  constructor() {
    this.list = document.createElement("ul");
    this.list.className = "completions";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    editor.after(this.list);
    this.found = [];
    this.chosen = 0;
  }

  word() {
    return /[\w.`]*$/.exec(editor.value.slice(0, editor.selectionStart))[0];
  }

  async open() {
    const word = this.word().toLowerCase();
    this.found = (await known()).filter(name => name.toLowerCase().includes(word)).sort((a, b) => rank(a, word) - rank(b, word)).slice(0, 10);
    this.chosen = 0;
    this.draw();
  }

  draw() {
    this.list.hidden = this.found.length === 0;
    this.list.replaceChildren(...this.found.map((name, index) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === this.chosen));
      item.addEventListener("mousedown", event => { event.preventDefault(); this.take(name); });
      return item;
    }));
  }

  take(name) {
    const end = editor.selectionStart;
    editor.setRangeText(name, end - this.word().length, end, "end");
    this.close();
  }

  close() {
    this.found = [];
    this.draw();
  }

  key(event) {
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = (this.chosen + step + this.found.length) % this.found.length;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.take(this.found[this.chosen]);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }
}

function rank(name, word) {
  return name.toLowerCase().startsWith(word) ? 0 : name.toLowerCase().includes(`.${word}`) ? 1 : 2;
}

const completions = new Completions();
editor.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    editor.form.requestSubmit();
  } else if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    completions.open();
  } else {
    completions.key(event);
  }
});
editor.addEventListener("input", () => { if (!completions.list.hidden) completions.open(); });
editor.addEventListener("blur", () => completions.close());

// A result as a chart: the first column across and the first column of numbers up, until the reader chooses otherwise.
class ResultChart {
  constructor(section) {
    this.section = section;
    this.selects = Object.fromEntries([...section.querySelectorAll("select")].map(select => [select.name, select]));
    this.chart = new Chart(section.querySelector(".tile-body"), "The result", { zoom() {}, filter() {} });
    section.addEventListener("change", () => this.draw());
    addEventListener("resize", () => this.chart.resized());
    addEventListener("headgate-theme", () => { if (this.chart.made) this.chart.draw(); });
  }

  async open() {
    if (this.columns) return;
    const { columns, rows } = await (await fetch(this.section.dataset.chart)).json();
    Object.assign(this, { columns, rows });
    const names = columns.map(column => column.name), number = columns.find(column => NUMBERS.test(column.type) && column !== columns[0]);
    this.fill("x", names, names[0]);
    this.fill("y", names, (number ?? columns.at(-1)).name);
    this.fill("color", ["", ...names], "");
    if (TIMES.test(columns[0].type)) this.selects.mark.value = "line";
    await this.draw();
  }

  fill(name, values, chosen) {
    this.selects[name].replaceChildren(...values.map(value => new Option(value || "none", value, value === chosen, value === chosen)));
  }

  async draw() {
    const { mark, x, y, color } = Object.fromEntries(Object.entries(this.selects).map(([name, select]) => [name, select.value]));
    const encoding = { x: { field: x }, y: { field: y }, ...(color ? { color: { field: color } } : {}) };
    const moments = this.rows.map(row => Date.parse(row[this.columns.findIndex(column => column.name === x)])).filter(Number.isFinite);
    const range = { from: Math.min(...moments), to: Math.max(...moments), bucket: "day" };
    await this.chart.show({
      name: "result", columns: this.columns, rows: this.rows, chart: { mark, encoding }, height: 300, formats: {}, click: {}, brush: false, fill: false, range,
    });
  }
}

const NUMBERS = /^(BIGINT|INT|SMALLINT|TINYINT|DOUBLE|FLOAT|DECIMAL)/, TIMES = /^(TIMESTAMP|DATE)/;
const button = document.querySelector("[data-chart-open]");
if (button) {
  const section = document.querySelector("[data-chart]"), chart = new ResultChart(section);
  button.hidden = false;
  button.addEventListener("click", () => {
    section.hidden = !section.hidden;
    button.setAttribute("aria-expanded", String(!section.hidden));
    if (!section.hidden) chart.open();
  });
}

if (document.querySelector("[data-running]")) location.reload();
