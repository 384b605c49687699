// Where an item meets the page: finds its target, has it drawn, and tells the state what is seen.
// Loaded with the first item that is to be drawn.

import { find, hit, upward, watch } from "./find.js";
import { hidden, listen } from "./page.js";
import { stepOf } from "./state.js";

const nothing = () => {};

export class Stage {
  #surface;
  #dispatch;
  #current;
  #counted;
  #trace;
  #targets;
  #target = null;
  #drawings = 0;
  #stops = { finding: nothing, watching: nothing, seeing: nothing, advancing: nothing };

  /**
   * `current()` is the state of now, `dispatch` takes its events, `counted` those that one tab counts,
   * `trace` what is done; `targets` are the host's own elements by selector.
   */
  constructor({ surface, dispatch, current, counted, trace, targets }) {
    this.#surface = surface;
    this.#dispatch = dispatch;
    this.#current = current;
    this.#counted = counted;
    this.#trace = trace;
    this.#targets = targets;
  }

  /** Finds the target of the step of now. What is drawn stays only if the target is there at once. */
  find({ selector, waitMs }) {
    this.#clear();
    this.#trace("waiting", { selector, waitMs });
    this.#stops.finding = find({ selector, waitMs, targets: this.#targets }, {
      found: (element, facts) => {
        this.#target = element;
        this.#stops.watching = watch(element, { lost: () => this.#tell("lost") });
        this.#trace("found", { selector, ...facts });
        this.#tell("found");
      },
      missing: (facts) => {
        this.#trace("missing", { selector, ...facts });
        void this.#counted("missing", facts);
      },
    });
    if (!this.#target) this.#surface.remove();
  }

  /** Draws the step of now; a drawing that takes its time may be overtaken by another one. */
  async draw(words) {
    const { decision, stepId } = this.#current();
    const step = stepOf(decision, stepId);
    if (!step.target) this.#clear();
    const drawing = (this.#drawings += 1);
    const claim = decision.claim?.token;
    const answer = (kind, detail = {}) => this.#dispatch({ type: "answer", kind, claim, ...detail });
    const element = await this.#surface.draw({ decision, step, target: this.#target, words, answer });
    if (drawing !== this.#drawings || !element) return;
    this.#trace("placed", { step: step.id, type: step.type });
    this.#stop("seeing", "advancing");
    this.#stops.seeing = seen(element, () => void this.#counted("seen"));
    if (step.advanceOn) this.#stops.advancing = this.#onClick(step.advanceOn, () => answer("next"));
  }

  remove() {
    this.#clear();
    this.#surface.remove();
  }

  // A frame of the page's own origin hears its clicks itself.
  #onClick(selector, act) {
    const clicked = (event) => hit(event, selector, this.#targets) && act();
    const places = new Set([document, this.#target?.ownerDocument ?? document]);
    const stops = [...places].map((place) => listen(place, "click", clicked, true));
    return () => stops.forEach((stop) => stop());
  }

  #clear() {
    this.#drawings += 1;
    this.#stop("finding", "watching", "seeing", "advancing");
    this.#target = null;
  }

  #tell(type) {
    const { decision, stepId } = this.#current();
    this.#dispatch({ type, claim: decision?.claim?.token, stepId });
  }

  #stop(...names) {
    for (const name of names) {
      this.#stops[name]();
      this.#stops[name] = nothing;
    }
  }
}

// Calls `done` once when the element has really been seen: in view, painted, in a visible tab, and
// not behind something of the page.
function seen(element, done) {
  let stopped = false;
  let inView = false;
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(check));
  const check = () => {
    if (stopped || !inView || hidden() || !element.checkVisibility() || covered(element)) return;
    stop();
    done();
  };
  const observer = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    painted();
  });
  const uncovering = ["visibilitychange", "close", "toggle", "click", "scroll", "transitionend"];
  const stops = uncovering.map((event) => listen(document, event, painted, true));
  const stop = () => {
    stopped = true;
    observer.disconnect();
    stops.forEach((one) => one());
  };
  observer.observe(element);
  return stop;
}

// Whether the middle of what is in view belongs to something else.
function covered(element) {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
  const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
  const own = [...upward(element)].find((one) => one.getRootNode() === document);
  return !own.contains(document.elementFromPoint(x, y));
}
