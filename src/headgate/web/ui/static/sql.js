// The editor of SQL: runs by Ctrl+Enter, completes names by Ctrl+Space, and looks at a running statement again.

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

if (document.querySelector("[data-running]")) location.reload();
