// The entry: defines <guide-path base locale? theme? page?> and exports `connect`.
//
// The element draws what guidepath decides, and says so in events of its own: guidepath:item,
// guidepath:shown, guidepath:answered, guidepath:silent, and guidepath:navigate, which a single-page
// app may prevent to do the navigation itself. Two elements know nothing of each other.

import { connect } from "./connect.js";
import { Surface } from "./render.js";

export { connect };

const EVENTS = Object.freeze(["item", "shown", "answered", "silent", "navigate"]);

export class GuidePath extends HTMLElement {
  static observedAttributes = ["base", "locale", "page"];

  #guide = null;
  #sheet = null;
  #starts = 0;
  #texts = undefined;

  /** Words of the client by language, e.g. {de: {close: "Zu"}}. */
  set texts(texts) {
    this.#texts = texts;
    this.#restart();
  }

  get texts() {
    return this.#texts;
  }

  /** Something has changed that guidepath should know of: it asks again soon. */
  refresh() {
    this.#guide?.refresh();
  }

  connectedCallback() {
    if (!this.#guide) this.#restart();
  }

  // An element that is only moved is connected again in the same turn, and goes on.
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.#restart();
  }

  #restart() {
    if (!this.isConnected) return;
    const start = (this.#starts += 1);
    queueMicrotask(async () => {
      if (start !== this.#starts || !this.isConnected) return;
      this.#stop();
      try {
        this.#sheet ??= await styles();
        if (start === this.#starts && this.isConnected) this.#start();
      } catch (error) {
        console.warn("guidepath is quiet:", error);
      }
    });
  }

  #start() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.replaceChildren();
    const surface = new Surface({ root, sheet: this.#sheet, theme: () => this.getAttribute("theme") });
    const given = (name) => this.getAttribute(name) ?? undefined;
    const base = given("base") ?? ".";
    this.#guide = connect({ base, locale: given("locale"), page: given("page"), texts: this.texts, surface });
    for (const name of EVENTS) this.#guide.on(name, (detail, prevent) => this.#say(name, detail, prevent));
  }

  #say(name, detail, prevent) {
    const kind = { detail, bubbles: true, cancelable: name === "navigate" };
    const event = new CustomEvent(`guidepath:${name}`, kind);
    if (!this.dispatchEvent(event)) prevent();
  }

  #stop() {
    this.#guide?.close();
    this.#guide = null;
  }
}

// A constructed sheet is allowed where style attributes and inline sheets are not.
async function styles() {
  const response = await fetch(new URL("guidepath.css", import.meta.url));
  if (!response.ok) throw new Error(`guidepath.css: ${response.status}`);
  return new CSSStyleSheet().replace(await response.text());
}

if (!customElements.get("guide-path")) customElements.define("guide-path", GuidePath);
