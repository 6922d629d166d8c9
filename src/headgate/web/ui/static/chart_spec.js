// A dashboard's chart as a complete Vega-Lite specification: the tile's rows, our theme, the range on the time axis, and the formats of its columns.

import { AXIS_TEXT } from "./number_text.js";

const STEP_MS = { hour: 3600e3, day: 86400e3, week: 7 * 86400e3 };
const NUMBERS = /^(BIGINT|INT|SMALLINT|TINYINT|DOUBLE|FLOAT|DECIMAL)/;
const TIMES = /^(TIMESTAMP|DATE)/;

function typeOf(column) {
  return TIMES.test(column.type) ? "temporal" : NUMBERS.test(column.type) ? "quantitative" : "nominal";
}

// The rows as objects, moments as milliseconds.
export function records(tile) {
  const times = tile.columns.map(column => TIMES.test(column.type));
  return tile.rows.map(row => {
    const record = {};
    tile.columns.forEach((column, index) => {
      const value = row[index];
      record[column.name] = times[index] && typeof value === "string" ? Date.parse(/T|\s/.test(value) ? value : `${value}T00:00:00Z`) : value;
    });
    return record;
  });
}

const units = chart => [chart, ...(chart.layer ?? []).flatMap(units)];
const markOf = unit => typeof unit.mark === "string" ? unit.mark : unit.mark?.type;

// What a chart shows, read from its encodings: its time column, the column of its series, and the columns that it measures.
export function outline(tile) {
  const all = units(tile.chart);
  const channels = (...names) => all.flatMap(unit => names.map(name => unit.encoding?.[name]).filter(channel => channel?.field));
  const kind = channel => channel.type ?? typeOf(tile.columns.find(column => column.name === channel.field) ?? { type: "" });
  const time = channels("x").find(channel => kind(channel) === "temporal");
  const series = channels("color", "fill", "stroke").find(channel => kind(channel) !== "quantitative");
  const measures = channels("y").filter(channel => kind(channel) === "quantitative");
  const marks = new Set(all.map(markOf).filter(Boolean));
  const named = new Map(measures.map(channel => [channel.field, channel.title ?? channel.axis?.title ?? channel.field]));
  return {
    time: time?.field ?? "", series: series?.field ?? "", measures: [...named].map(([field, title]) => ({ field, title })), marks,
    stacked: (marks.has("bar") || marks.has("area")) && measures[0]?.stack !== null && measures[0]?.stack !== false, bucketed: time?.field === "bucket",
    sorted: series?.sort === null || Array.isArray(series?.sort) || Array.isArray(series?.scale?.domain),
    domain: series?.scale?.domain ?? (Array.isArray(series?.sort) ? series.sort : null),
  };
}

// The series in the order of their size, the largest first, or in the order that the file gives.
export function seriesOf(rows, shape) {
  const sums = new Map();
  for (const row of rows) {
    const sum = shape.measures.reduce((total, { field }) => total + (Number(row[field]) || 0), 0);
    sums.set(row[shape.series], (sums.get(row[shape.series]) ?? 0) + sum);
  }
  const found = [...sums.keys()];
  if (shape.domain) return [...shape.domain.filter(name => sums.has(name)), ...found.filter(name => !shape.domain.includes(name))];
  return shape.sorted ? found : found.sort((one, other) => sums.get(other) - sums.get(one));
}

export function bucketsOf(range) {
  const step = STEP_MS[range.bucket], first = new Date(range.from);
  first.setUTCMinutes(0, 0, 0);
  if (range.bucket !== "hour") first.setUTCHours(0);
  if (range.bucket === "week") first.setUTCDate(first.getUTCDate() - (first.getUTCDay() + 6) % 7);
  const found = [];
  for (let at = first.getTime(); at < Date.parse(range.to) && found.length < 1000; at += step) found.push(at);
  return found;
}

// A bucket without a row counts as 0, where the file says so and in every area, which would else be drawn across the gap.
function filled(rows, tile, shape, series) {
  if (!shape.bucketed || !(tile.fill || shape.marks.has("area")) || !rows.length) return rows;
  const names = shape.series ? series : [undefined];
  const there = new Set(rows.map(row => `${row.bucket} ${row[shape.series]}`));
  const zeros = Object.fromEntries(shape.measures.map(({ field }) => [field, 0]));
  const added = bucketsOf(tile.range).flatMap(bucket => names.filter(name => !there.has(`${bucket} ${name}`))
    .map(name => ({ bucket, ...zeros, ...(shape.series ? { [shape.series]: name } : {}) })));
  return [...rows, ...added].sort((one, other) => one.bucket - other.bucket);
}

function config(colours, font) {
  const text = { labelColor: colours.soft, titleColor: colours.soft, labelFont: font, titleFont: font, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400 };
  return {
    background: null, font, aria: false,
    view: { stroke: null },
    range: { category: colours.category, ordinal: colours.category, heatmap: colours.heat, ramp: colours.heat },
    axis: { ...text, grid: true, gridColor: colours.line, gridOpacity: 0.9, domain: false, ticks: false, labelPadding: 7, title: null, labelLimit: 160 },
    axisX: { grid: false, labelFlush: false, labelOverlap: "greedy", labelSeparation: 12 },
    axisY: { tickCount: 5, minExtent: 34 },
    axisBand: { grid: false },
    legend: { ...text, orient: "bottom", title: null, symbolType: "circle" },
    header: text,
    bar: { fill: colours.category[0] },
    line: { stroke: colours.category[0], strokeWidth: 2, strokeJoin: "round", strokeCap: "round", interpolate: "monotone" },
    area: { fill: colours.category[0], fillOpacity: 0.75, line: false, interpolate: "monotone" },
    point: { fill: colours.category[0], stroke: null, filled: true, size: 46 },
    circle: { fill: colours.category[0], opacity: 0.8 },
    rect: { cornerRadius: 4, fill: colours.category[0], stroke: colours.card, strokeWidth: 2.5 },
    rule: { stroke: colours.soft, strokeDash: [4, 4] },
    text: { fill: colours.text, fontSize: 11 },
    arc: { stroke: colours.card, strokeWidth: 2 },
    tick: { fill: colours.category[0] },
  };
}

function withTypes(channel, tile) {
  if (!channel?.field || channel.type || channel.aggregate === "count") return channel;
  const column = tile.columns.find(each => each.name === channel.field);
  return column ? { ...channel, type: typeOf(column) } : channel;
}

function timeChannel(channel, tile, width, bars) {
  const shown = bucketsOf(tile.range);
  const end = Math.max(Date.parse(tile.range.to), (shown.at(-1) ?? 0) + STEP_MS[tile.range.bucket]);
  const every = Math.ceil(shown.length / Math.max(2, Math.floor(width / 72)));
  const spaced = tile.range.bucket === "hour" ? [1, 2, 3, 4, 6, 12, 24].find(step => step >= every) ?? 24 : every;
  const first = tile.range.bucket === "hour" ? shown.findIndex(at => new Date(at).getUTCHours() % spaced === 0) : (shown.length - 1) % spaced;
  const values = shown.filter((_, index) => index >= first && (index - first) % spaced === 0);
  const labelExpr = tile.range.bucket === "hour"
    ? "utcFormat(datum.value, utchours(datum.value) === 0 ? '%b %-d' : '%H:%M')" : "utcFormat(datum.value, '%b %-d')";
  const labelOffset = bars ? { expr: `width / ${shown.length} / 2` } : 0;
  return {
    ...channel, type: "temporal",
    scale: { type: "utc", domainMin: { expr: `${shown[0]}` }, domainMax: { expr: `${end}` }, nice: false, padding: 0, ...channel.scale },
    axis: channel.axis === null ? null : { values: { expr: JSON.stringify(values) }, labelExpr, labelOffset, ...channel.axis },
  };
}

function numberChannel(channel, tile) {
  const labelExpr = AXIS_TEXT[tile.formats[channel.field] ?? "number"];
  if (!labelExpr || channel.axis === null || channel.type !== "quantitative" || channel.axis?.format || channel.axis?.labelExpr) return channel;
  return { ...channel, axis: { ...channel.axis, labelExpr } };
}

function unit(chart, tile, shape, series, width, colours) {
  const encoding = Object.fromEntries(Object.entries(chart.encoding ?? {}).map(([name, channel]) => [name, withTypes(channel, tile)]));
  if (shape.bucketed && encoding.x?.field === "bucket") {
    encoding.x = timeChannel(encoding.x, tile, width, shape.marks.has("bar"));
    if (markOf(chart) === "bar" && !encoding.x2) encoding.x2 = { field: "bucket_end" };
  }
  for (const name of ["x", "y"]) if (encoding[name]) encoding[name] = numberChannel(encoding[name], tile);
  for (const name of ["color", "fill", "stroke"]) {
    if (!shape.series || encoding[name]?.field !== shape.series) continue;
    encoding[name] = { ...encoding[name], scale: { ...encoding[name].scale, domain: series }, legend: null, sort: undefined };
    if (shape.stacked && !encoding.order) encoding.order = { field: "series_order", type: "quantitative" };
  }
  const made = { ...chart, encoding };
  if (chart.layer) made.layer = chart.layer.map(each => unit(each, tile, shape, series, width, colours));
  if (markOf(chart) === "bar" && encoding.x2?.field === "bucket_end") {
    const gap = Math.min(4, width / Math.max(1, bucketsOf(tile.range).length) * 0.12);
    made.mark = { // upright, or Vega-Lite would take the beginning and end of a bucket for the length of a bar
      ...(typeof chart.mark === "string" ? { type: chart.mark } : chart.mark), orient: "vertical", xOffset: gap, x2Offset: -gap, stroke: colours.card, strokeWidth: gap > 1 ? 1 : 0 };
  }
  if (!Object.keys(encoding).length) delete made.encoding;
  return made;
}

// The whole specification. `hidden` are the series that the reader has switched off.
export function specification(tile, rows, shape, series, { width, height, colours, font, hidden }) {
  const step = STEP_MS[tile.range.bucket];
  const values = filled(rows, tile, shape, series).filter(row => !hidden.has(row[shape.series]));
  for (const row of values) {
    if (shape.bucketed) row.bucket_end = row.bucket + step;
    if (shape.series) row.series_order = series.indexOf(row[shape.series]);
  }
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...unit(tile.chart, tile, shape, series, width, colours),
    data: { name: "rows", values, format: { parse: null } }, width, height, autosize: { type: "fit", contains: "padding" }, padding: { left: 0, right: 4, top: 6, bottom: 0 },
    config: config(colours, font),
  };
}
