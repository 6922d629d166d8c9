// Draws one chart: loads Vega once, keeps the switches of its series, and draws again when its width or the theme changes.

import { outline, records, seriesOf, specification } from "./chart_spec.js";
import { Plot } from "./plot.js";

let loading;

// Vega as a script of our own host; it interprets expressions, so that no code is made from text.
function vega() {
  loading ??= import(document.querySelector("[data-vega]").dataset.vega).then(() => window.vegaEmbed);
  return loading;
}

// Begin to load Vega, while the rows of a chart are still asked for.
export function prepare() {
  vega().catch(() => { loading = undefined; });
}

// The colours of the style sheet as Vega takes them: what a variable comes to in the theme that is on.
function colours() {
  const probe = document.createElement("i");
  document.body.append(probe);
  const of = name => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const category = [1, 2, 3, 4, 5, 6, 7, 8].map(number => of(`--c${number}`));
  const found = { category, soft: of("--soft"), line: of("--line"), text: of("--text"), card: of("--card"), heat: [of("--well"), of("--c1")] };
  probe.remove();
  return found;
}

function legend(series, colourOf, hidden, toggled) {
  const list = document.createElement("div");
  list.className = "legend";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Series: press one to hide or show it");
  for (const name of series) {
    const button = document.createElement("button"), mark = document.createElement("i");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    mark.style.background = colourOf(name);
    button.append(mark, String(name ?? "–"));
    button.addEventListener("click", () => toggled(name));
    list.append(button);
  }
  return list;
}

export class Chart {
  constructor(body, title, act) {
    Object.assign(this, { body, title, act });
    this.hidden = new Set();
    this.holder = document.createElement("div");
    this.holder.className = "plot";
    this.holder.setAttribute("role", "img");
    this.width = 0;
    this.turn = 0;
  }

  async show(tile) {
    this.tile = tile;
    this.rows = records(tile);
    this.shape = outline(tile);
    this.series = this.shape.series ? seriesOf(this.rows, this.shape) : [];
    await this.draw();
  }

  async draw() {
    const turn = ++this.turn, embed = await vega(), { tile, rows, shape, series, hidden } = this;
    if (turn !== this.turn) return;
    const palette = colours();
    const colourOf = name => palette.category[series.indexOf(name) % palette.category.length];
    this.width = this.body.clientWidth;
    const spec = specification(tile, rows, shape, series, {
      width: Math.max(120, this.width), height: tile.height, colours: palette, font: getComputedStyle(document.body).fontFamily, hidden,
    });
    const target = document.createElement("div");
    const made = await embed(target, spec, {
      ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: false, hover: false, downloadFileName: tile.name,
    });
    if (turn !== this.turn) return made.finalize();
    this.close();
    this.made = made;
    this.holder.replaceChildren(target);
    const kinds = [...shape.marks].join(" and ");
    this.holder.setAttribute("aria-label", `${this.title}: a chart of ${kinds} marks over ${rows.length} rows. The table view in the menu has the numbers.`);
    const shown = { tile, rows, shape, series, colourOf, hidden, zoom: this.act.zoom, filter: this.act.filter };
    this.plot = new Plot(this.holder, made.view, shown);
    this.holder.classList.toggle("clicks", Object.keys(tile.click).length > 0);
    this.body.replaceChildren(this.holder, ...(series.length > 1 ? [legend(series, colourOf, hidden, name => this.toggle(name))] : []));
  }

  async toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    if (this.hidden.size >= this.series.length) this.hidden.clear();
    await this.draw();
    this.body.querySelectorAll(".legend button")[this.series.indexOf(name)]?.focus();
  }

  // Only a new width needs a new drawing: one for a new height would close what is open beneath it.
  resized() {
    if (this.made && Math.abs(this.body.clientWidth - this.width) > 1) this.draw();
  }

  async png() {
    const view = this.made.view;
    view.background(colours().card);
    try {
      return await view.toImageURL("png", 2);
    } finally {
      view.background(null);
      view.runAsync();
    }
  }

  close() {
    this.plot?.close();
    this.made?.finalize();
    this.made = this.plot = undefined;
  }
}
