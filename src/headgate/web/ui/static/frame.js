// The frame of every page: theme, menu on small screens, copying, and the palette. Pages work without it.

const root = document.documentElement;

function switchTheme() {
  const dark = getComputedStyle(root).colorScheme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `headgate_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
  dispatchEvent(new CustomEvent("headgate-theme"));
}

function switchMenu(button) {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  document.querySelector(".side").classList.toggle("open", open);
}

async function copy(button) {
  await navigator.clipboard.writeText(button.closest(".snippet").querySelector("code").textContent);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

// The palette: pages by their titles, and what pages offer as `data-palette-entry` links.
function palette() {
  const dialog = document.querySelector("[data-palette-dialog]");
  const [input, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
  const links = () => [...document.querySelectorAll("nav[aria-label=Pages] a, a[data-palette-entry]")];
  let chosen = 0;

  function matching() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    return links().filter(link => words.every(word => link.textContent.toLowerCase().includes(word))).slice(0, 12);
  }

  function show() {
    const found = matching();
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    list.replaceChildren(...found.map((link, index) => {
      const item = document.createElement("li");
      const entry = document.createElement("a");
      entry.href = link.href;
      entry.textContent = link.textContent.trim();
      entry.tabIndex = -1;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === chosen));
      item.append(entry);
      return item;
    }));
  }

  input.addEventListener("input", () => { chosen = 0; show(); });
  input.addEventListener("keydown", event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      chosen = Math.max(0, chosen + step);
      show();
    } else if (event.key === "Enter") {
      list.querySelectorAll("a")[chosen]?.click();
    }
  });
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
  return () => { input.value = ""; chosen = 0; show(); dialog.showModal(); };
}

const openPalette = palette();
document.querySelector("[data-palette]").addEventListener("click", openPalette);
document.querySelector("[data-theme-switch]").addEventListener("click", switchTheme);
document.querySelector("[data-menu]").addEventListener("click", event => switchMenu(event.currentTarget));
addEventListener("keydown", event => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  }
});
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
for (const time of document.querySelectorAll("time[datetime]")) {
  if (time.dateTime) time.title = new Date(time.dateTime).toLocaleString();
}
root.dataset.scripts = "on";
