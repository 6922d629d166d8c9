// The list of agent sessions: fills in what the agents reported of them, which takes longer than the page itself.

const rows = [...document.querySelectorAll("[data-session]")];

function part(kind, text) {
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
}

function fill(row, reported) {
  const outcome = row.querySelector("[data-outcome]");
  if (reported.outcome) {
    outcome.textContent = reported.outcome;
    outcome.className = "tag good";
  }
  const turns = row.querySelector("[data-turns]");
  if (reported.turns) turns.textContent = reported.turns.toLocaleString("en");
  if (reported.added || reported.removed) {
    const [added, removed] = [reported.added, reported.removed].map(count => count.toLocaleString("en"));
    row.querySelector("[data-lines]").append(document.createElement("br"), part("good", `+${added}`), " ", part("bad", `−${removed}`));
  }
}

if (rows.length) {
  const address = new URL("/sessions/reported", location.href);
  for (const row of rows) address.searchParams.append("id", row.dataset.session);
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (answer.ok) {
    const reported = await answer.json();
    for (const row of rows) fill(row, reported[row.dataset.session] ?? {});
  }
}
