// One agent session: the keys e and E go to the next error and to the one before; what a link leads to is opened.

const errors = [...document.querySelectorAll("[data-error]")];

function go(step) {
  const top = innerHeight * 0.2;
  const places = errors.map(each => each.getBoundingClientRect().top - top);
  const next = step > 0 ? places.findIndex(place => place > 4) : places.findLastIndex(place => place < -4);
  const found = errors[next];
  if (!found) {
    document.querySelector("[data-first-error]")?.click();
    return;
  }
  open(found);
  scrollBy({ top: places[next] });
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
}

function open(element) {
  for (let each = element?.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
}

addEventListener("keydown", event => {
  if (event.key.toLowerCase() !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  go(event.shiftKey ? -1 : 1);
});
if (location.hash) {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  open(target);
  target?.scrollIntoView();
}
