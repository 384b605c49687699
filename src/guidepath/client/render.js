// The only module that writes to the page. Everything it draws is in shadow trees of its own, styled
// by one constructed sheet; no style attribute and no markup from text.

import * as site from "./page.js";
import { card, checklist, language, make, spoken } from "./parts.js";
import { place, placement } from "./place.js";

const KINDS = Object.freeze({
  tooltip: "tooltip",
  hint: "tooltip",
  banner: "banner",
  checklist: "checklist",
  modal: "modal",
  announcement: "modal",
  survey: "modal",
});

/** Draws items under `root` (a shadow root) with `sheet`; `theme()` is "light", "dark" or null. */
export class Surface {
  #root;
  #sheet;
  #theme;
  #live;
  #shown = null;

  constructor({ root, sheet, theme }) {
    this.#root = root;
    this.#sheet = sheet;
    this.#theme = theme;
    this.#live = make("div", { role: "status", class: "unseen" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#live);
  }

  /** Draws a view, in place where it is there already, and gives the element that can be seen. */
  draw(view) {
    const kind = kindOf(view);
    const key = [kind, view.decision.item.id, kind === "checklist" ? "" : view.step.id].join(" ");
    if (this.#shown?.key === key && this.#shown.target === view.target) {
      this.#shown.fill(view);
      return this.#shown.element;
    }
    this.remove();
    const shown = { key, kind, target: view.target, stops: [], before: document.activeElement };
    this.#shown = shown;
    this.#open(shown, view);
    return shown.element;
  }

  remove() {
    const shown = this.#shown;
    this.#shown = null;
    if (!shown) return;
    for (const stop of shown.stops) stop();
    const inside = Boolean(shown.shadow.activeElement);
    if (shown.kind === "modal") shown.element.close();
    shown.host.remove();
    this.#live.textContent = "";
    if (inside && shown.before?.isConnected) shown.before.focus({ preventScroll: true });
  }

  #open(shown, view) {
    shown.host = make("guide-path-surface");
    shown.shadow = shown.host.attachShadow({ mode: "open" });
    shown.coordinates = new CSSStyleSheet();
    shown.shadow.adoptedStyleSheets = [this.#sheet, shown.coordinates];
    shown.element = frame(shown.kind, view);
    this.#prepare(shown, view);
    shown.fill(view);
    shown.shadow.append(shown.element);
    // Outside an open modal dialog it would be out of reach, so it goes where its target is.
    (view.target?.closest("dialog:modal") ?? this.#root).append(shown.host);
    if (shown.kind === "modal") this.#openModal(shown, view);
    else this.#openBeside(shown, view);
  }

  #prepare(shown, view) {
    const list = shown.kind === "checklist" ? { open: startsOpen(view) } : null;
    shown.fill = (next) => {
      shown.view = next;
      const looks = { "data-theme": this.#theme(), "data-look": next.decision.item.theme };
      dress(shown.element, { ...language(next.decision.locale), ...looks });
      const nodes = list ? checklist(next, { open: list.open, toggle: () => shown.toggle() }) : card(next);
      refill(shown, nodes);
    };
    shown.toggle = list && ((open = !list.open) => {
      list.open = open;
      shown.fill(shown.view);
    });
    shown.expanded = () => Boolean(list?.open);
  }

  #openModal(shown, view) {
    const { element, stops } = shown;
    const dismissible = view.step.dismissible !== false;
    element.setAttribute("closedby", dismissible ? "closerequest" : "none");
    stops.push(site.listen(element, "cancel", (event) => {
      if (event.target !== element) return;
      event.preventDefault();
      if (dismissible) shown.view.answer("escape");
    }));
    stops.push(site.listen(element, "click", (event) => {
      if (dismissible && event.target === element && outside(event, element)) shown.view.answer("overlay");
    }));
    stops.push(site.listen(element, "keydown", (event) => event.key === "Tab" && stayInside(event, shown)));
    element.showModal();
    first(element).focus({ preventScroll: true });
  }

  #openBeside(shown, view) {
    const { target, step } = view;
    const around = target && shown.kind === "tooltip" ? this.#around(shown, view) : null;
    if (around) around.showPopover({ source: target });
    shown.element.showPopover(target ? { source: target } : {});
    if (target) bringIntoView(target);
    if (target && !site.anchors()) this.#placeByHand(shown, placement(step.placement));
    shown.stops.push(site.listen(document, "keydown", (event) => pressed(event, shown)));
    this.#live.textContent = spoken(view);
  }

  // The ring around the target; with an overlay it also dims everything else.
  #around(shown, { step }) {
    const around = make("div", {
      class: "around",
      popover: "manual",
      "aria-hidden": "true",
      "data-overlay": step.overlay?.enabled ? "on" : null,
      "data-theme": this.#theme(),
      "data-by-hand": !site.anchors(),
    });
    shown.shadow.prepend(around);
    return around;
  }

  #placeByHand(shown, { side, align }) {
    const { element, target, coordinates } = shown;
    element.setAttribute("data-by-hand", "");
    const move = () => {
      const view = { width: innerWidth, height: innerHeight };
      const rect = target.getBoundingClientRect();
      const rtl = getComputedStyle(element).direction === "rtl";
      const box = element.getBoundingClientRect();
      const { x, y } = place({ target: rect, box, view, side, align, rtl });
      const { left, top, width, height } = rect;
      const lengths = Object.entries({ x, y, left, top, width, height });
      const rules = lengths.map(([name, length]) => `--${name}: ${length}px`);
      coordinates.replaceSync(`:host { ${rules.join("; ")} }`);
    };
    move();
    shown.stops.push(site.listen(globalThis, "scroll", move, true), site.listen(globalThis, "resize", move));
  }
}

function kindOf({ decision, step }) {
  if (decision.item.type === "checklist") return "checklist";
  return KINDS[step.type] ?? KINDS[decision.item.type] ?? (step.target ? "tooltip" : "modal");
}

function frame(kind, { decision, step, target }) {
  const { side, align } = placement(step.placement);
  const known = {
    class: `card ${kind}`,
    "data-small": step.type === "hint",
    "data-moment": decision.item.moment,
    "data-side": side,
    "data-align": align,
    "data-centred": kind === "tooltip" && !target,
    "aria-labelledby": kind === "checklist" ? null : step.title ? "title" : "body",
    "aria-describedby": step.title && step.bodyHtml && kind !== "checklist" ? "body" : null,
  };
  if (kind === "modal") return make("dialog", known);
  if (kind === "tooltip") return make("div", { ...known, popover: "manual", role: "dialog" });
  const label = kind === "checklist" ? (step.title ?? decision.item.title) : null;
  return make("div", { ...known, popover: "manual", role: "region", "aria-label": label });
}

function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
}

// New content, with the focus where it was: on the control of the same name.
function refill({ element, shadow }, nodes) {
  const key = shadow.activeElement?.getAttribute("data-key");
  element.replaceChildren(...nodes);
  if (!key) return;
  const keyed = [...element.querySelectorAll("[data-key]")];
  const same = keyed.find((one) => one.getAttribute("data-key") === key);
  (same ?? first(element)).focus({ preventScroll: true });
}

// Open where the list is new and there is room for it beside the page.
function startsOpen({ decision }) {
  return decision.item.state?.status === "not_started" && site.device() === "desktop";
}

function controlsOf(element) {
  const all = [...element.querySelectorAll("a[href], button")];
  return all.filter((one) => one.checkVisibility?.() ?? true);
}

function first(element) {
  const named = (key) => element.querySelector(`[data-key='${key}']`);
  const acting = named("primary") ?? named("next");
  return acting ?? element.querySelector("#title") ?? controlsOf(element)[0] ?? element;
}

function stayInside(event, { element, shadow }) {
  const all = controlsOf(element);
  const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (!to || (all.includes(shadow.activeElement) && shadow.activeElement !== from)) return;
  event.preventDefault();
  to.focus();
}

function outside({ clientX, clientY }, element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

function pressed(event, shown) {
  if (event.key === "F6" && !event.ctrlKey && !event.altKey && !event.metaKey) return reach(event, shown);
  if (event.key !== "Escape" || shown.element.querySelector(":popover-open")) return;
  const inside = Boolean(shown.shadow.activeElement);
  if (shown.toggle) return inside && shown.expanded() ? fold(event, shown) : undefined;
  if (shown.view.step.dismissible === false || !(inside || site.escapeIsFree(event))) return;
  event.preventDefault();
  shown.view.answer("escape");
}

// F6 goes to the item, and from the item back to where the person was.
function reach(event, shown) {
  event.preventDefault();
  if (shown.shadow.activeElement) return shown.before?.focus();
  shown.before = document.activeElement;
  const launcher = shown.element.querySelector("[data-key='launcher']");
  (launcher ?? controlsOf(shown.element)[0] ?? first(shown.element)).focus();
}

function fold(event, shown) {
  event.preventDefault();
  shown.toggle(false);
  shown.element.querySelector("[data-key='launcher']").focus();
}

function bringIntoView(target) {
  const { top, bottom, left, right } = target.getBoundingClientRect();
  if (top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  target.scrollIntoView({ block: "center", inline: "nearest", behavior: calm ? "instant" : "smooth" });
}
