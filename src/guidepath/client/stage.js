// Where an item meets the page: finds its target, has it drawn, and tells the state what is seen.

import * as site from "./page.js";
import { stepOf } from "./state.js";

const nothing = () => {};

export class Stage {
  #surface;
  #dispatch;
  #current;
  #counted;
  #target = null;
  #stops = { finding: nothing, watching: nothing, seeing: nothing, advancing: nothing };

  /** `current()` is the state of now, `dispatch` takes its events, `counted` those one tab counts. */
  constructor({ surface, dispatch, current, counted }) {
    this.#surface = surface;
    this.#dispatch = dispatch;
    this.#current = current;
    this.#counted = counted;
  }

  find({ selector, waitMs }) {
    this.#stop("finding", "watching");
    this.#stops.finding = site.find(selector, waitMs, (element, waitedMs) => {
      this.#target = element;
      if (!element) return void this.#counted("missing", { waitedMs });
      this.#stops.watching = site.watch(element, () => this.#tell("lost"));
      this.#tell("found");
    });
  }

  draw(words) {
    const { decision, stepId } = this.#current();
    const step = stepOf(decision, stepId);
    const claim = decision.claim?.token;
    const answer = (kind, detail = {}) => this.#dispatch({ type: "answer", kind, claim, ...detail });
    const element = this.#surface.draw({ decision, step, target: this.#target, words, answer });
    this.#stop("seeing", "advancing");
    this.#stops.seeing = site.seen(element, () => void this.#counted("seen"));
    if (step.advanceOn) this.#stops.advancing = site.onClick(step.advanceOn, () => answer("next"));
  }

  remove() {
    this.#stop("finding", "watching", "seeing", "advancing");
    this.#target = null;
    this.#surface.remove();
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
