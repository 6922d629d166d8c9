// The live tail of the list of requests: asks for what has ended since it asked last, when the gateway says that something was recorded.

import "./events.js";

const button = document.querySelector("[data-live]");
const table = document.querySelector("[data-rows]");
const ROWS_MAX = 300;
let live = false;
let asking = false;
let again = false;

async function ask() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    const address = new URL(button.dataset.live, location.href);
    address.searchParams.set("since", button.dataset.since);
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const found = await answer.json();
    button.dataset.since = found.since;
    show(found.html);
  } catch {
    stop();
  } finally {
    asking = false;
  }
  if (again && live) {
    again = false;
    setTimeout(ask, 250);
  }
}

const idOf = row => row.querySelector("a").pathname;
const isNewer = (one, other) => Number(one.dataset.at) - Number(other.dataset.at) || (idOf(one) > idOf(other) ? 1 : -1);

// Rows may come twice, and an exchange that took long comes after others that began later.
function show(html) {
  const made = document.createElement("template");
  made.innerHTML = html; // of our own server, which escapes every value
  const shown = new Map([...table.rows].map(row => [idOf(row), row]));
  for (const row of made.content.querySelectorAll("tr")) {
    if (shown.has(idOf(row))) continue;
    row.classList.add("fresh");
    table.insertBefore(row, [...table.rows].find(each => isNewer(row, each) > 0) ?? null);
  }
  while (table.rows.length > ROWS_MAX) table.rows[table.rows.length - 1].remove();
}

function start() {
  live = true;
  button.setAttribute("aria-pressed", "true");
  ask();
}

function stop() {
  live = false;
  button.setAttribute("aria-pressed", "false");
}

if (button && table) {
  button.hidden = false;
  button.addEventListener("click", () => (live ? stop() : start()));
  addEventListener("headgate-recorded", () => { if (live) ask(); });
}
