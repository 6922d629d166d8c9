// Fills the tiles of a page: each when it comes into view, all at once, and again when something new was recorded.

import { Chart, prepare } from "./chart.js";
import "./events.js";

const LIVE_MS = 1000;
const FIRST_MS = 500; // what the other tiles wait for the first chart's rows at most
const SHARE = 4; // tiles that take long are asked for a quarter of the time at most
const tiles = new Map();

// The address of this page with other filters. Links and the back button work, for it is a plain navigation.
function go(change) {
  const address = new URL(location.href);
  change(address.searchParams);
  location.assign(address);
}

const pause = ms => new Promise(over => setTimeout(over, ms));
const moment = ms => new Date(ms).toISOString().slice(0, 16);
const act = {
  zoom(from, to) {
    go(query => {
      query.delete("range");
      query.set("from", moment(from));
      query.set("to", moment(Math.max(to, from + 300e3)));
    });
  },
  filter(pairs) {
    go(query => {
      for (const [name, value] of pairs) if (!query.getAll(name).includes(value)) query.append(name, value);
    });
  },
};

function notice(className, text) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = text;
  return made;
}

class Tile {
  constructor(section) {
    this.section = section;
    this.body = section.querySelector(".tile-body");
    this.title = section.querySelector("h2").textContent;
    this.isChart = section.dataset.kind === "chart";
    this.visible = false;
    this.buttons();
  }

  async load(answered) {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    this.body.setAttribute("aria-busy", "true");
    try {
      const asked = fetch(this.section.dataset.tile, { signal: asking.signal });
      if (this.isChart) prepare();
      const answer = await asked;
      const tile = await answer.json();
      answered?.();
      if (!answer.ok) throw new Error(tile.error?.message ?? `Headgate answered ${answer.status}.`);
      await this.show(tile);
    } catch (error) {
      if (error.name !== "AbortError") this.say("notice bad", error.message || "The tile could not be loaded.");
    } finally {
      if (this.asking === asking) {
        this.asking = undefined;
        this.body.removeAttribute("aria-busy");
      }
      answered?.();
    }
  }

  async show(tile) {
    this.sql = tile.sql;
    this.section.classList.toggle("truncated", tile.truncated);
    if (tile.error) return this.say("notice bad", tile.error);
    if (!tile.count) return this.say("nothing soft", tile.empty);
    if (tile.chart) {
      this.chart ??= new Chart(this.body, this.title, act);
      await this.chart.show(tile);
    } else {
      // The server's template has escaped every value in it.
      this.body.innerHTML = tile.html;
    }
    this.section.dataset.drawn = "true";
  }

  say(className, text) {
    this.chart?.close();
    this.chart = undefined;
    this.body.replaceChildren(notice(className, text));
    this.section.dataset.drawn = "true";
  }

  buttons() {
    const png = this.section.querySelector("[data-png]"), sql = this.section.querySelector("[data-sql]");
    for (const button of [png, sql]) if (button) button.hidden = false;
    png?.addEventListener("click", () => this.png());
    sql?.addEventListener("click", () => this.showSql());
  }

  async png() {
    if (!this.chart?.made) return;
    const link = document.createElement("a");
    link.href = await this.chart.png();
    link.download = `${this.section.id.replace(/^tile-/, "headgate-")}.png`;
    link.click();
  }

  showSql() {
    const open = this.section.querySelector(".tile-sql");
    if (open) return open.remove();
    const text = document.createElement("pre");
    text.className = "tile-sql";
    text.tabIndex = 0;
    text.textContent = this.sql ?? "";
    this.section.append(text);
    text.focus();
  }
}

// Something was recorded: the tiles in view are asked again, every second at most, and never while the last time still runs.
let last = 0, took = 0, running = false, waiting = 0;
async function refresh() {
  const wait = Math.max(LIVE_MS, SHARE * took) - (performance.now() - last);
  if (running || wait > 0 || document.hidden) {
    waiting ||= setTimeout(() => { waiting = 0; refresh(); }, Math.max(wait, 200));
    return;
  }
  running = true;
  last = performance.now();
  try {
    await Promise.all([...tiles.values()].filter(tile => tile.visible && !tile.asking).map(tile => tile.load()));
  } finally {
    running = false;
    took = performance.now() - last;
  }
}

// Values to choose from while typing a filter: asked for once, when the form is opened.
async function suggest(form) {
  if (form.dataset.filled) return;
  form.dataset.filled = "true";
  await Promise.all([...form.querySelectorAll("input[data-values]")].map(async input => {
    const answer = await fetch(`/filters/${input.name}${location.search}`);
    if (!answer.ok) return;
    const list = document.createElement("datalist");
    list.id = `values-${input.name}`;
    list.append(...(await answer.json()).map(value => Object.assign(document.createElement("option"), { value })));
    input.after(list);
    input.setAttribute("list", list.id);
  }));
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll(".tile-menu[open], .filter-more[open], .tile .about[open]")) if (!menu.contains(except)) menu.open = false;
}

function begin() {
  const seen = new IntersectionObserver(entries => {
    const begun = [];
    for (const { target, isIntersecting } of entries) {
      const tile = tiles.get(target);
      if (isIntersecting && !tile.visible && !tile.section.dataset.drawn) begun.push(tile);
      tile.visible = isIntersecting;
    }
    first.then(() => { for (const tile of begun) if (!tile.asking && !tile.section.dataset.drawn) tile.load(); });
  }, { rootMargin: "200px" });
  const sized = new ResizeObserver(entries => {
    for (const { target } of entries) tiles.get(target.closest("[data-tile]"))?.chart?.resized();
  });
  for (const section of document.querySelectorAll("[data-tile]")) {
    const tile = new Tile(section);
    tiles.set(section, tile);
    seen.observe(section);
    sized.observe(tile.body);
  }
  // The first chart first: the page has begun to fetch its rows. The other tiles are asked when these are here; until then they would only take its cores.
  const chart = [...tiles.values()].find(tile => tile.isChart);
  const first = Promise.race([chart ? new Promise(answered => chart.load(answered)) : undefined, pause(FIRST_MS)]);
  const filters = document.querySelector(".filter-more");
  filters?.addEventListener("toggle", () => { if (filters.open) suggest(filters); });
  const redraw = () => { for (const { chart } of tiles.values()) if (chart?.made) chart.draw(); };
  addEventListener("headgate-theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("headgate-recorded", refresh);
  addEventListener("pagehide", () => { for (const { asking } of tiles.values()) asking?.abort(); });
  addEventListener("click", event => closeMenus(event.target));
  addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest?.("details[open]");
    closeMenus();
    open?.querySelector("summary")?.focus();
  });
}

begin();
