// Values as people read them, by the format that a dashboard gives a column: the same words as the server writes.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const two = number => String(number).padStart(2, "0");
const grouped = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const trimmed = value => String(Number(value.toPrecision(3)));

function usd(value) {
  const size = Math.abs(value), sign = value < 0 ? "-" : "";
  if (size >= 1000) return `${sign}$${grouped(size, 0)}`;
  return `${sign}$${size.toFixed(size >= 0.01 || size === 0 ? 2 : size >= 0.0001 ? 4 : 6)}`;
}

function short(value) {
  const size = Math.abs(value), sign = value < 0 ? "-" : "";
  for (const [unit, name] of [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]]) {
    if (size >= unit * 0.9995) return sign + trimmed(size / unit) + name;
  }
  return sign + trimmed(size);
}

function milliseconds(value) {
  if (Math.abs(value) < 1000) return `${trimmed(value)} ms`;
  const seconds = value / 1000;
  if (seconds < 60) return `${trimmed(seconds)} s`;
  return seconds < 3600 ? `${trimmed(seconds / 60)} min` : `${trimmed(seconds / 3600)} h`;
}

function bytes(value) {
  for (const [unit, name] of [[2 ** 40, "TB"], [2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "KB"]]) {
    if (Math.abs(value) >= unit) return `${trimmed(value / unit)} ${name}`;
  }
  return `${trimmed(value)} B`;
}

const plain = value => Math.abs(value) >= 100 ? grouped(value, 0) : trimmed(value);
const FORMATS = {
  usd, bytes, tokens: short, number: plain, ms: milliseconds, s: value => milliseconds(value * 1000),
  count: value => Number.isInteger(value) ? grouped(value, 0) : plain(value), percent: value => `${trimmed(value * 100)}%`,
};

export function written(value, how) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return typeof value === "object" ? JSON.stringify(value) : String(value);
  return (FORMATS[how] ?? plain)(value);
}

// The same for the labels of an axis, as Vega's expressions: there is little room, so large counts are short, and money has no cents where it needs none.
const LESS = "format(datum.value, '.3~f')", SHORT = `(abs(datum.value) < 1e3 ? ${LESS} : replace(replace(format(datum.value, '.3~s'), 'G', 'B'), 'k', 'K'))`;
const per = (unit, name) => `format(datum.value / ${unit}, '.3~f') + ' ${name}'`;
const TIME = `(abs(datum.value) < 1e3 ? ${per(1, "ms")} : abs(datum.value) < 6e4 ? ${per(1e3, "s")} : abs(datum.value) < 36e5 ? ${per(6e4, "min")} : ${per(36e5, "h")})`;
const SIZE = `(abs(datum.value) < 1024 ? ${per(1, "B")} : abs(datum.value) < 1048576 ? ${per(1024, "KB")} : abs(datum.value) < 1073741824 ? ${per(1048576, "MB")} : ${per(1073741824, "GB")})`;
export const AXIS_TEXT = {
  usd: `(datum.value < 0 ? '-$' : '$') + replace(${SHORT}, '-', '')`, count: SHORT, tokens: SHORT, number: SHORT, percent: "format(datum.value, '.2~%')",
  ms: TIME, s: TIME.replaceAll("datum.value", "(datum.value * 1e3)"), bytes: SIZE,
};

// A bucket in UTC: an hour with its day, a day with its weekday, a week by its first day.
export function bucketText(ms, bucket) {
  const at = new Date(ms), day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
  if (bucket === "hour") return `${day}, ${two(at.getUTCHours())}:00`;
  return bucket === "week" ? `Week of ${day}` : `${DAYS[at.getUTCDay()]}, ${day} ${at.getUTCFullYear()}`;
}
