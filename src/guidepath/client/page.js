// What the page says of itself, where the person is in it, and how to listen to it.

/** Where the person is, as a path: "/contacts", also where the route is in the hash ("#/contacts"). */
export function route() {
  return location.hash.startsWith("#/") ? location.hash.slice(1).split("?")[0] : location.pathname;
}

/** The language of the page, else of the browser. */
export function locale() {
  return document.documentElement.lang || navigator.language || "en";
}

/** "mobile", "tablet" or "desktop", by the width of the page and the kind of pointer. */
export function device() {
  if (matchMedia("(max-width: 640px)").matches) return "mobile";
  return matchMedia("(max-width: 1100px) and (pointer: coarse)").matches ? "tablet" : "desktop";
}

/** Whether nobody can see the page just now. */
export function hidden() {
  return document.visibilityState === "hidden";
}

/**
 * Calls `look` when the person may be somewhere else, is back, or is online again; `leaving` when the
 * page goes away, and `restored` when the browser brings it back as it was. Gives what stops it.
 *
 * `history` is left as it is: routers and other tools wrap it too, and break each other.
 */
export function onPage({ look, leaving, restored }) {
  let here = location.href;
  const check = () => {
    if (location.href === here) return;
    here = location.href;
    queueMicrotask(look); // a router says where it is only when it is done with the address
  };
  const stops = [
    globalThis.navigation ? listen(navigation, "currententrychange", check) : onChange(check),
    listen(globalThis, "popstate", check),
    listen(globalThis, "hashchange", check),
    listen(globalThis, "pagehide", leaving),
    listen(globalThis, "pageshow", (event) => event.persisted && restored()),
    listen(globalThis, "online", look),
    listen(document, "visibilitychange", look),
    listen(document, "guidepath:refresh", look),
  ];
  return () => stops.forEach((stop) => stop());
}

/** A listener, as the function that takes it away. */
export function listen(target, event, act, options = false) {
  target.addEventListener(event, act, options);
  return () => target.removeEventListener(event, act, options);
}

// A browser that does not tell of pushState: another route draws another page.
function onChange(check) {
  const observer = new MutationObserver(check);
  observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  return () => observer.disconnect();
}
