// A secret that is shown once: when the page is left, the browser keeps none of it for the way back.

addEventListener("pagehide", () => {
  for (const shown of document.querySelectorAll("[data-secret]")) shown.remove();
});
