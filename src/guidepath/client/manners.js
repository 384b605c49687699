// What an item may take from the page, and gives back: the focus, a few keys, clicks beside it, room.

import { listen } from "./page.js";

/** Where the focus is, in a way that finds the place again when the page has drawn it anew. */
export function remember(element = document.activeElement) {
  let inner = element;
  while (inner?.shadowRoot?.activeElement) inner = inner.shadowRoot.activeElement;
  return { inner, address: addressOf(element) };
}

/** Puts the focus back there, or on what the page has put in its place. */
export function giveBack({ inner, address }) {
  const there = inner?.isConnected ? inner : document.querySelector(address);
  if (there !== document.body) there?.focus({ preventScroll: true });
}

/** Where the focus goes in an item that takes it: its question or main action; its title if it is long. */
export function first(element) {
  const acting = ["input:checked", "input, textarea", "[data-key='primary']", "[data-key='next']"];
  const long = element.scrollHeight - element.clientHeight > 8;
  const wanted = [...(long ? [] : acting), "#title", "button"];
  return wanted.map((one) => element.querySelector(one)).find(Boolean) ?? element;
}

/** Tab at one end of an open dialog goes to its other end. */
export function stayInside(event, { element, shadow }) {
  const all = controlsOf(element);
  const at = all.indexOf(shadow.activeElement);
  const atEnd = event.shiftKey ? at < 1 : at === all.length - 1;
  if (event.key !== "Tab" || !atEnd) return;
  event.preventDefault();
  all.at(event.shiftKey ? -1 : 0)?.focus();
}

/** An Escape while something is being typed is not meant for the item. */
export function isTyping({ shadow }) {
  return Boolean(shadow.activeElement?.matches("textarea") && shadow.activeElement.value);
}

/** F6 goes to the item and back to where the person was; Escape folds it, or dismisses it. */
export function keys(shown) {
  const { element, shadow } = shown;
  const launcher = () => shadow.querySelector("[data-key='launcher']");
  return listen(document, "keydown", (event) => {
    const inside = Boolean(shadow.activeElement);
    if (event.key === "F6" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      if (inside) return giveBack(shown.before);
      shown.before = remember();
      return (launcher() ?? controlsOf(element)[0] ?? first(element)).focus();
    }
    const mine = event.key === "Escape" && !event.isComposing && (inside || escapeIsFree(event));
    if (!mine || element.querySelector(":popover-open")) return;
    const stays = shown.toggle
      ? !(shown.open && inside)
      : shown.view.step.dismissible === false || isTyping(shown);
    if (stays) return;
    event.preventDefault();
    if (!shown.toggle) return shown.view.answer("escape");
    shown.toggle();
    launcher().focus();
  });
}

/** A click on what is dimmed ends the item and does nothing else; the target stays as it is. */
export function swallow(shown) {
  const clicked = (event) => {
    const path = event.composedPath();
    const byKey = event.type === "click" && event.detail === 0;
    if (byKey || path.includes(shown.target) || path.includes(shown.host)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "click") shown.view.answer("overlay");
  };
  return ["pointerdown", "mousedown", "click"].map((name) => listen(document, name, clicked, true));
}

/** What lies at an edge of the screen goes to another one where it would cover what has the focus. */
export function makeWay(element) {
  const check = () => {
    const focused = document.activeElement;
    if (focused === document.body || focused.shadowRoot) return;
    const [own, other] = [element, focused].map((one) => one.getBoundingClientRect());
    const [above, before] = [own.bottom <= other.top, own.right <= other.left];
    const covers = !above && !before && own.top < other.bottom && own.left < other.right;
    const up = own.top + own.bottom > innerHeight;
    const room = up ? other.top : innerHeight - other.bottom;
    const beside = innerWidth - own.left <= other.left || innerWidth - own.right >= other.right;
    if (covers && room > own.height) element.setAttribute("data-side", up ? "top" : "bottom");
    else if (covers && beside) element.toggleAttribute("data-across");
  };
  check();
  return listen(document, "focusin", check);
}

function controlsOf(element) {
  const all = [...element.querySelectorAll("a[href], button, input, textarea")];
  return all.filter((one) => one.checkVisibility());
}

// A selector of this very element: from the nearest that has an id, by its place among the others.
function addressOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const { parentElement, localName } = element;
  if (!parentElement) return localName;
  return `${addressOf(parentElement)} > :nth-child(${[...parentElement.children].indexOf(element) + 1})`;
}

// Whether nobody else wants this Escape: no open dialog, menu or text field of the page.
function escapeIsFree(event) {
  if (event.defaultPrevented) return false;
  if (document.querySelector("dialog:modal, :popover-open:not([popover='manual'])")) return false;
  const busy = "input, textarea, select, [contenteditable], [aria-expanded='true'], [role='menu']";
  return !document.activeElement?.closest(busy);
}
