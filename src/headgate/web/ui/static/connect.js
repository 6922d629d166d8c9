// The lights of the page that connects an agent: each turns green when this principal's agent is heard of.

import "./events.js";

const lights = [...document.querySelectorAll("[data-light].waiting")];

function turnGreen(light) {
  light.classList.replace("waiting", "good");
  light.querySelector("[data-said]").textContent = light.dataset.done;
}

for (const light of lights) {
  const { light: kind, agent } = light.dataset;
  addEventListener(`headgate-${kind}`, ({ detail }) => {
    if (agent ? detail.own[agent] : Object.keys(detail.own).length) turnGreen(light);
  });
}

// The page does not wait for long to find out what was heard before.
async function look() {
  const answer = await fetch(`/connect/heard?agent=${encodeURIComponent(lights[0].dataset.agent || "other")}`);
  if (!answer.ok) return;
  const heard = await answer.json();
  for (const light of lights) if (heard[light.dataset.light]) turnGreen(light);
}

if (lights.length) look();
