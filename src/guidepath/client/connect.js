// A connection: asks what to show, keeps to one item, tells what became of it. It draws nothing;
// <guide-path> passes a `surface` that does, and a host may draw with its own components instead.
// What only an item needs is loaded when there is one.

/** @import {ConnectOptions, Decision, Guide, Words} from "./types.js" */

import { device, hidden, locale, onPage, route } from "./page.js";
import { initial, position, reduce, stepOf } from "./state.js";
import { openTabs } from "./tabs.js";
import { openWire } from "./wire.js";

const LONGEST_GOODBYE = 500; // how long a click on an action may wait for its feedback
const REFUSED = Object.freeze([401, 403, 404]); // to ask again would change nothing

/**
 * Connects to guidepath at `base` and starts asking.
 *
 * `page` is the path to ask about, or a function giving it (default: the path of the address);
 * `locale`, `device` and `fetch` replace what the browser says. `texts` are words by language,
 * e.g. {de: {close: "Zu"}}. For a guidepath of another origin, `token` gives a bearer token; `headers`
 * and `credentials` go with every request. `first` is a decision that the page brought along.
 * Nothing here throws into the page: what fails is tried again later.
 *
 * @param {ConnectOptions} options
 * @returns {Guide}
 */
export function connect(options) {
  const connection = new Connection(options);
  return Object.freeze({
    /** Asks now; the decision, or null where the server could not be reached. */
    next: () => connection.next(),
    /** Something has changed: asks soon, here and in the other tabs. */
    refresh: () => connection.refresh(),
    /** Hears of "item", "gone", "shown", "answered", "silent", "navigate"; gives the function that stops it. */
    on: (name, act) => connection.on(name, act),
    /** What the person did with what you drew: "next", "close", "act", … */
    answer: (kind, ...detail) => connection.answer(kind, ...detail),
    /** What became of the item, in the words of the wire: "item.shown", "item.dismissed", … */
    respond: (feedback, ...detail) => connection.respond(feedback, ...detail),
    /** Milestones, checklists and past announcements of this person. */
    progress: () => connection.progress(),
    /** Why this item and not the others; only where the host allows this person to look. */
    inspect: () => connection.inspect(),
    /** Leaves: takes the item away, gives its claim back, hears nothing more. */
    close: () => connection.close(),
  });
}

class Connection {
  /** @type {ConnectOptions} */
  #options;
  #wire;
  #tabs;
  /** @type {any} */
  #state;
  /** @type {Decision | null | undefined} */
  #first;
  #page;
  /** @type {Promise<void> | null} */
  #equipped = null;
  /** @type {any} */
  #stage = null;
  /** @type {(locale: string, texts: ConnectOptions["texts"]) => Words} */
  #wordsFor = () => ({});
  #timer = 0;
  #stamped = 0;
  #queue = [];
  #listeners = new Map();
  #asked = [];
  #warned = false;
  #closed = false;
  #leavePage;

  /** @param {ConnectOptions} options */
  constructor(options) {
    const { base, first, surface } = options;
    const root = new URL(base.endsWith("/") ? base : `${base}/`, document.baseURI);
    this.#options = options;
    this.#first = first;
    this.#wire = openWire(root, options, (error) => this.#warn(error));
    this.#tabs = openTabs(root.href, (message) => this.#hear(message));
    this.#state = initial({ headless: !surface });
    const look = () => this.#ask();
    this.#leavePage = onPage({ look, leaving: () => this.#rest(), restored: () => this.#wake() });
    queueMicrotask(look); // who has just connected may want to hear of it
  }

  next() {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#look();
    });
  }

  refresh() {
    this.#tabs.tell({ kind: "refresh" });
    this.#ask();
  }

  on(name, act) {
    const acts = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, acts.add(act));
    if (name === "item") queueMicrotask(() => acts.has(act) && this.#catchUp(act));
    return () => acts.delete(act);
  }

  // Who comes later than the item hears of it all the same.
  #catchUp(act) {
    const { decision } = this.#state;
    if (decision) this.#guard(() => act(this.#detail({ decision })));
  }

  async answer(kind, detail) {
    this.#dispatch({ type: "answer", kind, claim: this.#state.decision?.claim?.token, ...detail });
    await this.#wire.settled();
  }

  async respond(feedback, detail) {
    if (feedback === "item.shown") await this.#counted("seen");
    else this.#dispatch({ type: "respond", feedback, detail });
    await this.#wire.settled();
  }

  progress() {
    return this.#wire.progress();
  }

  inspect() {
    return this.#wire.inspect(this.#query());
  }

  close() {
    if (this.#closed) return;
    this.#rest();
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#leavePage();
    this.#resolve(this.#asked, null);
    this.#trace("closed");
  }

  #rest() {
    this.#dispatch({ type: "left", unload: true });
    this.#wire.leave();
    this.#tabs.rest();
  }

  #wake() {
    this.#tabs.wake();
    this.#ask();
  }

  // What happens in every tab is told to the server by the first.
  async #counted(type, detail = {}) {
    const { decision, stepId } = this.#state;
    const claim = decision?.claim?.token;
    const first = await this.#tabs.first(`${claim} ${stepId}`);
    this.#dispatch({ type, claim, stepId, first, ...detail });
  }

  // A tab that nobody sees asks when it is seen; what it brought along may be old by then.
  #ask() {
    if (hidden()) this.#first = null;
    else this.#look();
  }

  #look() {
    let page = this.#page;
    this.#guard(() => (page = this.#whereabouts()));
    const left = this.#page !== undefined && this.#page !== page;
    this.#page = page;
    this.#dispatch({ type: left ? "left" : "ask" });
  }

  #whereabouts() {
    const { page } = this.#options;
    return typeof page === "function" ? page() : (page ?? route());
  }

  #query() {
    const { locale: language = locale(), device: kind = device() } = this.#options;
    return { page: this.#whereabouts(), locale: language, device: kind };
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
        return this.#sleep(effect.ms);
      case "find":
        return this.#stage.find(effect);
      case "draw":
        return void this.#stage.draw(this.#words()).catch((error) => this.#warn(error));
      case "remove":
        this.#stage?.remove();
        return void this.#emit("gone", {});
      case "send":
        return this.#send(effect);
      case "tell":
        return this.#tell(effect.message);
      case "emit":
        return void this.#emit(effect.name, this.#detail(effect.detail));
      case "go":
        return void this.#go(effect.url).catch((error) => this.#warn(error));
    }
  }

  async #request() {
    const asked = this.#asked;
    this.#asked = [];
    try {
      const query = this.#query();
      this.#trace("asked", query);
      const brought = this.#wire.waits() ? null : this.#first;
      this.#first = null;
      const decision = brought ?? (await this.#wire.next(query));
      const { item, reason, nextEvaluationAt } = decision;
      this.#trace("decided", { item: item?.id ?? null, reason: reason?.code, nextEvaluationAt });
      if (item) await (this.#equipped ??= this.#equip());
      this.#dispatch({ type: "decided", decision });
      this.#resolve(asked, decision);
    } catch (error) {
      if (!this.#closed) this.#warn(error);
      const { status, pause } = error;
      this.#dispatch({ type: "failed", refused: REFUSED.includes(status), pause });
      this.#resolve(asked, null);
    }
  }

  // Words, and for who wants it drawn all that draws.
  async #equip() {
    const { surface, targets } = this.#options;
    try {
      const [words, stage, drawn] = await Promise.all([
        import("./words.js"), surface && import("./stage.js"), surface?.(),
      ]);
      this.#wordsFor = words.wordsFor;
      if (!stage) return;
      const current = () => this.#state;
      const dispatch = (event) => this.#dispatch(event);
      const counted = (type, detail) => this.#counted(type, detail);
      const trace = (what, detail) => this.#trace(what, detail);
      this.#stage = new stage.Stage({ surface: drawn, current, dispatch, counted, trace, targets });
    } catch (error) {
      this.#equipped = null;
      throw error;
    }
  }

  #resolve(asked, decision) {
    for (const resolve of asked) resolve(decision);
  }

  #sleep(ms) {
    clearTimeout(this.#timer);
    if (ms !== null) this.#timer = setTimeout(() => this.#ask(), ms);
  }

  #send({ feedback }) {
    // What happens in the same millisecond stays in its order.
    this.#stamped = Math.max(Date.now(), this.#stamped + 1);
    const stamp = { eventId: uniqueId(), occurredAt: new Date(this.#stamped).toISOString() };
    const sent = this.#wire.send({ ...stamp, ...feedback });
    // Not accepted: another item has its turn, and the next decision takes this one away. Not sent:
    // the next question takes it along.
    void sent.then((accepted) => accepted || this.#ask());
  }

  #tell(message) {
    this.#tabs.tell(message);
    if (message.kind !== "answered" && message.kind !== "left") return;
    // The other tabs may ask again only when the server knows the answer.
    void this.#wire.settled().then(() => this.#closed || this.#tabs.tell({ kind: "refresh" }));
  }

  #emit(name, detail) {
    let prevented = false;
    const prevent = () => (prevented = true);
    for (const act of this.#listeners.get(name) ?? []) this.#guard(() => act(detail, prevent));
    if (["shown", "answered"].includes(name)) this.#trace(name, told(detail));
    return !prevented;
  }

  #trace(what, detail = {}) {
    if (!this.#listeners.get("trace")?.size) return;
    this.#emit("trace", { at: new Date().toISOString(), what, detail });
  }

  #detail(detail) {
    const { decision } = detail;
    if (!decision) return detail;
    const { item } = decision;
    const step = stepOf(decision, this.#state.stepId);
    return { decision, item, step, position: position(item.steps ?? [], step.id), words: this.#words(decision) };
  }

  #words({ locale: language } = this.#state.decision) {
    return this.#wordsFor(language, this.#options.texts);
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
    this.#trace("failed", { error: String(error) });
    if (!this.#warned) console.warn("guidepath is quiet:", error);
    this.#warned = true;
  }
}

// Without https a browser has no randomUUID.
function uniqueId() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
}

function told({ item, step, ...detail }) {
  return item ? { item: item.id, step: step.id } : detail;
}
