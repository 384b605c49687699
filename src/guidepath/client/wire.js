// The HTTP of the contract, and nothing else. What could not be sent is kept and goes first next
// time; event ids make a repeated one harmless.

const KEPT = 50;

/**
 * A line to the server at `root` (a URL ending in "/").
 *
 * `send` never fails: it resolves when the server has answered, or when the message is kept for
 * later; it gives false where the server says that it is another item's turn. `next` and
 * `progress` reject where the server cannot be reached or refuses.
 */
export function openWire(root, fetch) {
  let kept = [];
  let going = Promise.resolve();
  let under = 0;

  async function deliver(message) {
    const response = await fetch(new URL("v1/feedback", root), {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
      keepalive: true,
      body: JSON.stringify(message),
    });
    // What the server refuses it would refuse again; only its own failures are worth another try.
    if (response.status >= 500 || response.status === 429) throw new Error(`feedback: ${response.status}`);
    return !response.ok || (await response.json()).accepted !== false;
  }

  async function tryOne(message) {
    try {
      return await deliver(message);
    } catch {
      kept = [...kept, message].slice(-KEPT);
      return true;
    }
  }

  async function flush() {
    const waiting = kept;
    kept = [];
    for (const message of waiting) await tryOne(message);
    if (kept.length > 0) throw new Error("feedback waits for the server");
  }

  async function get(path, query = {}) {
    const url = new URL(path, root);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) url.searchParams.set(name, value);
    }
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  return {
    /** Feedback in order; while the page unloads (`now`) at once, since nothing later would leave. */
    send(message, now = false) {
      const sent = now || under === 0 ? tryOne(message) : going.then(() => tryOne(message));
      under += 1;
      going = Promise.all([going, sent]).then(() => {
        under -= 1;
      });
      return sent;
    },
    /** Resolves when all feedback under way has been answered or kept. */
    settled: () => going,
    /** The decision of now; feedback goes before it, so that the server knows what we know. */
    async next(query) {
      await going;
      await flush();
      return get("v1/next", query);
    },
    progress: () => get("v1/progress"),
  };
}
