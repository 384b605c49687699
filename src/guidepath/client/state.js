// What happens next. Pure: (state, event) -> [state, effects], and effects are data.
//
//     idle ──decided──> waiting-for-target ──found──> drawn ──seen──> shown ──answer──> answered
//              └──────────── no target ──────────────>──┘
//
// Asking goes on beside this (`asking`), since a shown item is asked about again. One item at a
// time, named by its claim: what was answered once is never shown again under the same claim. A
// tour whose next step belongs to another page is left there, and goes on where that page is asked
// about.
//
// Effects: request · timer · find · draw · remove · send · tell · emit · go. What is drawn stays
// while its target is looked for, if that is there at once; `find` sees to it.

import { AFTER_REPEAT, backoff, wait } from "./rhythm.js";

const REMEMBERED = 50;
const OPEN = Object.freeze(["waiting-for-target", "drawn", "shown"]);
// These stay on the page while the next decision is fetched, so that a change of route does not flicker.
const LINGERS = Object.freeze(["checklist", "banner"]);
const ENDS = Object.freeze([
  "item.completed", "item.dismissed", "item.snoozed", "survey.answered", "target.missing",
]);

/** The state before anything was asked. Headless: the host draws, and says itself what was shown. */
export function initial({ headless = false } = {}) {
  return Object.freeze({
    headless,
    phase: "idle",
    asking: false,
    again: false,
    moved: false,
    decision: null,
    stepId: null,
    trail: Object.freeze([]),
    failures: 0,
    told: Object.freeze([]),
    settled: Object.freeze([]),
  });
}

/** The next state, and what is to be done to get there. */
export function reduce(state, event) {
  const handler = HANDLERS[event.type];
  if (!handler) return [state, []];
  const [next, effects] = handler(state, event);
  return [Object.freeze(next), effects];
}

/** The step a state is at: a known one, else the one the server names; an item may be its own only step. */
export function stepOf({ item }, stepId) {
  return named(item, stepId) ?? named(item, item.state?.currentStepId) ?? item.steps?.[0] ?? item;
}

/** Which step of how many: {n, m, first, last}, counted from 1; `first` where no way leads back. */
export function position(steps, stepId) {
  const index = Math.max(0, steps.findIndex((step) => step.id === stepId));
  const first = !steps.slice(0, index).some(isHere);
  return { n: index + 1, m: steps.length, first, last: index >= steps.length - 1 };
}

const HANDLERS = Object.freeze({
  ask,
  decided,
  failed,
  found,
  missing,
  seen,
  lost,
  answer,
  respond,
  left,
  heard,
});

function ask(state) {
  if (state.asking) return [{ ...state, again: true }, []];
  return [{ ...state, asking: true }, [{ do: "request" }]];
}

// Who is refused is asked for by nobody until something changes, and sees nothing: what is there was
// for the one who was signed in.
function failed(state, { refused = false, pause }) {
  const failures = state.failures + 1;
  const rested = { ...state, asking: false, again: false, moved: false, failures };
  const timer = { do: "timer", ms: refused ? null : backoff(failures, pause) };
  return refused && state.decision ? [over(rested), [{ do: "remove" }, timer]] : [rested, [timer]];
}

function decided(state, { decision }) {
  const rested = { ...state, asking: false, again: false, moved: false, failures: 0 };
  // It was decided for a page the person has left: give the claim back, then ask for this page.
  if (state.moved) return after(releaseOf(rested, decision), ask);
  const received = receive(rested, decision);
  return state.again ? after(received, ask) : received;
}

function receive(state, decision) {
  if (!decision.item) return silent(state, decision);
  const token = decision.claim?.token;
  // The answer is still on its way to the server, or was refused there: once is enough.
  if (state.settled.includes(token)) return repeated(state);
  const timer = { do: "timer", ms: wait(decision) };
  const news = [timer, { do: "emit", name: "item", detail: { decision } }];
  if (OPEN.includes(state.phase) && looks(state.decision) === looks(decision)) {
    return [{ ...state, decision }, [timer]];
  }
  const same = state.decision?.item?.id === decision.item.id;
  const step = stepOf(decision, same ? state.stepId : null);
  const here = isHere(step);
  if (here && same && (tokenOf(state) === token || state.phase !== "waiting-for-target")) {
    if (step.id === state.stepId) return update({ ...state, decision }, news);
    return add(news, present({ ...state, decision, stepId: step.id }));
  }
  const [cleared, effects] = replaced(state);
  const told = { do: "tell", message: { kind: "claim", claim: token } };
  const arriving = [...effects, ...(here ? [...news, told] : [timer])];
  return add(arriving, present({ ...cleared, decision, stepId: step.id, trail: [] }));
}

function silent(state, decision) {
  const [cleared, effects] = replaced(state);
  const code = decision.reason?.code ?? null;
  return [
    { ...cleared, phase: "idle", decision: null, stepId: null },
    [...effects, { do: "timer", ms: wait(decision) }, { do: "emit", name: "silent", detail: { code } }],
  ];
}

function repeated(state) {
  return [
    { ...state, phase: "idle", decision: null, stepId: null },
    [{ do: "remove" }, { do: "timer", ms: AFTER_REPEAT }],
  ];
}

// The same item again: with the same claim, or with a new one while it is still on the page.
function update(state, news) {
  if (state.phase === "waiting-for-target") return [state, news];
  const phase = state.phase === "shown" ? "shown" : "drawn";
  return [{ ...state, phase }, [...news, ...draw(state)]];
}

function replaced(state) {
  if (!OPEN.includes(state.phase)) return [state, state.decision ? [{ do: "remove" }] : []];
  return settle(state, "item.dismissed", { endReason: "replaced" });
}

function present(state) {
  const step = stepOf(state.decision, state.stepId);
  if (!isHere(step)) return elsewhere(state);
  if (!state.headless && step.target?.selector) {
    const { selector, waitMs = 0 } = step.target;
    return [{ ...state, phase: "waiting-for-target" }, [{ do: "find", selector, waitMs }]];
  }
  return [{ ...state, phase: "drawn" }, draw(state)];
}

// The step belongs to another page, which another tab may have open.
function elsewhere(state) {
  const [next, effects] = leave(state);
  return [next, [...effects, { do: "tell", message: { kind: "left" } }]];
}

function draw(state) {
  return state.headless ? [] : [{ do: "draw", stepId: state.stepId }];
}

function found(state, event) {
  if (state.phase !== "waiting-for-target" || stale(state, event)) return [state, []];
  return [{ ...state, phase: "drawn" }, draw(state)];
}

function missing(state, event) {
  if (state.phase !== "waiting-for-target" || stale(state, event)) return [state, []];
  const shown = state.told.includes(told(state));
  // Another tab shows it, on a page that has the target: it goes on there.
  if (!event.first && !shown) return [over(state), []];
  const { target } = stepOf(state.decision, state.stepId);
  if (target.onMissing === "center") return [{ ...state, phase: "drawn" }, draw(state)];
  const { m, last } = steps(state);
  const facts = { targetFound: false, waitedMs: event.waitedMs, reason: event.reason };
  // The playbook wants no tour without it; or it was there, the person saw it, and it went for good.
  if ((target.onMissing === "end" && m > 1) || (shown && last)) {
    return after(settle(state, "item.dismissed", { endReason: "target_missing", ...facts }), ask);
  }
  // A tour passes over a step that has no place here.
  if (!last) return after([state, [send(state, "step.completed", facts)]], following);
  return after(settle(state, "target.missing", facts), ask);
}

function lost(state, event) {
  if (state.phase !== "drawn" && state.phase !== "shown") return [state, []];
  if (stale(state, event)) return [state, []];
  return present(state);
}

// `first` says whether no other tab has counted this already.
function seen(state, event) {
  if (!["drawn", "shown"].includes(state.phase) || stale(state, event)) return [state, []];
  const next = { ...state, phase: "shown", told: remember(state.told, tokenOf(state), told(state)) };
  const newItem = !state.told.includes(tokenOf(state));
  const newStep = steps(state).m > 1 && !state.told.includes(told(state));
  const effects = [
    newItem && event.first && send(state, "item.shown"),
    newStep && event.first && send(state, "step.shown"),
    newItem && { do: "emit", name: "shown", detail: { decision: state.decision } },
  ];
  return [next, effects.filter(Boolean)];
}

// Who answers has seen it, also where that is told a moment later.
function answer(state, event) {
  if (!OPEN.includes(state.phase) || event.claim !== tokenOf(state)) return [state, []];
  const [met, news] = seen(state, { claim: event.claim, stepId: state.stepId, first: true });
  return add(news, answered(met, event));
}

function answered(state, event) {
  if (event.kind === "snooze") {
    return after(settle(state, "item.snoozed", { snooze: event.snooze }), ask);
  }
  if (event.kind === "survey") {
    return after(settle(state, "survey.answered", { answers: event.answers }), ask);
  }
  if (event.kind === "next") return after([state, [send(state, "step.completed")]], following);
  if (event.kind === "back") return preceding(state);
  if (event.kind === "act") return act(state, event);
  return after(settle(state, "item.dismissed", { endReason: event.kind }), ask);
}

// An action of a checklist's entry leaves the list where it is; one that leads to a step goes on there.
function act(state, { action, entryId }) {
  const go = action.url ? [{ do: "go", url: action.url }] : [];
  const clicked = send(state, "action.clicked", entryId ? { stepId: entryId } : {});
  if (entryId) return [state, [clicked, ...go]];
  if (action.type === "step") {
    const branch = named(state.decision.item, action.stepId);
    return add([clicked, send(state, "step.completed")], branch ? turn(state, branch) : following(state));
  }
  const [next, effects] = acted(state, action);
  const done = [next, [clicked, ...effects, ...go]];
  return action.url ? done : after(done, ask); // on the way to another page, that page asks
}

function acted(state, action) {
  const { n, m, last } = steps(state);
  if (action.type === "complete" || (m > 1 && last)) {
    return settle(state, "item.completed", { endReason: "done" });
  }
  if (!action.url) return settle(state, "item.dismissed", { endReason: "close" });
  if (m === 1) return settle(state, "item.dismissed", { endReason: "navigated" });
  const onward = { ...state, stepId: state.decision.item.steps[n].id };
  return add([send(state, "step.completed")], leave(onward)); // the tour goes on where it leads
}

function following(state) {
  const { n, last } = steps(state);
  if (last) return after(settle(state, "item.completed", { endReason: "done" }), ask);
  return turn(state, state.decision.item.steps[n]);
}

// Back on the way that was taken; a page that came into the middle of a tour knows only its order.
function preceding(state) {
  const { steps: all } = state.decision.item;
  const way = [...all.slice(0, steps(state).n - 1).map((step) => step.id), ...state.trail];
  const before = way.map((id) => named(state.decision.item, id)).filter((step) => step && isHere(step)).at(-1);
  if (!before || steps(state).first) return [state, []];
  return turn(state, before, state.trail.slice(0, Math.max(0, state.trail.lastIndexOf(before.id))));
}

function turn(state, step, trail = [...state.trail, state.stepId]) {
  const [next, effects] = present({ ...state, stepId: step.id, trail });
  const { decision, headless } = state;
  const told = { do: "tell", message: { kind: "step", claim: tokenOf(state), stepId: step.id } };
  const news = headless ? [{ do: "emit", name: "item", detail: { decision } }] : [];
  return [next, next.phase === "answered" ? effects : [told, ...news, ...effects]];
}

// A host that draws itself says what became of the item, in the words of the wire.
function respond(state, { feedback, detail = {} }) {
  if (!OPEN.includes(state.phase)) return [state, []];
  if (!ENDS.includes(feedback)) return [state, [send(state, feedback, detail)]];
  return after(settle(state, feedback, { endReason: detail.endReason ?? "api", ...detail }), ask);
}

function left(state, { unload = false }) {
  const moved = { ...state, moved: state.asking };
  const lingering = !unload && LINGERS.includes(state.decision?.item?.type);
  const gone = OPEN.includes(state.phase)
    ? leave(moved, lingering)
    : [moved, []];
  return unload ? gone : after(gone, ask);
}

function heard(state, { message }) {
  const { kind, claim, stepId } = message;
  const open = claim === tokenOf(state) && OPEN.includes(state.phase);
  if (kind === "answered") {
    const next = { ...state, settled: remember(state.settled, claim) };
    // Its tab says when the server knows, and it is time to ask.
    return open ? [over(next), [{ do: "remove" }]] : [next, []];
  }
  const step = kind === "step" && open && named(state.decision.item, stepId);
  if (!step || stepId === state.stepId) return [state, []];
  if (!isHere(step)) return [over(state), [{ do: "remove" }]];
  const [next, effects] = turn(state, step);
  return [next, effects.filter((effect) => effect.do !== "tell")];
}

// Answered; the decision is kept only while its item stays on the page for the next one.
function over(state) {
  return { ...state, phase: "answered", decision: null };
}

// The page is left, the claim is not answered: the same one may go on here or on the next page.
function leave(state, keep = false) {
  const release = send(state, "item.dismissed", { endReason: "navigated" });
  if (keep) return [{ ...state, phase: "answered" }, [release]];
  return [over(state), [release, { do: "remove" }]];
}

function settle(state, feedback, facts) {
  const claim = tokenOf(state);
  const detail = { itemId: state.decision.item.id, type: feedback, ...facts };
  return [
    { ...over(state), settled: remember(state.settled, claim) },
    [
      send(state, feedback, facts),
      { do: "remove" },
      { do: "tell", message: { kind: "answered", claim } },
      { do: "emit", name: "answered", detail },
    ],
  ];
}

function releaseOf(state, decision) {
  if (!decision.item || state.settled.includes(decision.claim?.token)) return [state, []];
  const facts = { endReason: "navigated" };
  return [state, [send({ ...state, decision, stepId: null }, "item.dismissed", facts)]];
}

function send(state, type, facts = {}) {
  const { decision } = state;
  const known = { decisionId: decision.decisionId, claim: tokenOf(state), type, itemId: decision.item.id };
  return { do: "send", feedback: { ...known, stepId: stepOf(decision, state.stepId).id, ...facts } };
}

function named(item, stepId) {
  return item.steps?.find((step) => step.id === stepId);
}

// A server that does not say so means every page.
function isHere(step) {
  return step.here !== false;
}

// All that is drawn of it; how far the server thinks a person is makes no other picture.
function looks({ claim, locale, item }) {
  return JSON.stringify([claim?.token, locale, { ...item, state: null }]);
}

function steps(state) {
  return position(state.decision.item.steps ?? [], state.stepId);
}

function stale(state, { claim, stepId }) {
  return claim !== tokenOf(state) || stepId !== state.stepId;
}

function tokenOf(state) {
  return state.decision?.claim?.token;
}

function told(state) {
  return `${tokenOf(state)} ${state.stepId}`;
}

function remember(list, ...values) {
  const fresh = values.filter((value) => !list.includes(value));
  return Object.freeze([...list, ...fresh].slice(-REMEMBERED));
}

function after([state, effects], then) {
  return add(effects, then(state));
}

function add(effects, [state, more]) {
  return [state, [...effects, ...more]];
}
