// The lights of the page that connects an agent: each turns green when this principal's agent is heard of.

import "./events.js";

for (const light of document.querySelectorAll("[data-light]")) {
  const { light: kind, agent } = light.dataset;
  addEventListener(`headgate-${kind}`, ({ detail }) => {
    const own = agent ? detail.own[agent] : Object.values(detail.own).length;
    if (!own) return;
    light.classList.replace("waiting", "good");
    light.querySelector("[data-said]").textContent = light.dataset.done;
  });
}
