// The pieces an item is made of, as new nodes that are not in the page yet.

import { body } from "./body.js";
import { position } from "./state.js";
import { direction, fill, reminder } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = Object.freeze({
  close: "M5 5l10 10M15 5L5 15",
  check: "M5 10.5l3.5 3.5L15.5 6.5",
  lock: "M6 9.5h8v6H6zM7.5 9.5V7a2.5 2.5 0 0 1 5 0v2.5",
  fold: "M5 8l5 5 5-5",
  guide: "M8 7.6a2.2 2.2 0 1 1 3.2 2q-1.2.6-1.2 1.9m0 2.6v.1M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15",
});

/**
 * An element with attributes, listeners (`onclick: fn`) and children; null and false are left out.
 * Its classes are its parts as well, so that a page can style it.
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
    if (key === "class") element.setAttribute("part", value);
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/** The inside of a card: heading, body, and what can be done (or a `form`). `view` is what is drawn. */
export function card(view, form = controls(view)) {
  const { step, words, answer, decision } = view;
  const close = { class: "close", type: "button", "data-key": "close", "aria-label": words.close };
  const closing = make("button", { ...close, onclick: () => answer("close") }, icon("close"));
  const nodes = [
    make("div", { class: "head" }, heading(step), step.dismissible !== false && closing),
    text(step),
    form,
  ];
  const festive = decision.item.moment === "celebrate" && !view.past;
  return [festive ? flourish() : null, ...nodes].filter(Boolean);
}

/** What a person who does not see the page is told when an item appears. */
export function spoken({ step, words }) {
  return [step.title, plain(step), words.reach].filter(Boolean).join(" ");
}

/** The body of a step as bare words. */
export function plain(step) {
  return body(step.bodyHtml ?? "").textContent.trim();
}

/** The attributes of language: of the words, and of the direction they run in. */
export function language(locale) {
  return { lang: locale, dir: direction(locale) };
}

/** The body of a step. */
export function text(step) {
  return step.bodyHtml ? make("div", { class: "body", id: "body" }, body(step.bodyHtml)) : null;
}

/** A button; `key` is the name by which the focus finds it again when it is drawn anew. */
export function push(key, label, kind, act, more = {}) {
  return make("button", { class: kind, type: "button", "data-key": key, onclick: act, ...more }, label);
}

/** To be reminded later: one choice is a button; several are a button that opens them. */
export function reminders({ decision, words, answer }) {
  const options = decision.item.snoozeOptions ?? [];
  const choose = (snooze) => {
    const label = reminder(snooze, words, decision.locale);
    return push(`snooze ${snooze}`, label, "quiet", () => answer("snooze", { snooze }));
  };
  if (options.length < 2) return options.length === 1 ? choose(options[0]) : null;
  const group = { class: "menu", id: "menu", popover: "auto", role: "group", "aria-label": words.later };
  const opener = push("later", words.later, "quiet", null, { popovertarget: "menu" });
  return make("span", { class: "later" }, opener, make("div", group, ...options.map(choose)));
}

/** A drawing of our own, in the colour of the text. */
export function icon(name) {
  return drawing("icon", "path", { d: ICONS[name] });
}

/** An SVG picture of 20 by 20 that nobody is told of, of one kind of shape. */
export function drawing(name, shape, ...shapes) {
  const picture = document.createElementNS(SVG, "svg");
  const about = { viewBox: "0 0 20 20", "aria-hidden": "true", class: name };
  for (const [key, value] of Object.entries(about)) picture.setAttribute(key, value);
  for (const attributes of shapes) {
    const one = document.createElementNS(SVG, shape);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    picture.append(one);
  }
  return picture;
}

function heading(step) {
  return step.title ? make("h2", { id: "title", class: "title", tabindex: "-1" }, step.title) : null;
}

function controls(view) {
  if (view.past) return null; // it is only read again
  const { decision, step, words, answer } = view;
  const { n, m, first, last } = position(decision.item.steps ?? [], step.id);
  const primary = step.primaryAction;
  const acting = (key, action, kind) => push(key, action.label, kind, () => answer("act", { action }));
  const turning = [last ? words.done : words.next, primary ? "quiet" : "primary"];
  const turns = m > 1 && !(primary && (last || primary.type === "step"));
  const nodes = [
    m > 1 ? make("span", { class: "steps" }, fill(words.steps, { n, m })) : null,
    reminders(view),
    m > 1 && !first ? push("back", words.back, "quiet", () => answer("back")) : null,
    step.secondaryAction ? acting("secondary", step.secondaryAction, "quiet") : null,
    primary ? acting("primary", primary, "primary") : null,
    turns ? push("next", ...turning, () => answer("next")) : null,
  ].filter(Boolean);
  return nodes.length > 0 ? make("div", { class: "controls" }, ...nodes) : null;
}

// A tick on a disc, with rays that burst once; where motion is not wanted they are there at once.
function flourish() {
  const disc = { class: "disc", d: "M10 4.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11" };
  const tick = { class: "tick", d: "M7.5 10.2l1.8 1.8 3.4-3.7" };
  const straight = "M10 3V1.4M10 17v1.6M3 10H1.4M17 10h1.6";
  const slanting = "M5 5L3.9 3.9M15 5l1.1-1.1M5 15l-1.1 1.1M15 15l1.1 1.1";
  const rays = { class: "rays", d: straight + slanting };
  return drawing("flourish", "path", disc, tick, rays, rays);
}
