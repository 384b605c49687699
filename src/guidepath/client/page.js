// The only module that reads the page: where the person is, what is visible, what changes.
// Everything that listens gives back a function that stops it.

const LOOK_AGAIN = 250; // a style sheet that arrives late changes what is visible without a mutation

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

/** The first visible element of a selector, else null; a selector that is none finds nothing. */
export function lookUp(selector) {
  try {
    return [...document.querySelectorAll(selector)].find(visible) ?? null;
  } catch {
    return null;
  }
}

/** Whether a person can see and reach the element, once it is scrolled to. */
export function visible(element) {
  if (!rendered(element, { opacityProperty: true })) return false;
  const modals = [...document.querySelectorAll("dialog:modal")];
  const reachable = modals.length === 0 || modals.some((one) => one.contains(element));
  return reachable && !element.closest("[inert]");
}

/** Calls `done(element | null, waitedMs)` once: with the target, or with null after `waitMs`. */
export function find(selector, waitMs, done) {
  const began = performance.now();
  const look = () => {
    const element = lookUp(selector);
    const waited = Math.round(performance.now() - began);
    if (!element && waited < waitMs) return;
    stop();
    done(element, waited);
  };
  const stopWatching = onMutation(look);
  const ticking = setInterval(look, Math.min(LOOK_AGAIN, Math.max(waitMs, 1)));
  const stop = () => {
    stopWatching();
    clearInterval(ticking);
    clearTimeout(timer);
  };
  const timer = setTimeout(look, 0);
  return stop;
}

/** Calls `gone` once when the element has left the page or is no longer visible. */
export function watch(element, gone) {
  const stop = onMutation(() => {
    if (visible(element)) return;
    stop();
    gone();
  });
  return stop;
}

/** Calls `done` once when the element has really been seen: in view, painted, in a visible tab. */
export function seen(element, done) {
  let stopped = false;
  let inView = false;
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(check));
  const check = () => {
    if (stopped || !inView || hidden() || !rendered(element)) return;
    stop();
    done();
  };
  const observer = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    painted();
  });
  const stop = () => {
    stopped = true;
    observer.disconnect();
    stopListening();
  };
  const stopListening = listen(document, "visibilitychange", painted);
  observer.observe(element);
  return stop;
}

/** Calls `act` when someone clicks an element of the selector. */
export function onClick(selector, act) {
  const clicked = ({ target }) => {
    try {
      if (target instanceof Element && target.closest(selector)) act();
    } catch {
      // a selector that is none is clicked by nobody
    }
  };
  return listen(document, "click", clicked, true);
}

/** Calls back on a change of route, on a return to the page, on leaving it, on a wish to refresh. */
export function onPage({ moved, returned, leaving, refresh }) {
  let here = location.href;
  const check = () => {
    if (location.href === here) return;
    const [from, to] = [new URL(here), new URL(location.href)];
    here = location.href;
    moved({ away: from.pathname !== to.pathname || isRoute(from.hash) || isRoute(to.hash) });
  };
  const history = globalThis.navigation ?? null;
  const stops = [
    history ? listen(history, "currententrychange", check) : () => {},
    listen(globalThis, "popstate", check),
    listen(globalThis, "hashchange", check),
    listen(globalThis, "pagehide", leaving),
    listen(globalThis, "pageshow", (event) => event.persisted && returned()),
    listen(document, "visibilitychange", () => hidden() || returned()),
    listen(document, "guidepath:refresh", refresh),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Whether nobody else wants this Escape: no open dialog, menu or text field of the page. */
export function escapeIsFree(event) {
  if (event.defaultPrevented) return false;
  if (document.querySelector("dialog:modal, :popover-open:not([popover='manual'])")) return false;
  const busy = "input, textarea, select, [contenteditable], [aria-expanded='true'], [role='menu']";
  return !document.activeElement?.closest(busy);
}

/** Whether the browser places an anchored popover by itself. */
export function anchors() {
  return CSS.supports("position-area", "block-end") && CSS.supports("position-try-fallbacks", "flip-block");
}

/** A listener, as the function that takes it away. */
export function listen(target, event, act, options = false) {
  target.addEventListener(event, act, options);
  return () => target.removeEventListener(event, act, options);
}

// What fades in is rendered already, so opacity counts only for what must not be see-through.
function rendered(element, strictness = {}) {
  const { width, height } = element.getBoundingClientRect();
  const properties = { visibilityProperty: true, ...strictness };
  return width > 0 && height > 0 && (element.checkVisibility?.(properties) ?? true);
}

function isRoute(hash) {
  return hash.startsWith("#/");
}

function onMutation(look) {
  let frame = 0;
  const observer = new MutationObserver(() => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      look();
    });
  });
  observer.observe(document.documentElement, { attributes: true, childList: true, subtree: true });
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}
