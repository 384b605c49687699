// The pieces an item is made of, as new nodes that are not in the page yet.

import { body } from "./body.js";
import { position } from "./place.js";
import { direction, fill, reminder } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = Object.freeze({
  close: "M5 5l10 10M15 5L5 15",
  check: "M5 10.5l3.5 3.5L15.5 6.5",
  lock: "M6 9.5h8v6H6zM7.5 9.5V7a2.5 2.5 0 0 1 5 0v2.5",
  fold: "M5 8l5 5 5-5",
});

/** An element with attributes, listeners (`onclick: fn`) and children; null and false are left out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/** The inside of a card: heading, body, and what can be done. `view` is what the surface draws. */
export function card(view) {
  const { step, words, answer, decision } = view;
  const nodes = [
    make("div", { class: "head" }, heading(step), step.dismissible !== false && closing(words, answer)),
    step.bodyHtml ? make("div", { class: "body", id: "body" }, body(step.bodyHtml)) : null,
    controls(view),
  ];
  const festive = decision.item.moment === "celebrate";
  return [festive ? flourish() : null, ...nodes].filter(Boolean);
}

/** A checklist: a launcher with the progress, and the panel it opens. */
export function checklist(view, { open, toggle }) {
  const { decision, step, words, answer } = view;
  const entries = decision.item.items ?? [];
  const title = step.title ?? decision.item.title ?? "";
  const done = entries.filter(isDone).length;
  const count = fill(words.steps, { n: done, m: entries.length });
  const opening = { "aria-expanded": String(open), "aria-controls": "panel", onclick: () => toggle() };
  const launcher = make(
    "button",
    { class: "launcher", type: "button", "data-key": "launcher", ...opening },
    ring(done, entries.length),
    make("span", { class: "name" }, title),
    make("span", { class: "count" }, count),
    icon("fold"),
  );
  const panel = make(
    "div",
    { class: "panel", id: "panel", hidden: !open },
    make("h2", { id: "title", class: "title" }, title),
    step.bodyHtml ? make("div", { class: "body", id: "body" }, body(step.bodyHtml)) : null,
    make("progress", { max: String(entries.length || 1), value: String(done), "aria-label": count }),
    make("ul", { class: "entries" }, ...entries.map((entry) => line(entry, view))),
    make("div", { class: "controls" }, reminders(view), step.dismissible !== false && hiding(words, answer)),
  );
  return [panel, launcher];
}

/** What a person who does not see the page is told when an item appears. */
export function spoken({ step, words }) {
  const text = body(step.bodyHtml ?? "").textContent.trim();
  return [step.title, text, words.reach].filter(Boolean).join(" ");
}

/** The attributes of language: of the words, and of the direction they run in. */
export function language(locale) {
  return { lang: locale, dir: direction(locale) };
}

function heading(step) {
  return step.title ? make("h2", { id: "title", class: "title", tabindex: "-1" }, step.title) : null;
}

function closing(words, answer) {
  const close = { class: "close", type: "button", "data-key": "close", "aria-label": words.close };
  return make("button", { ...close, onclick: () => answer("close") }, icon("close"));
}

function hiding(words, answer) {
  return push("close", words.hide, "quiet", () => answer("close"));
}

function controls(view) {
  const { decision, step, words, answer } = view;
  const { n, m, first, last } = position(decision.item.steps ?? [], step.id);
  const primary = step.primaryAction;
  const turning = [last ? words.done : words.next, primary ? "quiet" : "primary"];
  const nodes = [
    m > 1 ? make("span", { class: "steps" }, fill(words.steps, { n, m })) : null,
    reminders(view),
    m > 1 && !first ? push("back", words.back, "quiet", () => answer("back")) : null,
    step.secondaryAction ? acting("secondary", step.secondaryAction, "quiet", answer) : null,
    primary ? acting("primary", primary, "primary", answer) : null,
    m > 1 && !(primary && last) ? push("next", ...turning, () => answer("next")) : null,
  ].filter(Boolean);
  return nodes.length > 0 ? make("div", { class: "controls" }, ...nodes) : null;
}

function push(key, label, kind, act) {
  return make("button", { class: kind, type: "button", "data-key": key, onclick: act }, label);
}

function acting(key, action, kind, answer) {
  return push(key, action.label, kind, () => answer("act", { action }));
}

// One choice is a button; several are a button that opens them.
function reminders({ decision, words, answer }) {
  const options = decision.item.snoozeOptions ?? [];
  const choose = (snooze) => {
    const label = reminder(snooze, words, decision.locale);
    return push(`snooze ${snooze}`, label, "quiet", () => answer("snooze", { snooze }));
  };
  if (options.length < 2) return options.length === 1 ? choose(options[0]) : null;
  const group = { class: "menu", id: "menu", popover: "auto", role: "group", "aria-label": words.later };
  const menu = make("div", group, ...options.map(choose));
  const opener = { class: "quiet", type: "button", "data-key": "later", popovertarget: "menu" };
  return make("span", { class: "later" }, make("button", opener, words.later), menu);
}

function line(entry, { words, answer }) {
  const done = isDone(entry);
  const locked = !done && Boolean(entry.locked);
  const state = done ? words.completed : locked ? null : words.open;
  const why = typeof entry.locked === "string" ? entry.locked : words.locked;
  const optional = !done && entry.required === false;
  const notes = [locked && why, optional && words.optional].filter(Boolean);
  const { action } = entry;
  return make(
    "li",
    { class: done ? "done" : locked ? "locked" : "open" },
    make("span", { class: "mark" }, done ? icon("check") : locked ? icon("lock") : null),
    make(
      "span",
      { class: "entry" },
      make("span", {}, entry.title),
      state ? make("span", { class: "unseen" }, ` (${state})`) : null,
      notes.length > 0 ? make("small", {}, notes.join(" · ")) : null,
    ),
    action && !done && !locked
      ? push(`entry ${entry.id}`, action.label, "quiet", () => answer("act", { action, entryId: entry.id }))
      : null,
  );
}

function isDone(entry) {
  return entry.status === "completed" || Boolean(entry.completedAt);
}

function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", `icon ${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}

function ring(done, all) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "ring-progress");
  const share = all > 0 ? (100 * done) / all : 0;
  for (const [name, length] of [["track", 100], ["share", share]]) {
    const circle = document.createElementNS(SVG, "circle");
    const round = { cx: 10, cy: 10, r: 8, pathLength: 100 };
    const attributes = { class: name, ...round, "stroke-dasharray": `${length} 100` };
    for (const [key, value] of Object.entries(attributes)) circle.setAttribute(key, value);
    drawing.append(circle);
  }
  return drawing;
}

function flourish() {
  const pieces = Array.from({ length: 14 }, () => make("i"));
  return make("div", { class: "flourish", "aria-hidden": "true" }, ...pieces);
}
