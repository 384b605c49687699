// The inspector: says in the page what was decided, why each other item waits, what the client did,
// and when something will open. It is loaded only where the address or this tab asks for it, and
// shows itself only where the server tells; for everybody else there is nothing to see.

import {
  capital, chosen, facts, found, groups, lasting, latest, line, openings, told, until, why,
} from "./inspection.js";
import { make } from "./parts.js";

const KEPT = 200; // lines of what the client did
const LOOK = "guidepath:inspector"; // where this tab keeps how it stands, and
const OPEN = "guidepath"; // that it is open
const NEWS = Object.freeze(["decided", "answered", "shown", "missing"]); // the server has more to tell
const REFUSED = Object.freeze([401, 403, 404]); // she may not look, or not any more
const FOLDED = Object.freeze(["NOT_HERE", "WRONG_ROLE"]); // of no interest, mostly

/**
 * Opens the inspector of a connection, where the server tells; else says so once in the console.
 *
 * `element` is what draws, and `trace` what the connection did so far.
 */
export async function inspect({ element, guide, trace }) {
  try {
    const [report, sheet] = await Promise.all([guide.inspect(), styles()]);
    remember(OPEN, "inspect");
    return new Inspector({ element, guide, trace, report, sheet });
  } catch {
    return forget();
  }
}

// Who may not look is told so once, and not asked again.
function forget() {
  remember(OPEN, null);
  console.info("guidepath: there is no inspector here for you.");
}

class Inspector {
  #element;
  #guide;
  #trace;
  #report;
  #look;
  #stop;
  #asking = null;
  #lists = {};
  #host = make("guide-path-inspector", { popover: "manual" });
  #status = make("span", { class: "status", role: "status" });
  #fold = icon("fold", "Details", () => this.#set({ folded: !this.#look.folded }));
  #inside;
  #panel;

  constructor({ element, guide, trace, report, sheet }) {
    this.#element = element;
    this.#guide = guide;
    this.#trace = trace;
    this.#report = report;
    const other = document.querySelector("guide-path-inspector");
    this.#look = { ...recalled(), ...(other && { side: across(other.dataset.side) }) };
    this.#inside = this.#contents();
    this.#panel = this.#frame();
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.#panel);
    document.body.append(this.#host);
    this.#stop = guide.on("trace", (entry) => this.#hear(entry));
    this.#stand();
    this.#draw();
    this.#makeWay();
  }

  close() {
    this.#stop();
    this.#host.remove();
  }

  #frame() {
    const move = () => this.#set({ side: across(this.#look.side) });
    const leave = () => {
      remember(OPEN, null);
      this.close();
    };
    const name = make("h2", { id: "name" }, "Inspector");
    const side = icon("side", "Move to the other side", move);
    const header = make("header", {}, name, this.#status, side, this.#fold, icon("close", "Close the inspector", leave));
    return make("section", { class: "panel", "aria-labelledby": "name" }, header, this.#inside);
  }

  #contents() {
    const push = (label, act) => make("button", { type: "button", onclick: act }, label);
    const list = (name, element = "ol") => (this.#lists[name] = make(element, { class: name }));
    const part = (title, ...content) =>
      make("details", { open: true }, make("summary", {}, make("h3", {}, title)), ...content);
    return make(
      "div",
      { class: "inside", id: "inside", tabindex: "0", role: "group", "aria-label": "What was decided" },
      list("now", "div"),
      make("p", { class: "acts" }, push("Ask again", () => this.#askAgain()), push("Copy as text", () => this.#copy())),
      part("What the client did", list("trace")),
      part("Opens next", list("next")),
      part("Why not the others", list("others")),
      part("What is known", list("known", "dl"), list("milestones")),
    );
  }

  #set(change) {
    this.#look = { ...this.#look, ...change };
    remember(LOOK, JSON.stringify(this.#look));
    this.#stand();
  }

  #stand() {
    const { side, folded } = this.#look;
    this.#host.dataset.side = side;
    this.#host.toggleAttribute("data-folded", folded);
    this.#inside.hidden = folded;
    this.#fold.ariaExpanded = String(!folded);
    this.#rise();
  }

  // Shown anew it lies above what has come since.
  #rise() {
    this.#host.hidePopover();
    this.#host.showPopover();
  }

  // What it would cover is what one wants to see: it goes to the other side, or stays above it.
  #makeWay() {
    const surfaces = [...this.#element.shadowRoot.querySelectorAll("guide-path-surface")];
    const drawn = surfaces.flatMap((one) => [...one.shadowRoot.querySelectorAll(".card, .beacon")]);
    const covers = () => drawn.some((one) => one.checkVisibility() && overlap(this.#panel, one));
    const { dataset } = this.#host;
    delete dataset.short;
    if (!covers()) return;
    dataset.side = across(this.#look.side);
    if (covers()) Object.assign(dataset, { side: this.#look.side, short: "" });
    else this.#look.side = dataset.side;
  }

  #hear({ what }) {
    if (what === "closed") return this.close();
    this.#trace.splice(0, this.#trace.length - KEPT);
    if (what === "placed") this.#makeWay();
    if (what === "shown") this.#rise();
    if (NEWS.includes(what)) void this.#refresh();
    this.#drawTrace();
  }

  async #askAgain() {
    const decision = await this.#guide.next();
    await this.#refresh();
    this.#status.textContent = decision ? "Asked again." : "The server did not answer.";
  }

  // Somebody else is signed in, or she may look no more: what it shows is not for who sits there.
  #lose() {
    this.close();
    forget();
  }

  // One request at a time; what happens meanwhile asks once more.
  #refresh() {
    if (this.#asking) this.#asking.again = true;
    else this.#load((this.#asking = { again: true }));
    return this.#asking.done;
  }

  #load(asking) {
    asking.again = false;
    asking.done = this.#guide.inspect().then(
      (report) => {
        this.#report = report;
        this.#draw();
      },
      (error) => {
        if (!REFUSED.includes(error.status)) this.#status.textContent = error.message;
        else {
          asking.again = false;
          this.#lose();
        }
      },
    ).then(() => {
      if (asking.again) return this.#load(asking);
      this.#asking = null;
    });
    return asking.done;
  }

  async #copy() {
    const text = told(this.#report, this.#trace);
    try {
      await navigator.clipboard.writeText(text);
      this.#status.textContent = "Copied.";
    } catch {
      // The browser does not let this page copy.
      const area = make("textarea", { readonly: true, rows: "12", "aria-label": "The inspector as text" }, text);
      this.#lists.now.replaceChildren(area);
      area.select();
    }
  }

  // What one has unfolded stays so, and the focus stays where it is.
  #draw() {
    const { next, others, known, milestones } = this.#lists;
    const report = this.#report;
    const before = new Map(keyed(others).map((one) => [one.dataset.key, one]));
    const focused = this.#host.shadowRoot.activeElement?.parentElement;
    next.replaceChildren(...orNone(openings(report).map((one) => opening(one, report)), "Time alone opens nothing."));
    others.replaceChildren(...orNone(groups(report).map(group), "There is no other item."));
    known.replaceChildren(...pairs(facts(report.person)));
    milestones.replaceChildren(...report.person.milestones.map(milestone));
    for (const one of keyed(others)) {
      const was = before.get(one.dataset.key);
      if (was) one.open = was.open;
      if (was && was === focused) one.firstElementChild.focus({ preventScroll: true });
    }
    this.#drawTrace();
  }

  #drawTrace() {
    const { now, trace } = this.#lists;
    now.replaceChildren(...headline(this.#report, this.#trace));
    trace.replaceChildren(...this.#trace.map(step));
  }
}

function headline(report, trace) {
  const { page, device, person, evaluatedAt } = report;
  const item = chosen(report);
  const last = latest(trace);
  const chip = (text) => make("span", { class: "chip" }, text);
  return [
    make("p", { class: "where" }, [page, device, person.role].filter(Boolean).join(" · ")),
    make("h3", { class: item ? "title" : "title silent" }, item?.title ?? "Nothing is shown"),
    make("p", { class: "about" }, ...(item ? [chip(item.type), chip(item.moment), code(item.id)] : [])),
    make("p", {}, why(report)),
    make("p", { class: "state" }, last ? `In this tab: ${last}.` : `Decided at ${clock(evaluatedAt)}.`),
  ];
}

function opening({ at, title, text }, { evaluatedAt }) {
  const when = make("time", { datetime: at }, make("b", {}, until(at, evaluatedAt)), time(at));
  return make("li", {}, when, make("span", {}, make("b", {}, title), text));
}

// Items that the same gate keeps back.
function group(items) {
  const { code: gate, meaning } = items[0].closed[0];
  const summary = make("summary", { class: "code" }, make("b", {}, `${capital(meaning)} · ${items.length}`), code(gate));
  const list = make("ul", {}, ...items.map(because));
  return make("li", {}, make("details", { open: !FOLDED.includes(gate), "data-key": gate }, summary, list));
}

function because({ id, title, closed }) {
  const [first, ...rest] = closed.map((one) => make("dl", {}, ...pairs(found(one, time))));
  const more = rest.map((one, index) => {
    const { code: gate, meaning } = closed[index + 1];
    return make("li", {}, make("p", { class: "code" }, capital(meaning), code(gate)), one);
  });
  const folded = make("details", { "data-key": id }, make("summary", {}, `and ${more.length} more`), make("ul", {}, ...more));
  return make("li", {}, make("p", { class: "title" }, title, code(id)), first, more.length > 0 && folded);
}

function step(entry, index, all) {
  const since = Date.parse(entry.at) - Date.parse(all[Math.max(index - 1, 0)].at);
  const when = make("time", { datetime: entry.at }, clock(entry.at));
  return make("li", { class: entry.what }, when, make("span", {}, line(entry)), make("small", {}, since ? `+${lasting(since)}` : ""));
}

function milestone({ id, title, reachedAt }) {
  const when = make("small", {}, reachedAt ? `reached ${time(reachedAt)}` : "not reached", code(id));
  return make("li", { class: reachedAt ? "reached" : "open" }, make("span", {}, title), when);
}

function pairs(list) {
  return list.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
}

function orNone(nodes, text) {
  return nodes.length > 0 ? nodes : [make("li", { class: "none" }, text)];
}

function code(text) {
  return make("code", {}, text);
}

function icon(name, label, act) {
  return make("button", { type: "button", class: name, "aria-label": label, title: label, onclick: act });
}

function keyed(list) {
  return [...list.querySelectorAll("details[data-key]")];
}

function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB");
}

// The time of day; with the day where that is another one.
function time(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(at) : date.toLocaleString("en-CA", { hour12: false });
}

function across(side) {
  return side === "left" ? "right" : "left";
}

function overlap(...elements) {
  const [one, other] = elements.map((element) => element.getBoundingClientRect());
  const beside = one.right <= other.left || other.right <= one.left;
  return !beside && one.bottom > other.top && other.bottom > one.top;
}

function recalled() {
  const usual = { side: "right", folded: false };
  try {
    return { ...usual, ...JSON.parse(sessionStorage.getItem(LOOK)) };
  } catch {
    return usual;
  }
}

// A page may refuse to keep anything: then it is for this page only.
function remember(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // nothing is kept
  }
}

async function styles() {
  const response = await fetch(new URL("inspect.css", import.meta.url));
  return new CSSStyleSheet().replace(await response.text());
}
