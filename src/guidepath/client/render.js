// The only module that writes to the page. Everything it draws is in shadow trees of its own, styled
// by one constructed sheet; no style attribute and no markup from text.

import { first, giveBack, isTyping, keys, makeWay, remember, stayInside, swallow } from "./manners.js";
import { device, listen } from "./page.js";
import { card, language, make, plain, push, spoken } from "./parts.js";
import { layerOf, placeBeside } from "./placing.js";
import { fill } from "./words.js";

// What makes the inside of an item; what is rare is loaded when it first comes.
const insides = { card: (view) => card(view) };
const RARE = Object.freeze({
  checklist: () => import("./checklist.js"),
  survey: () => import("./survey.js"),
});
const HEARD = 100; // ms; a live region is heard when it changes, not when it comes

/** The parts that a page may style from outside of <guide-path> too. */
export const PARTS =
  "card,title,body,primary,quiet,close,around,dot,launcher,panel,bar,entries,prompt,point,field";

/**
 * Draws items under `root` (a shadow root) with `sheet`; `theme()` is "light", "dark" or null.
 * `container()` is an element of the page that holds the checklist, or null: then it is docked.
 */
export class Surface {
  #options;
  #shown = null;
  #turn = 0;
  #said = "";

  constructor(options) {
    this.#options = options;
    options.root.adoptedStyleSheets = [options.sheet];
  }

  /**
   * Draws a view, in place where it is there already, and gives the element that can be seen;
   * a promise of it where its module is loaded first: null if it was removed meanwhile.
   */
  draw(view) {
    const { target, decision, step } = view;
    const kind = kindOf(view);
    const inline = kind === "checklist" ? this.#options.container?.() : null;
    // Outside of an open dialog or popover it would be out of reach, so it goes where its target is.
    const home = inline ?? (target && layerOf(target)) ?? this.#options.root;
    const key = [kind, decision.item.id, kind === "checklist" || step.id, !target].join(" ");
    const now = this.#shown;
    if (now?.key === key && now.home === home && now.host.isConnected) {
      this.#fill(now, view);
      if (now.around && now.target !== target) this.#place(now, target);
      return now.seen;
    }
    this.remove();
    const inside = kind === "checklist" ? kind : step.questions?.length ? "survey" : "card";
    const theme = `theme-${decision.item.theme}`; // a part, by which a page styles all items of it
    const shown = { key, kind, theme, home, inline, inside, stops: [], unplace: () => {} };
    if (insides[inside]) return this.#open(shown, view);
    const turn = this.#turn;
    return RARE[inside]().then((module) => {
      insides[inside] = module[inside];
      return turn === this.#turn ? this.#open(shown, view) : null;
    });
  }

  remove() {
    this.#turn += 1;
    const shown = this.#shown;
    this.#shown = null;
    if (!shown) return;
    for (const stop of [shown.unplace, ...shown.stops]) stop();
    const inside = shown.shadow.activeElement;
    if (shown.kind === "modal") shown.element.close();
    shown.host.remove();
    if (inside) giveBack(shown.before);
  }

  #open(shown, view) {
    const { kind, theme, inline, home, stops } = shown;
    this.#shown = shown;
    shown.before = remember();
    shown.host = make("guide-path-surface", { exportparts: `${PARTS},${theme}`, "data-inline": Boolean(inline) });
    shown.shadow = shown.host.attachShadow({ mode: "open" });
    shown.shadow.adoptedStyleSheets = [this.#options.sheet];
    shown.element = frame(shown, view);
    shown.open = kind === "checklist" && (Boolean(inline) || startsOpen(view));
    if (kind === "hint" || (kind === "checklist" && !inline)) {
      shown.toggle = () => {
        shown.open = !shown.open;
        this.#fill(shown, shown.view);
        if (kind === "hint") (shown.open ? first(shown.element) : shown.dot).focus({ preventScroll: true });
      };
    }
    shown.dot = kind === "hint" && push("launcher", "", "dot", shown.toggle);
    shown.seen = shown.dot || shown.element;
    shown.live = make("div", { role: "status", class: "unseen" });
    shown.shadow.append(shown.element, shown.live);
    stops.push(listen(shown.shadow, "focusin", ({ relatedTarget }) => {
      if (relatedTarget && !shown.shadow.contains(relatedTarget)) shown.before = remember(relatedTarget);
    }));
    this.#fill(shown, view);
    home.append(shown.host);
    if (kind === "modal") this.#openModal(shown);
    else if (!inline) this.#openBeside(shown);
    return shown.seen;
  }

  // New content, with the focus where it was: on the control of the same name. The same content is
  // not drawn again, so that nothing flickers and nothing typed is lost.
  #fill(shown, view) {
    const { element, shadow, dot } = shown;
    const { decision, step, words } = view;
    shown.view = view;
    dress(element, {
      ...language(decision.locale),
      "data-theme": this.#options.theme(),
      part: `${element.className} ${shown.theme}`,
      "data-folded": dot && !shown.open ? "" : null,
    });
    const title = step.title || plain(step);
    if (dot) dress(dot, { "aria-expanded": shown.open, "aria-label": fill(words.hint, { title }) });
    const look = JSON.stringify([decision.item, step, words, decision.locale, !dot && shown.open]);
    if (shown.look === look) return;
    shown.look = look;
    const key = shadow.activeElement?.getAttribute("data-key");
    // An answer is given to the newest view: its claim may be another.
    const answer = (...said) => shown.view.answer(...said);
    element.replaceChildren(...insides[shown.inside]({ ...view, answer }, shown));
    if (!key) return;
    const same = shadow.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (same ?? first(element)).focus({ preventScroll: true });
  }

  #openModal(shown) {
    const { element, stops, view } = shown;
    const dismissible = view.step.dismissible !== false;
    element.setAttribute("closedby", dismissible ? "closerequest" : "none");
    stops.push(
      listen(element, "cancel", (event) => {
        if (event.target !== element) return;
        event.preventDefault();
        if (dismissible && !isTyping(shown)) shown.view.answer("escape");
      }),
      listen(element, "click", (event) => {
        const beside = event.target === element && isOutside(event, element);
        if (dismissible && beside) shown.view.answer("overlay");
      }),
      listen(element, "keydown", (event) => stayInside(event, shown)),
    );
    element.showModal();
    first(element).focus({ preventScroll: true });
  }

  #openBeside(shown) {
    const { kind, stops, element, view, shadow } = shown;
    const { step, decision, target } = view;
    const dims = kind === "tooltip" && Boolean(step.overlay?.enabled);
    if (target && (kind === "tooltip" || shown.dot)) {
      const about = { class: "around", part: `around ${shown.theme}`, popover: "manual" };
      const looks = { "data-theme": this.#options.theme(), "data-overlay": dims };
      shown.around = make("div", { ...about, ...looks }, shown.dot);
      shadow.prepend(shown.around);
      this.#place(shown, target);
    } else {
      element.showPopover();
    }
    stops.push(keys(shown));
    if (kind === "banner" || kind === "dock") stops.push(makeWay(element));
    if (dims && target && step.dismissible !== false) stops.push(...swallow(shown));
    const said = `${decision.claim?.token} ${shown.key}`;
    if (this.#said === said) return; // a target that comes and goes has it drawn again
    this.#said = said;
    // A step of a tour that dims the page is where the person is.
    if (dims && decision.item.type === "tour") return first(element).focus({ preventScroll: true });
    const saying = setTimeout(() => (shown.live.textContent = spoken(shown.view)), HEARD);
    stops.push(() => clearTimeout(saying));
  }

  // Beside its target, also when the page has drawn that anew.
  #place(shown, target) {
    const { element, around, view } = shown;
    shown.unplace();
    shown.target = target;
    shown.unplace = placeBeside({ element, around, target, scroll: !shown.dot, ...view.step.placement });
  }
}

function kindOf({ decision, step, target }) {
  const { type } = decision.item;
  if (["checklist", "banner", "modal"].includes(type)) return type;
  if (type === "hint" && target) return type;
  if (type === "survey" && !target && !step.overlay?.enabled) return "dock";
  return type !== "announcement" && (target || step.target) ? "tooltip" : "modal";
}

function frame({ kind, inline }, { decision, step, target }) {
  const beside = kind === "tooltip" || kind === "hint";
  const known = {
    class: `card ${beside ? "tooltip" : kind}${inline ? " inline" : ""}`,
    "data-small": decision.item.type === "hint",
    "data-moment": decision.item.moment,
    "data-side": step.placement?.side,
    "data-centred": beside && !target,
    "aria-labelledby": step.title ? "title" : "body",
    "aria-describedby": step.title && step.bodyHtml ? "body" : null,
  };
  if (kind === "modal") return make("dialog", known);
  return make("div", { ...known, popover: inline ? null : "manual", role: beside ? "dialog" : "region" });
}

function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
}

// Open where the list is new and there is room for it beside the page.
function startsOpen({ decision }) {
  return decision.item.state?.status === "not_started" && device() === "desktop";
}

function isOutside({ clientX, clientY }, element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
