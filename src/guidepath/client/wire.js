// The HTTP of the contract, and nothing else. What could not be sent is kept and goes first next
// time; event ids make a repeated one harmless.

import { openKept } from "./kept.js";

const TRIES = 10; // a message that the server breaks at does not hold up the others for ever
const PATIENCE = 30_000; // ms; who has not answered by then is asked again
const LIGHT = 16_000; // characters; no browser lets much more outlive its page

/**
 * A line to the server at `root` (a URL ending in "/").
 *
 * `send` never fails: it gives true where the server has taken the message in, false where it says
 * that it is another item's turn, and null where the message is kept for later. The questions reject
 * where the server cannot be reached, and with the `status` where it refuses and the `pause` it asks
 * for, in milliseconds.
 *
 * `token` is a bearer token, or a function giving one: it is asked once, and again after a 401.
 *
 * `warn` hears of what the server does not understand: it is the host who said that.
 *
 * @param {URL} root
 * @param {import("./types.js").ConnectOptions} options
 * @param {(error: Error) => void} warn
 */
export function openWire(root, options, warn) {
  const { fetch = globalThis.fetch.bind(globalThis), token, headers, credentials } = options;
  const kept = openKept(root.href);
  const feedback = new URL("v1/feedback", root);
  const flying = new Set();
  let going = Promise.resolve();
  let under = 0;
  let broken = 0; // how often the server has failed at the oldest message
  let stuck = false; // what comes after a message that did not get through waits behind it
  let leaving = false;
  let bearer = typeof token === "string" ? token : undefined;

  async function call(url, init, again = typeof token === "function") {
    if (token && bearer === undefined) bearer = await token();
    const response = await fetch(url, {
      credentials: credentials ?? (token ? "omit" : "same-origin"),
      signal: AbortSignal.timeout(PATIENCE),
      ...init,
      headers: { ...headers?.(), ...(token && { authorization: `Bearer ${bearer}` }), ...init.headers },
    });
    if (response.status !== 401 || !again) return response;
    bearer = await token();
    return call(url, init, false);
  }

  async function deliver(message) {
    const body = JSON.stringify(message);
    const response = await call(feedback, {
      method: "POST",
      headers: { "content-type": "application/json" },
      keepalive: body.length < LIGHT,
      body,
    });
    const { status } = response;
    const said = await response.json().catch(() => ({}));
    // A page of a proxy, or one to sign in at, is no answer, whatever its status.
    broken = status >= 500 || !said.object ? broken + 1 : 0;
    // What the server refuses it would refuse again; only its own failures are worth another try.
    if (status === 401 || status === 429 || broken % TRIES > 0) throw failure(feedback, response);
    kept.drop(message);
    if (status === 400) warn(failure(feedback, response, said.message));
    // 403: it was decided for somebody who used this browser before.
    return status !== 403 && said.accepted !== false;
  }

  async function tryOne(message) {
    if (flying.has(message.eventId) || !kept.has(message)) return true;
    flying.add(message.eventId);
    try {
      return await deliver(message);
    } catch (error) {
      stuck = true;
      if (leaving && !token && !error.status) navigator.sendBeacon?.(feedback, asJson(message));
      throw error;
    } finally {
      flying.delete(message.eventId);
    }
  }

  async function get(path, query = {}) {
    const url = new URL(path, root);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) url.searchParams.set(name, value);
    }
    const response = await call(url, { cache: "no-store" });
    if (!response.ok) throw failure(url, response);
    return response.json();
  }

  return {
    /** Feedback, in order. */
    send(message) {
      kept.add(message);
      const go = () => (stuck ? null : tryOne(message));
      const sent = Promise.resolve(under === 0 ? go() : going.then(go)).catch(() => null);
      under += 1;
      going = Promise.all([going, sent]).then(() => {
        under -= 1;
      });
      return sent;
    },
    /** The page goes away: all that waits leaves at once, since nothing later would. */
    leave() {
      leaving = true;
      for (const message of kept.all()) tryOne(message).catch(() => {});
    },
    /** Resolves when all feedback under way has been answered or kept. */
    settled: () => going,
    /** Whether there is feedback that the server does not know of yet. */
    waits: () => kept.all().length > 0,
    /** The decision of now; feedback goes before it, so that the server knows what we know. */
    async next(query) {
      await going;
      stuck = leaving = false;
      for (const message of kept.all()) await tryOne(message);
      return get("v1/next", query);
    },
    progress: () => get("v1/progress"),
    inspect: (query) => get("v1/inspect", query),
  };
}

function failure({ pathname }, { status, headers }, why = "") {
  const pause = 1000 * headers.get("retry-after");
  return Object.assign(new Error(`${pathname}: ${status} ${why}`), { status, pause });
}

function asJson(message) {
  return new Blob([JSON.stringify(message)], { type: "application/json" });
}
