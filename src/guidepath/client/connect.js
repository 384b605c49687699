// A connection: asks what to show, keeps to one item, tells what became of it. It draws nothing;
// <guide-path> passes a `surface` that does, and a host may draw with its own components instead.

import * as site from "./page.js";
import { Stage } from "./stage.js";
import { initial, reduce } from "./state.js";
import { openTabs } from "./tabs.js";
import { openWire } from "./wire.js";
import { wordsFor } from "./words.js";

const LONGEST_GOODBYE = 500; // how long a click on an action may wait for its feedback

/**
 * Connects to guidepath at `base` and starts asking.
 *
 * `page` is the path to ask about, or a function giving it (default: the path of the address);
 * `locale`, `device` and `fetch` replace what the browser says. `texts` are words by language,
 * e.g. {de: {close: "Zu"}}. Nothing here throws into the page: what fails is tried again later.
 */
export function connect(options) {
  const connection = new Connection(options);
  return Object.freeze({
    /** Asks now; the decision, or null where the server could not be reached. */
    next: () => connection.next(),
    /** Something has changed: asks soon, here and in the other tabs. */
    refresh: () => connection.refresh(),
    /** Hears of "item", "shown", "answered", "silent", "navigate"; gives the function that stops it. */
    on: (name, act) => connection.on(name, act),
    /** What became of the item, in the words of the wire: "item.shown", "item.dismissed", … */
    respond: (feedback, detail) => connection.respond(feedback, detail),
    /** Milestones and checklists of this person. */
    progress: () => connection.progress(),
    /** Leaves: takes the item away, gives its claim back, hears nothing more. */
    close: () => connection.close(),
  });
}

class Connection {
  #options;
  #wire;
  #tabs;
  #stage;
  #state;
  #timer = 0;
  #queue = [];
  #listeners = new Set();
  #asked = new Set();
  #warned = false;
  #closed = false;
  #leavePage;

  constructor(options) {
    const { base, fetch = globalThis.fetch.bind(globalThis), surface } = options;
    const root = new URL(base.endsWith("/") ? base : `${base}/`, document.baseURI);
    this.#options = options;
    this.#wire = openWire(root, fetch);
    this.#tabs = openTabs(root.href, (message) => this.#hear(message));
    this.#state = initial({ headless: !surface });
    const dispatch = (event) => this.#dispatch(event);
    this.#stage = surface ? this.#stageOf(surface) : null;
    this.#leavePage = site.onPage({
      moved: ({ away }) => (away ? dispatch({ type: "left" }) : this.#ask()),
      returned: () => this.#ask(),
      leaving: () => dispatch({ type: "left", unload: true }),
      refresh: () => this.#ask(),
    });
    this.#ask();
  }

  next() {
    return new Promise((resolve) => {
      this.#asked.add(resolve);
      this.#dispatch({ type: "ask" });
    });
  }

  refresh() {
    this.#tabs.tell({ kind: "refresh" });
    this.#ask();
  }

  on(name, act) {
    const listener = { name, act };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async respond(feedback, detail) {
    if (feedback === "item.shown") await this.#counted("seen");
    else this.#dispatch({ type: "respond", feedback, detail });
    await this.#wire.settled();
  }

  progress() {
    return this.#wire.progress();
  }

  close() {
    if (this.#closed) return;
    this.#dispatch({ type: "left", unload: true });
    this.#guard(() => this.#stage?.remove());
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#leavePage();
    this.#tabs.close();
    this.#resolve(null);
  }

  #stageOf(surface) {
    const current = () => this.#state;
    const dispatch = (event) => this.#dispatch(event);
    return new Stage({ surface, current, dispatch, counted: (type, detail) => this.#counted(type, detail) });
  }

  // What happens in every tab is told to the server by the first.
  async #counted(type, detail = {}) {
    const { decision, stepId } = this.#state;
    const claim = decision?.claim?.token;
    const first = await this.#tabs.first(`${claim} ${stepId}`);
    this.#dispatch({ type, claim, stepId, first, ...detail });
  }

  // A tab that nobody sees asks when it is seen again.
  #ask() {
    if (!site.hidden()) this.#dispatch({ type: "ask" });
  }

  #hear(message) {
    const other = message.kind === "claim" && message.claim !== this.#state.decision?.claim?.token;
    if (message.kind === "refresh" || other) return this.#ask();
    this.#dispatch({ type: "heard", message });
  }

  // Effects may cause events; those wait until the effects before them are done.
  #dispatch(event) {
    if (this.#closed) return;
    this.#queue.push(event);
    if (this.#queue.length > 1) return;
    while (this.#queue.length > 0) {
      this.#guard(() => this.#step(this.#queue[0]));
      this.#queue.shift();
    }
  }

  #step(event) {
    const [next, effects] = reduce(this.#state, event);
    this.#state = next;
    for (const effect of effects) this.#guard(() => this.#run(effect));
  }

  #run(effect) {
    switch (effect.do) {
      case "request":
        return void this.#request();
      case "timer":
        return this.#wake(effect.ms);
      case "find":
        return this.#stage.find(effect);
      case "draw":
        return this.#stage.draw(this.#words(this.#state.decision));
      case "remove":
        return this.#stage?.remove();
      case "send":
        return this.#send(effect);
      case "tell":
        return this.#tell(effect.message);
      case "emit":
        return this.#emit(effect.name, this.#detail(effect.detail));
      case "go":
        return void this.#go(effect.url).catch((error) => this.#warn(error));
    }
  }

  async #request() {
    const { page, locale, device } = this.#options;
    try {
      const decision = await this.#wire.next({
        page: typeof page === "function" ? page() : (page ?? site.route()),
        locale: locale ?? site.locale(),
        device: device ?? site.device(),
      });
      this.#dispatch({ type: "decided", decision });
      this.#resolve(decision);
    } catch (error) {
      if (!this.#closed) this.#warn(error);
      this.#dispatch({ type: "failed" });
      this.#resolve(null);
    }
  }

  #resolve(decision) {
    for (const resolve of this.#asked) resolve(decision);
    this.#asked.clear();
  }

  #wake(ms) {
    clearTimeout(this.#timer);
    if (ms !== null) this.#timer = setTimeout(() => this.#ask(), ms);
  }

  #send({ feedback, unload }) {
    const stamp = { eventId: crypto.randomUUID(), occurredAt: new Date().toISOString() };
    const sent = this.#wire.send({ ...stamp, ...feedback }, unload);
    // The right to show has passed to another item: the next decision takes this one away.
    void sent.then((accepted) => accepted || this.#ask());
  }

  #tell(message) {
    this.#tabs.tell(message);
    if (message.kind !== "answered") return;
    // The other tabs may ask again only when the server knows the answer.
    void this.#wire.settled().then(() => this.#closed || this.#tabs.tell({ kind: "refresh" }));
  }

  #emit(name, detail) {
    let prevented = false;
    const prevent = () => (prevented = true);
    for (const listener of this.#listeners) {
      if (listener.name === name) this.#guard(() => listener.act(detail, prevent));
    }
    return !prevented;
  }

  #detail(detail) {
    if (!detail.decision) return detail;
    return { ...detail, item: detail.decision.item, words: this.#words(detail.decision) };
  }

  #words(decision) {
    return wordsFor(decision.locale, this.#options.texts);
  }

  async #go(url) {
    const address = new URL(url, location.href);
    if (address.protocol !== "https:" && address.origin !== location.origin) return;
    await Promise.race([this.#wire.settled(), new Promise((done) => setTimeout(done, LONGEST_GOODBYE))]);
    if (this.#emit("navigate", { url: address.href })) location.assign(address.href);
  }

  #guard(act) {
    try {
      act();
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error) {
    if (!this.#warned) console.warn("guidepath is quiet:", error);
    this.#warned = true;
  }
}
