// What a reader does with a chart: the crosshair and the text beside the pointer, a drag that zooms the range, and a click that adds a filter.

import { bucketText, written } from "./number_text.js";

const DRAG_PX = 6;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A box of lines: each a colour, a name and a value. All of it is text.
function tip(title, lines, total) {
  const box = element("div", "tip");
  if (title) box.append(element("div", "tip-title", title));
  for (const { colour, name, value, strong } of lines) {
    const line = element("div", strong ? "tip-line strong" : "tip-line");
    const mark = element("i");
    if (colour) mark.style.background = colour; else mark.hidden = true;
    line.append(mark, element("span", "", name), element("b", "", value));
    box.append(line);
  }
  if (total) {
    const line = element("div", "tip-line tip-total");
    line.append(element("i"), element("span", "", "Total"), element("b", "", total));
    line.firstChild.hidden = true;
    box.append(line);
  }
  return box;
}

function place(box, holder, x, y) {
  holder.append(box);
  const [width, room] = [box.offsetWidth, holder.clientWidth];
  box.style.left = `${x + 14 + width > room ? Math.max(0, x - width - 14) : x + 14}px`;
  box.style.top = `${Math.max(0, Math.min(y - 10, holder.clientHeight - box.offsetHeight))}px`;
}

function nearest(moments, at, inBuckets) {
  let found;
  for (const moment of moments) {
    if (inBuckets ? moment <= at && (found === undefined || moment > found) : found === undefined || Math.abs(moment - at) < Math.abs(found - at)) found = moment;
  }
  return found;
}

export class Plot {
  // `holder` is the chart's box; `shown` what it shows: tile, rows, outline, series, colours by series, and what to do with a range or a filter.
  constructor(holder, view, shown) {
    Object.assign(this, { holder, view, shown });
    this.moments = [...new Set(shown.rows.map(row => row[shown.shape.time]))].filter(Number.isFinite).sort((one, other) => one - other);
    this.cross = element("div", "cross");
    this.band = element("div", "band");
    this.box = null;
    this.from = null;
    this.dragged = false;
    this.ending = new AbortController();
    const listen = (name, call) => holder.addEventListener(name, call, { signal: this.ending.signal });
    listen("pointermove", event => this.move(event));
    listen("pointerleave", () => this.clear());
    if (shown.tile.brush && shown.shape.time) {
      holder.classList.add("brushes");
      listen("pointerdown", event => this.begin(event));
      listen("pointerup", event => this.end(event));
      listen("pointercancel", () => this.cancel());
    }
    view.addEventListener("pointermove", (event, item) => { if (!this.timed) this.overItem(event, item); });
    view.addEventListener("click", (_, item) => this.click(item));
  }

  get timed() {
    return Boolean(this.shown.shape.time && this.moments.length && this.shown.shape.measures.length);
  }

  close() {
    this.clear();
    this.ending.abort();
  }

  // Where the pointer is: in the box, and as a moment on the time axis.
  at(event) {
    const frame = this.holder.getBoundingClientRect(), origin = this.view.origin();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const [left, width] = [origin[0] + this.inset(), this.view.signal("width")];
    const inside = Math.max(0, Math.min(width, x - left));
    return { x, y, left, width, inside, within: x >= left - 4 && x <= left + width + 4, moment: Number(this.view.scale("x").invert(inside)) };
  }

  inset() {
    const svg = this.holder.querySelector("svg.marks");
    return svg ? svg.getBoundingClientRect().left - this.holder.getBoundingClientRect().left : 0;
  }

  px(moment) {
    return this.view.scale("x")(moment);
  }

  move(event) {
    if (!this.timed) return;
    const at = this.at(event);
    if (this.from) {
      const [one, other] = [Math.min(this.from.inside, at.inside), Math.max(this.from.inside, at.inside)];
      if (!this.dragged && other - one <= DRAG_PX) return;
      if (!this.dragged) this.holder.setPointerCapture(event.pointerId); // not before: a click belongs to the mark under it
      this.dragged = true;
      this.hide();
      this.band.style.left = `${at.left + one}px`;
      this.band.style.width = `${other - one}px`;
      this.holder.append(this.band);
      return;
    }
    if (!at.within) return this.clear();
    this.overTime(at);
  }

  overTime(at) {
    const { shape, rows, series, colourOf, tile, hidden } = this.shown;
    const bars = shape.marks.has("bar") && shape.bucketed;
    const moment = nearest(this.moments, at.moment, bars) ?? this.moments[0];
    const here = rows.filter(row => row[shape.time] === moment && !hidden.has(row[shape.series]));
    const how = tile.formats[shape.measures[0].field];
    const lines = shape.series
      ? series.flatMap(name => here.filter(row => row[shape.series] === name)
        .map(row => ({ colour: colourOf(name), name: String(name ?? "–"), value: written(row[shape.measures[0].field], how) })))
      : here.slice(0, 1).flatMap(row => shape.measures.map(({ field, title }) => ({ name: title, value: written(row[field], tile.formats[field]) })));
    this.hide();
    if (!lines.length) return;
    const sum = here.reduce((total, row) => total + (Number(row[shape.measures[0].field]) || 0), 0);
    const total = shape.series && shape.stacked && lines.length > 1 ? written(sum, how) : "";
    const step = { hour: 3600e3, day: 86400e3, week: 7 * 86400e3 }[tile.range.bucket];
    const x = at.left + this.px(bars ? moment + step / 2 : moment);
    this.cross.style.left = `${x}px`;
    this.holder.append(this.cross);
    const title = shape.bucketed ? bucketText(moment, tile.range.bucket) : new Date(moment).toISOString().slice(0, 16).replace("T", " ");
    this.box = tip(title, lines.slice(0, 14), total);
    place(this.box, this.holder, x, at.y);
  }

  overItem(event, item) {
    this.hide();
    const { tile, shape, colourOf } = this.shown;
    const datum = item?.datum;
    if (!datum || item.mark.role !== "mark") return;
    const there = tile.columns.filter(column => column.name in datum);
    if (!there.length) return;
    const lines = there.map(column => ({
      colour: column.name === shape.series ? colourOf(datum[column.name]) : "",
      name: column.name.replaceAll("_", " "), value: written(datum[column.name], tile.formats[column.name]),
    }));
    const frame = this.holder.getBoundingClientRect();
    this.box = tip("", lines, "");
    place(this.box, this.holder, event.clientX - frame.left, event.clientY - frame.top);
  }

  begin(event) {
    const at = this.at(event);
    if (event.button || !at.within || event.pointerType === "touch") return;
    this.from = at;
    this.dragged = false;
    event.preventDefault();
  }

  end(event) {
    if (!this.from) return;
    const [from, to] = [this.from, this.at(event)].map(each => each.moment).sort((one, other) => one - other);
    const zoom = this.dragged;
    this.cancel();
    this.dragged = zoom; // the click that follows a drag is none
    if (zoom) this.shown.zoom(from, to);
  }

  cancel() {
    this.from = null;
    this.dragged = false;
    this.band.remove();
  }

  click(item) {
    const dragged = this.dragged;
    this.dragged = false;
    const datum = item?.datum;
    if (dragged || !datum) return;
    const added = Object.entries(this.shown.tile.click).filter(([column]) => typeof datum[column] === "string" && datum[column]);
    if (added.length) this.shown.filter(added.map(([column, name]) => [name, datum[column]]));
  }

  hide() {
    this.box?.remove();
    this.box = null;
    this.cross.remove();
  }

  clear() {
    if (!this.from) this.hide();
  }
}
