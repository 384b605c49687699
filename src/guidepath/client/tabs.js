// The tabs of one browser on one base, talking: what was shown in one is not counted in another,
// and what was answered in one leaves the others.

/** A channel to the other tabs: `tell(message)` and `close()`. Without BroadcastChannel it is mute. */
export function openTabs(base, hear) {
  if (typeof BroadcastChannel !== "function") return { tell() {}, close() {} };
  const channel = new BroadcastChannel(`guidepath:${base}`);
  channel.onmessage = (event) => {
    if (typeof event.data?.kind === "string") hear(event.data);
  };
  return {
    tell: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
