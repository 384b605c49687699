// The tabs of one browser on one base: what was shown in one is not counted in another, and what
// was answered in one leaves the others.

/**
 * A line to the other tabs: `tell(message)`, `first(what)` and `close()`.
 *
 * Tabs may do the same thing in the same instant, so who is first is decided by a lock, which is
 * held until this tab closes the line. Where the browser has no locks each tab is the first.
 */
export function openTabs(base, hear) {
  const name = `guidepath:${base}`;
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null;
  const own = new Set();
  let release;
  const closed = new Promise((resolve) => (release = resolve));
  if (channel) channel.onmessage = ({ data }) => typeof data?.kind === "string" && hear(data);
  return {
    tell: (message) => channel?.postMessage(message),
    async first(what) {
      if (navigator.locks && !own.has(what) && !(await locked(`${name} ${what}`, closed))) return false;
      own.add(what);
      return true;
    },
    close() {
      channel?.close();
      release();
    },
  };
}

function locked(name, until) {
  return new Promise((resolve) => {
    const take = (lock) => {
      resolve(lock !== null);
      return lock && until;
    };
    navigator.locks.request(name, { ifAvailable: true }, take).catch(() => resolve(true));
  });
}
