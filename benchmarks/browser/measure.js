// The same for every library: it plays the server, and sees when the tooltip is on the screen.
//
// Whoever asks for `v1/next` has its payload at once. From then on every frame is looked at: the one
// in which the tooltip is first there is painted when the next begins.

const TOOLTIPS = ".card, .driver-popover, .shepherd-element";
const longTasks = [];
let moved = 0;
let given = 0;

new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((one) => (moved += one.value)))
  .observe({ type: "layout-shift", buffered: true });

globalThis.asked = Promise.withResolvers();
globalThis.painted = Promise.withResolvers();
setTimeout(() => painted.reject(new Error("no tooltip came")), 20_000);
globalThis.facts = () => ({ longTasks, moved });

const reallyFetch = fetch;
globalThis.fetch = async (address, options) => {
  const path = new URL(address, location.href).pathname;
  if (!path.includes("/v1/")) return reallyFetch(address, options);
  if (!path.endsWith("/v1/next")) return Response.json({ object: "feedback", accepted: true });
  asked.resolve();
  const payload = await payloads[new URLSearchParams(location.search).get("payload") ?? "tooltip"];
  if (payload.item && !given) {
    given = performance.now();
    requestAnimationFrame(look);
  }
  return Response.json(payload);
};

const payloads = Object.fromEntries(
  ["tooltip", "silence"].map((name) => [name, reallyFetch(`/${name}.json`).then((it) => it.json())]),
);

function look() {
  if (!drawn(document)) return requestAnimationFrame(look);
  return requestAnimationFrame(() => {
    const now = performance.now();
    painted.resolve({ fromPayload: now - given, fromOpening: now });
  });
}

function drawn(root) {
  const here = [...root.querySelectorAll(TOOLTIPS)];
  if (here.some((one) => one.checkVisibility() && one.getBoundingClientRect().height > 0)) return true;
  const hosts = [...root.querySelectorAll("guide-path, guide-path-surface")];
  return hosts.some((one) => one.shadowRoot && drawn(one.shadowRoot));
}
