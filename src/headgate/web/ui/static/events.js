// What was recorded, as it happens: `headgate-recorded` and `headgate-telemetry` on the window, with the counts as `detail`.
// One stream serves all pages of a browser: the page that holds the lock has it, and passes on what it hears.

const KINDS = ["recorded", "telemetry"];
const AGAIN_MS = 30_000;
const NAME = "headgate-events";
// Browsers have locks on secure origins alone (https://w3c.github.io/web-locks/); elsewhere each page has a stream of its own.
const others = navigator.locks ? new BroadcastChannel(NAME) : null;

function tell({ kind, detail }) {
  dispatchEvent(new CustomEvent(`headgate-${kind}`, { detail }));
}

// Ends when Headgate refuses the stream: the session has ended, or too many pages listen. A lost connection is made again by the browser.
function listen() {
  return new Promise(ended => {
    const source = new EventSource("/events");
    for (const kind of KINDS) {
      source.addEventListener(kind, event => {
        const heard = { kind, detail: JSON.parse(event.data) };
        tell(heard);
        others?.postMessage(heard);
      });
    }
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) ended(); });
  });
}

async function keepListening() {
  for (;;) {
    await listen();
    await new Promise(again => setTimeout(again, AGAIN_MS));
  }
}

others?.addEventListener("message", event => tell(event.data));
if (others) navigator.locks.request(NAME, keepListening);
else keepListening();
