// The tabs of one browser on one base: what was shown in one is not counted in another, and what
// was answered in one leaves the others.

/**
 * A line to the other tabs: `tell(message)`, `first(what)`, `rest()` and `wake()`.
 *
 * Tabs may do the same thing in the same instant, so who is first is decided by a lock, which is
 * held until this tab rests. Where the browser has no locks each tab is the first. A page that holds
 * a lock or a line cannot be kept for the back button, so a page that is left rests.
 */
export function openTabs(base, hear) {
  const name = `guidepath:${base}`;
  const own = new Set();
  let channel;
  let release = () => {};
  let rested;
  const tabs = {
    tell: (message) => channel?.postMessage(message),
    async first(what) {
      if (navigator.locks && !own.has(what) && !(await locked(`${name} ${what}`, rested))) return false;
      own.add(what);
      return true;
    },
    rest() {
      channel?.close();
      channel = null;
      release();
    },
    wake() {
      tabs.rest();
      rested = new Promise((resolve) => (release = resolve));
      if (typeof BroadcastChannel !== "function") return;
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }) => typeof data?.kind === "string" && hear(data);
    },
  };
  tabs.wake();
  return tabs;
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
