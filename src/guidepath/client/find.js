// Finds what an item stands on, and sees when that goes. It sleeps until the page does something:
// one MutationObserver serves all who wait, and where nobody waits nothing of this is there.
//
// A selector looks through the page. ` >>> ` steps into what is before it, an open shadow root or a
// frame of the same origin: "my-app >>> [data-guide='import']", "iframe#billing >>> #pay".

const INTO = /\s+>>>\s+/;
const CHANGES = Object.freeze({ attributes: true, childList: true, subtree: true });
// What shows or hides an element without a mutation: a style sheet, a movement, a popover, the window.
const OCCASIONS = Object.freeze(["load", "transitionend", "animationend", "toggle", "resize"]);
const SCROLLBAR = 20; // px that a layer over the whole view may leave to a scrollbar

const lookouts = new Set();
const origins = new WeakMap(); // element -> the selector and targets it was found by
const warned = new Set();
const sized = new Set();
const mutations = new MutationObserver(() => {
  for (const { replaced } of [...lookouts]) replaced?.();
  soon();
});
const sizes = new ResizeObserver(soon);
let awake = null; // ends the listeners; null where nobody waits
let due = 0;

/**
 * Looks for a selector until `waitMs` are over, then gives up. Calls one of these, once:
 *
 * `found(element, {waitedMs, matches})`, before `find` returns where the element is there already;
 * `missing({waitedMs, reason})`, where the reason is "timeout" (nothing matches), "hidden" (not
 * rendered), "covered" (behind a dialog or a layer over the whole view) or "clipped" (cut off by
 * something that cannot be scrolled). `targets` says what a selector means where the host knows
 * better: {selector: element | () => element}. Gives the function that stops it.
 */
export function find({ selector, waitMs = 0, targets }, { found, missing }) {
  const began = performance.now();
  const waited = () => Math.round(performance.now() - began);
  let why = "timeout";
  const look = () => {
    const { element, matches, reason } = search(selector, targets);
    why = reason;
    if (!element) return void matches.forEach(measure);
    stop();
    origins.set(element, { selector, targets });
    found(element, { waitedMs: waited(), matches: matches.length });
  };
  const lookout = { look };
  const late = setTimeout(() => {
    look();
    if (!lookouts.has(lookout)) return;
    stop();
    missing({ waitedMs: Math.max(waited(), waitMs), reason: why });
  }, waitMs);
  const stop = () => {
    clearTimeout(late);
    leave(lookout);
  };
  join(lookout);
  look();
  return stop;
}

/**
 * Calls `lost` once when a person cannot see and reach the element any more, or it is not what was
 * looked for any more. Where the page has put another in its place, that is before the next paint.
 */
export function watch(element, { lost }) {
  const { selector, targets } = origins.get(element) ?? {};
  const over = () => {
    leave(lookout);
    lost();
  };
  const same = () => !selector || matching(selector, targets).includes(element);
  const lookout = {
    replaced: () => !element.isConnected && selector && search(selector, targets).element && over(),
    look: () => (!element.isConnected || !same() || fault(element)) && over(),
  };
  join(lookout, element);
  measure(element);
  return () => leave(lookout);
}

/** Whether an event met an element of the selector; a selector that is none is met by nothing. */
export function hit(event, selector, targets) {
  const path = event.composedPath();
  return matching(selector, targets).some((one) => path.includes(one));
}

/** Why a person cannot see and reach an element, even if she scrolls: see `find`; null if she can. */
function fault(element) {
  const chain = [...upward(element)];
  if (!chain.every((one, index) => (index > 0 && !isFrame(one)) || isRendered(one))) return "hidden";
  if (isBarred(chain) || isCovered(chain)) return "covered";
  return isCutOff(element) ? "clipped" : null;
}

/** An element and all it lies in, through slots, shadow roots and frames, up to the page itself. */
export function* upward(element) {
  for (let one = element; one; one = above(one)) yield one;
}

/** The documents and shadow roots an element lies in, the innermost first. */
export function rootsOf(element) {
  return [...new Set([...upward(element)].map((one) => one.getRootNode()))];
}

/** Where an element is on the screen, also inside of a frame: {x, y, width, height}. */
export function rectOf(element) {
  let { x, y, width, height } = boxOf(element);
  for (let frame = frameOf(element); frame; frame = frameOf(frame)) {
    const outer = frame.getBoundingClientRect();
    const { paddingLeft, paddingTop } = getComputedStyle(frame);
    const scale = outer.width / frame.offsetWidth;
    x = outer.x + (frame.clientLeft + parseFloat(paddingLeft) + x) * scale;
    y = outer.y + (frame.clientTop + parseFloat(paddingTop) + y) * scale;
    width *= scale;
    height *= scale;
  }
  return { x, y, width, height };
}

/** The box of an element; of what is in it where it has none of its own, as with display: contents. */
export function boxOf(element) {
  const own = element.getBoundingClientRect();
  if ((own.width && own.height) || getComputedStyle(element).overflow !== "visible") return own;
  const range = element.ownerDocument.createRange();
  range.selectNodeContents(element.shadowRoot ?? element);
  return range.getBoundingClientRect();
}

function search(selector, targets) {
  const matches = matching(selector, targets);
  const seen = [];
  let reason = null;
  for (const one of matches) {
    const why = fault(one);
    reason ??= why;
    if (!why && seen.push(one) > 1) break;
  }
  if (seen.length > 1) warn(selector, `${matches.length} elements match, the first visible one is taken`);
  return { element: seen[0] ?? null, matches, reason: reason ?? "timeout" };
}

function matching(selector, targets) {
  try {
    const given = targets && Object.hasOwn(targets, selector) ? targets[selector] : null;
    if (!given) return query(selector);
    const element = typeof given === "function" ? given() : given;
    return element?.isConnected ? [element] : [];
  } catch (error) {
    warn(selector, error);
    return [];
  }
}

function query(selector) {
  let roots = [document];
  let all = [];
  for (const part of selector.split(INTO)) {
    roots.forEach(observe);
    all = roots.flatMap((root) => [...root.querySelectorAll(part)]);
    roots = all.map((one) => one.shadowRoot ?? one.contentDocument).filter(Boolean);
    for (const one of all) {
      // An element that is defined later gets its shadow root without a mutation.
      if (one.matches(":not(:defined)")) void customElements.whenDefined(one.localName).then(soon);
    }
  }
  return all;
}

function warn(selector, what) {
  if (warned.has(selector)) return;
  warned.add(selector);
  console.warn(`guidepath: target ${selector}:`, what);
}

// Who waits, and what wakes them

function join(lookout, element = document.documentElement) {
  awake ??= new AbortController();
  lookouts.add(lookout);
  rootsOf(element).forEach(observe);
}

function leave(lookout) {
  lookouts.delete(lookout);
  if (lookouts.size || !awake) return;
  awake.abort();
  awake = null;
  mutations.disconnect();
  sizes.disconnect();
  sized.clear();
  cancelAnimationFrame(due);
  due = 0;
}

// To observe a root once more changes nothing.
function observe(root) {
  if (!awake) return;
  mutations.observe(root, CHANGES);
  for (const target of [root, root.defaultView].filter(Boolean)) {
    for (const event of OCCASIONS) target.addEventListener(event, soon, { capture: true, signal: awake.signal });
  }
}

function measure(element) {
  if (sized.has(element)) return;
  sized.add(element);
  sizes.observe(element);
}

// Once a frame, however much the page does.
function soon() {
  if (!awake) return;
  due ||= requestAnimationFrame(() => {
    due = 0;
    for (const { look } of [...lookouts]) look();
  });
}

// What can be seen and reached

function isRendered(element) {
  const { width, height } = boxOf(element);
  const boxed = getComputedStyle(element).display === "contents" ? above(element) : element;
  const strictness = { visibilityProperty: true, opacityProperty: true };
  return width > 0 && height > 0 && (boxed.checkVisibility?.(strictness) ?? true);
}

// A dialog bars all outside of it in its document or shadow root, `inert` all that is inside.
function isBarred(chain) {
  const bars = (root) => {
    const modals = [...root.querySelectorAll("dialog:modal")];
    return modals.length > 0 && !modals.some((one) => chain.includes(one));
  };
  return chain.some((one) => one.hasAttribute("inert")) || rootsOf(chain[0]).some(bars);
}

// By a layer over the whole view, e.g. a spinner or a dialog that is a div, and not its own one.
function isCovered(chain) {
  return isUnder(chain, fillsView) && !chain.some(fillsView);
}

/** Whether the middle of an element lies under something that `covers` it; `chain` is all it lies in. */
export function isUnder(chain, covers) {
  const { x, y, width, height } = rectOf(chain[0]);
  const within = (middle, length) => Math.max(0, Math.min(middle, length - 1));
  const top = document.elementFromPoint(within(x + width / 2, innerWidth), within(y + height / 2, innerHeight));
  for (const one of upward(top)) {
    if (chain.includes(one)) return false;
    if (covers(one)) return true;
  }
  return false;
}

function fillsView(element) {
  if (getComputedStyle(element).position !== "fixed") return false;
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return left < 1 && top < 1 && right > innerWidth - SCROLLBAR && bottom > innerHeight - SCROLLBAR;
}

// Outside of a box that shows nothing of it and cannot be scrolled: a folded section, the next picture
// of a row, a drawer off the screen. What can be scrolled stands for all that is in it.
function isCutOff(element) {
  let box = boxOf(element);
  let { position } = getComputedStyle(element);
  for (const one of upward(above(element))) {
    const style = getComputedStyle(one);
    const edge = one.getBoundingClientRect();
    const frame = isFrame(one);
    if (!frame && (position === "fixed" || (position === "absolute" && style.position === "static"))) continue;
    const across = cuts(style.overflowX, box, edge, "left", "right");
    if (!frame && (across || cuts(style.overflowY, box, edge, "top", "bottom"))) return true;
    if (frame || /auto|scroll/.test(style.overflow)) box = edge;
    ({ position } = style);
  }
  if (position !== "fixed") return (box.right + scrollX <= 0 && document.dir !== "rtl") || box.bottom + scrollY <= 0;
  return box.right <= 0 || box.bottom <= 0 || box.left >= innerWidth || box.top >= innerHeight;
}

function cuts(overflow, box, edge, from, to) {
  return /hidden|clip/.test(overflow) && (box[to] <= edge[from] || box[from] >= edge[to]);
}

function above(element) {
  const root = element.getRootNode();
  return element.assignedSlot ?? element.parentElement ?? (root.nodeType === 11 ? root.host : frameOf(element));
}

// Never beyond this page, which may be in a frame itself.
function frameOf(element) {
  const { ownerDocument } = element;
  return ownerDocument === document ? null : (ownerDocument.defaultView?.frameElement ?? null);
}

function isFrame(element) {
  return element.localName === "iframe";
}
