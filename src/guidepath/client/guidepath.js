// The entry: defines <guide-path base locale? page? theme? container? launcher?> and exports `connect`.
//
// The element draws what guidepath decides, and says so in events of its own: guidepath:item,
// guidepath:shown, guidepath:answered, guidepath:silent, and guidepath:navigate, which a single-page
// app may prevent to do the navigation itself. Two elements know nothing of each other.

/// <reference path="./globals.d.ts" preserve="true" />

/**
 * @typedef {import("./types.js").Action} Action
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./types.js").Answers} Answers
 * @typedef {import("./types.js").ConnectOptions} ConnectOptions
 * @typedef {import("./types.js").Decision} Decision
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./types.js").Events} Events
 * @typedef {import("./types.js").Feedback} Feedback
 * @typedef {import("./types.js").Guide} Guide
 * @typedef {import("./types.js").Item} Item
 * @typedef {import("./types.js").Milestone} Milestone
 * @typedef {import("./types.js").Progress} Progress
 * @typedef {import("./types.js").Question} Question
 * @typedef {import("./types.js").Shown} Shown
 * @typedef {import("./types.js").Step} Step
 * @typedef {import("./types.js").Words} Words
 */

import { connect } from "./connect.js";
import { locale } from "./page.js";

export { connect };

/** @type {readonly ("item" | "shown" | "answered" | "silent" | "navigate")[]} */
const EVENTS = Object.freeze(["item", "shown", "answered", "silent", "navigate"]);

export class GuidePath extends HTMLElement {
  static observedAttributes = ["base", "locale", "page", "launcher"];

  /** @type {Guide | null} */
  #guide = null;
  /** @type {Promise<CSSStyleSheet> | null} */
  #sheet = null;
  /** @type {(() => void) | null} */
  #close = null;
  #starts = 0;
  #given = {};

  /**
   * Words of the client by language, e.g. {de: {close: "Zu"}}.
   *
   * @type {ConnectOptions["texts"]}
   */
  get texts() {
    return this.#given.texts;
  }

  set texts(texts) {
    this.#give({ texts });
  }

  /**
   * What a selector of the playbook means where the page knows better.
   *
   * @type {ConnectOptions["targets"]}
   */
  get targets() {
    return this.#given.targets;
  }

  set targets(targets) {
    this.#give({ targets });
  }

  /**
   * A bearer token, or a function giving one, for a guidepath of another origin.
   *
   * @type {ConnectOptions["token"]}
   */
  get token() {
    return this.#given.token;
  }

  set token(token) {
    this.#give({ token });
  }

  /** Something has changed that guidepath should know of: it asks again soon. */
  refresh() {
    this.#guide?.refresh();
  }

  connectedCallback() {
    // What was set before this file was loaded hides the accessors.
    for (const name of ["texts", "targets", "token"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    if (!this.#guide) this.#restart();
  }

  // An element that is only moved is connected again in the same turn, and goes on.
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.#restart();
  }

  #give(given) {
    this.#given = { ...this.#given, ...given };
    this.#restart();
  }

  #restart() {
    const start = (this.#starts += 1);
    const current = () => start === this.#starts && this.isConnected;
    queueMicrotask(async () => {
      if (!current()) return;
      this.#stop();
      try {
        const painted = this.querySelector(":scope > script[type='application/json']");
        const first = painted && (await import("./firstpaint.js")).received(this, painted);
        if (current()) this.#start(first);
      } catch (error) {
        quiet(error);
      }
    });
  }

  // `first` is what the server has painted into the page already.
  #start(first) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (!first) root.replaceChildren();
    const given = (name) => this.getAttribute(name) ?? undefined;
    const surface = () => this.#surface(root);
    const guide = connect({
      ...this.#given,
      base: given("base") ?? ".",
      locale: given("locale"),
      page: given("page"),
      first: first?.decision,
      surface: first ? first.over(surface) : surface,
    });
    this.#guide = guide;
    for (const name of EVENTS) guide.on(name, (detail, prevent) => this.#say(name, detail, prevent));
    if (inspecting()) this.#inspect(guide).catch(quiet);
    if (this.hasAttribute("launcher")) this.#launch(guide, root).catch(quiet);
  }

  async #surface(root) {
    const [{ Surface }, sheet] = await Promise.all([import("./render.js"), this.#styles()]);
    const container = this.getAttribute("container");
    return new Surface({
      root,
      sheet,
      theme: () => this.getAttribute("theme"),
      container: () => container && document.querySelector(container),
    });
  }

  async #inspect(guide) {
    const trace = [];
    guide.on("trace", (entry) => trace.push(entry));
    const { inspect } = await import("./inspect.js");
    await inspect({ element: this, guide, trace });
  }

  async #launch(guide, root) {
    const [{ openLauncher }, { wordsFor }, sheet] = await Promise.all([
      import("./launcher.js"), import("./words.js"), this.#styles(),
    ]);
    if (guide !== this.#guide) return;
    const language = this.getAttribute("locale") ?? locale();
    const launcher = openLauncher({
      root,
      sheet,
      theme: () => this.getAttribute("theme"),
      progress: () => guide.progress(),
      words: wordsFor(language, this.texts),
      locale: language,
    });
    for (const name of ["item", "answered"]) guide.on(name, launcher.refresh);
    this.#close = launcher.close;
  }

  #styles() {
    this.#sheet ??= styles().catch((error) => {
      this.#sheet = null;
      throw error;
    });
    return this.#sheet;
  }

  #say(name, detail, prevent) {
    const kind = { detail, bubbles: true, cancelable: name === "navigate" };
    const event = new CustomEvent(`guidepath:${name}`, kind);
    if (!this.dispatchEvent(event)) prevent();
  }

  #stop() {
    this.#guide?.close();
    this.#guide = null;
    this.#close?.();
    this.#close = null;
  }
}

// Whether the address asks for the inspector, or this tab has it open; the server says who may.
function inspecting() {
  try {
    const asked = new URLSearchParams(location.search).get("guidepath");
    return (asked ?? sessionStorage.getItem("guidepath")) === "inspect";
  } catch {
    return false;
  }
}

function quiet(error) {
  console.warn("guidepath is quiet:", error);
}

// A constructed sheet is allowed where style attributes and inline sheets are not.
async function styles() {
  const response = await fetch(new URL("guidepath.css", import.meta.url));
  if (!response.ok) throw new Error(`guidepath.css: ${response.status}`);
  return new CSSStyleSheet().replace(await response.text());
}

if (!customElements.get("guide-path")) customElements.define("guide-path", GuidePath);
