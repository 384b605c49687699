// How long until it is worth asking again. Pure; milliseconds.

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const LONGEST_BACKOFF = 300 * SECOND;

/** The pause after a decision that repeats what was answered already. */
export const AFTER_REPEAT = 30 * SECOND;

/** Milliseconds until it is worth asking again, from the server's own times; null: no time known. */
export function wait(decision) {
  const from = Date.parse(decision.evaluatedAt);
  const times = [decision.nextEvaluationAt, decision.item && decision.claim?.expiresAt]
    .map((time) => Date.parse(time ?? ""))
    .filter((time) => Number.isFinite(time));
  if (times.length === 0 || !Number.isFinite(from)) return null;
  return Math.min(Math.max(Math.min(...times) - from, SECOND), HOUR);
}

/** Milliseconds to wait after so many failures in a row, where the server names a `pause` not less than it. */
export function backoff(failures, pause = 0) {
  return Math.max(Math.min(SECOND * 2 ** failures, LONGEST_BACKOFF), Math.min(pause || 0, HOUR));
}
