// A checklist: the panel with its entries, and the button that folds it. Loaded with the first one.

import { drawing, icon, make, push, reminders, text } from "./parts.js";
import { fill } from "./words.js";

/** The inside of a checklist: in the dock with the button that opens it, in a container without. */
export function checklist(view, { open, toggle }) {
  const { decision, step, words, answer } = view;
  const { items: entries = [] } = decision.item;
  const { title } = step;
  const { done, count } = reached(entries, words);
  const act = (entry) => () => answer("act", { action: entry.action, entryId: entry.id });
  const panel = make(
    "div",
    { class: "panel", id: "panel", hidden: toggle && !open },
    make("h2", { id: "title", class: "title", tabindex: "-1" }, title),
    text(step),
    lines(entries, words, (entry) => push(`entry ${entry.id}`, entry.action.label, "quiet", act(entry))),
    make(
      "div",
      { class: "controls" },
      reminders(view),
      step.dismissible !== false && push("close", words.hide, "quiet", () => answer("close")),
    ),
  );
  if (!toggle) return [panel];
  const opening = { "aria-expanded": String(open), "aria-controls": "panel" };
  const launcher = push("launcher", ring(done, entries.length), "launcher", () => toggle(), opening);
  const name = make("span", { class: "name" }, title);
  launcher.append(name, make("span", { class: "count" }, count), icon("fold"));
  return [panel, launcher];
}

/** A bar with how much is done, and the entries; `acting(entry)` is the control of an open one. */
export function lines(entries, words, acting) {
  const { done, count } = reached(entries, words);
  const bar = { class: "bar", max: String(entries.length || 1), value: String(done), "aria-label": count };
  const list = make("ul", { class: "entries" }, ...entries.map((entry) => line(entry, words, acting)));
  return make("div", {}, make("progress", bar), list);
}

function line(entry, words, acting) {
  const done = isDone(entry);
  const locked = !done && Boolean(entry.locked);
  const state = done ? words.completed : locked ? null : words.open;
  const why = typeof entry.locked === "string" ? entry.locked : words.locked;
  const optional = !done && entry.required === false;
  const notes = [locked && why, optional && words.optional].filter(Boolean);
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
    entry.action && !done && !locked && acting(entry),
  );
}

function reached(entries, words) {
  const done = entries.filter(isDone).length;
  return { done, count: fill(words.steps, { n: done, m: entries.length }) };
}

function isDone(entry) {
  return entry.status === "completed" || Boolean(entry.completedAt);
}

function ring(done, all) {
  const share = all > 0 ? (100 * done) / all : 0;
  const circle = (name, length) => {
    return { class: name, cx: 10, cy: 10, r: 8, pathLength: 100, "stroke-dasharray": `${length} 100` };
  };
  return drawing("ring-progress", "circle", circle("track", 100), circle("share", share));
}
