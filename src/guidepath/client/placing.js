// Puts what is drawn beside its target and keeps it there. The browser does it itself by CSS
// anchoring; where it cannot (an SVG target, a frame, an older browser) it is done here, by what the
// page tells of itself: scrolling, sizes, and an observer of the very spot where the target is.

import { boxOf, isUnder, rectOf, rootsOf, upward } from "./find.js";
import { listen } from "./page.js";
import { SIDES, isUpright, physical, place } from "./place.js";

const GAP = 14; // px between the target and what stands beside it
const EDGE = 8; // px to the edge of the screen
const RING = 5; // px around the target
const OFF = 2; // px by which the browser may miss the target
const STILL = 0.5; // px by which a target may differ that has not moved
const STEPS = Object.freeze(Array.from({ length: 101 }, (_, percent) => percent / 100));

let count = 0;

/**
 * Shows a popover beside its target and keeps it there; gives the function that lets go of it.
 *
 * `around`, a popover too, is laid over the target like a ring. `side` is top, right, bottom, left, or
 * start and end, which turn with the direction of the text at the target; `gap` is the space between.
 * A target that is out of view, or under something, is scrolled to first, unless `scroll` is false.
 * While it is scrolled away, both carry `data-away`, see-through and out of the pointer's way; the focus
 * that comes in brings it back.
 *
 * A popover that is open already stays open, with its focus, and goes on beside the new target.
 */
export function placeBeside({ element, target, side, align, around = null, gap = GAP, scroll = true }) {
  // Tab goes from the target into what is shown last: a hint's dot, else what stands beside.
  const all = around?.firstChild ? [element, around] : [around, element].filter(Boolean);
  const rtl = getComputedStyle(target).direction === "rtl";
  const name = (count += 1);
  const sheet = new CSSStyleSheet();
  const root = element.getRootNode();
  const where = physical({ side, align }, rtl);
  const style = (native) => sheet.replaceSync(native ? anchored(name, where, gap) : rules(name));
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  element.setAttribute("data-beside", name);
  around?.setAttribute("data-around", name);
  let native = canAnchor(target);
  style(native);
  if (scroll && !element.matches(":popover-open")) reveal(target);
  for (const one of all) {
    if (one.matches(":popover-open")) one.hidePopover();
    one.showPopover(target instanceof HTMLElement ? { source: target } : {});
  }
  if (around && misses(around, target)) style((native = false));
  const stops = [
    ...watchAway(target, all),
    listen(element, "focusin", () => element.hasAttribute("data-away") && reveal(target)),
    () => (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== sheet)),
  ];
  if (!native) stops.push(...follow({ element, target, wanted: { side, align, rtl, gap }, sheet }));
  return () => stops.forEach((stop) => stop());
}

/** The dialog or popover of this page that a target lies in, where its item must lie too; or null. */
export function layerOf(target) {
  const inPage = [...upward(target)].filter((one) => one.ownerDocument === document);
  return inPage.find((one) => one.matches("dialog:modal, :popover-open")) ?? null;
}

// Scrolls to a target that is not seen up to its edges: out of view, or under a header.
function reveal(target) {
  const around = [...upward(target)].filter((one) => one === target || one.localName === "iframe");
  const [block, inline] = [[0.5, 0.02], [0.02, 0.5]].map(([x, y]) => (
    around.every((one) => shows(one, x, y) && shows(one, 1 - x, 1 - y)) ? "nearest" : "center"));
  if (block === inline && block === "nearest") return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  solid(target).scrollIntoView({ block, inline, behavior: calm ? "instant" : "smooth" });
}

// Whether what is to be seen at this share of its width and height is the element itself.
function shows(element, x, y) {
  const box = boxOf(element);
  return element.contains(element.getRootNode().elementFromPoint(box.x + x * box.width, box.y + y * box.height));
}

// The browser's own way

// Beside what fills the view is no room, and the browser would go out of it.
function canAnchor(target) {
  const { width, height } = target.getBoundingClientRect();
  const fills = width > innerWidth / 2 && height > innerHeight / 2;
  return target instanceof HTMLElement && solid(target) === target && !fills
    && CSS.supports("position-area", "top") && CSS.supports("position-try-fallbacks", "flip-block");
}

// Tried in this order: the side that is asked for, the other one, the sides across. Browsers try five.
function anchored(name, { side, share }, gap) {
  const span = isUpright(side) ? ["span-right", "", "span-left"] : ["span-bottom", "", "span-top"];
  // The edge of the screen may push it along, up to its margin there; where it is aligned it has none.
  const [before, after] = [2 * share, 2 - 2 * share].map((part) => Math.min(part, 1) * EDGE);
  const at = (one, along, [first, last] = [EDGE, EDGE]) => {
    const margin = isUpright(one) ? [gap, last, gap, first] : [first, gap, last, gap];
    return `position-area: ${one} ${along}; margin: ${margin.join("px ")}px`;
  };
  const across = SIDES.filter((one) => isUpright(one) !== isUpright(side));
  const anchor = "position-anchor: auto; position-visibility: anchors-visible;";
  const tries = ["flip-block", "flip-inline", "flip-block flip-inline", ...across.map((one) => `--${one}`)];
  const ring = `top: calc(anchor(top) - ${RING}px); left: calc(anchor(left) - ${RING}px);
    width: calc(anchor-size(width) + ${2 * RING}px); height: calc(anchor-size(height) + ${2 * RING}px)`;
  return rules(name, `${anchor} ${at(side, span[2 * share], [before, after])}; position-try-fallbacks: ${tries}`, anchor + ring)
    + across.map((one) => `@position-try --${one} { ${at(one, "")} }`).join("");
}

// Whether the browser has laid the ring elsewhere, as older ones do where something is transformed.
function misses(around, target) {
  const [ring, own] = [around, target].map((one) => one.getBoundingClientRect());
  const off = (from, to) => Math.abs(ring[from] + ring[to] - own[from] - own[to]) / 2 > OFF;
  return off("left", "right") || off("top", "bottom");
}

// By hand

function follow({ element, target, wanted, sheet }) {
  const [beside, around] = [...sheet.cssRules].map((rule) => rule.style);
  let at = {};
  let spot = null;
  const move = () => {
    if (!target.isConnected) return; // it stays where it is until there is another target
    const before = at;
    at = rectOf(target);
    const view = { width: document.documentElement.clientWidth, height: innerHeight };
    const zoom = element.currentCSSZoom ?? 1;
    const { x, y } = place({ target: at, box: rectOf(element), view, ...wanted });
    put(beside, { left: x / zoom, top: y / zoom });
    put(around, { left: at.x / zoom - RING, top: at.y / zoom - RING });
    put(around, { width: at.width / zoom + 2 * RING, height: at.height / zoom + 2 * RING });
    if (!moved(before, at)) return;
    spot?.disconnect();
    spot = watchSpot(target, at, view, move);
  };
  const sizes = new ResizeObserver(move);
  for (const one of [element, solid(target)]) sizes.observe(one);
  const stops = rootsOf(target).flatMap((root) => [
    listen(root, "scroll", move, true),
    listen(root.defaultView ?? root, "resize", move),
  ]);
  move();
  return [...stops, () => sizes.disconnect(), () => spot?.disconnect()];
}

// Tells when the target is not where it was: an observer whose view is just that spot loses it.
function watchSpot(target, at, view, move) {
  const sides = [at.y, view.width - at.x - at.width, view.height - at.y - at.height, at.x];
  const rootMargin = sides.map((side) => `${-Math.floor(side)}px`).join(" ");
  const look = () => moved(at, rectOf(target)) && move();
  const observer = new IntersectionObserver(look, { rootMargin, threshold: STEPS });
  observer.observe(solid(target));
  return observer;
}

function moved(before, after) {
  return Object.keys(after).some((key) => !(Math.abs(before[key] - after[key]) < STILL));
}

function put(style, lengths) {
  for (const [name, length] of Object.entries(lengths)) style[name] = `${length}px`;
}

// Both ways

function rules(name, beside = "", around = "") {
  const rule = (kind, own) => `[popover][data-${kind}="${name}"]
    { position: fixed; inset: auto; margin: 0; position-area: none; ${own} }`;
  return `${rule("beside", beside)} ${rule("around", around)}
    [popover][data-away] { opacity: 0; pointer-events: none }`;
}

// Out of view, or under what stays while the page is scrolled: a header, a column of a table.
function watchAway(target, all) {
  const chain = [...upward(target)];
  let out = false;
  let scrolled = false;
  const mark = (event) => {
    scrolled ||= event?.type === "scroll";
    const away = out || (scrolled && isUnder(chain, stays));
    for (const one of all) one.toggleAttribute("data-away", away);
  };
  const observer = new IntersectionObserver((entries) => {
    out = !entries.at(-1).isIntersecting;
    mark();
  });
  observer.observe(solid(target));
  // Where the page takes the cover away, the pointer comes over something else.
  const stops = rootsOf(target).flatMap((root) => (
    ["scroll", "pointerover"].map((event) => listen(root, event, mark, true))));
  return [...stops, () => observer.disconnect()];
}

function stays(element) {
  return /sticky|fixed/.test(getComputedStyle(element).position);
}

// What of a target has a box, to be scrolled to and observed: what is in it where it has none.
function solid(target) {
  const { width, height } = target.getBoundingClientRect();
  return width && height ? target : (target.firstElementChild ?? target.parentElement ?? target);
}
