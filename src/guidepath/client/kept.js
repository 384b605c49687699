// Feedback that the server has not confirmed yet. It outlives the page: what a reload or a lost
// connection has cut off is sent by the next page, with the same event id.

const MOST = 50;
const LONGEST = 24 * 3600 * 1000;

/** What waits to be sent under `name`; where the browser refuses storage, for this page only. */
export function openKept(name) {
  const prefix = `guidepath:${name} `;
  const since = Date.now() - LONGEST;
  const earlier = STORES.flatMap((store) => attempt(() => stored(store(), prefix, since)) ?? []);
  const messages = new Map(earlier.sort(byTime).map((message) => [message.eventId, message]));
  const kept = {
    /** All of it, in the order in which it happened. */
    all: () => [...messages.values()],
    has: ({ eventId }) => messages.has(eventId),
    add(message) {
      messages.set(message.eventId, message);
      attempt(() => storeOf(message).setItem(prefix + message.eventId, JSON.stringify(message)));
      while (messages.size > MOST) kept.drop(kept.all()[0]);
    },
    drop(message) {
      messages.delete(message.eventId);
      attempt(() => storeOf(message).removeItem(prefix + message.eventId));
    },
  };
  return kept;
}

const STORES = [() => localStorage, () => sessionStorage];

// What a person has written in a survey stays in her tab, and ends with it.
function storeOf(message) {
  return message.answers ? sessionStorage : localStorage;
}

// What is too old, or is none, goes.
function stored(store, prefix, since) {
  return Object.keys(store).filter((key) => key.startsWith(prefix)).flatMap((key) => {
    const message = attempt(() => JSON.parse(store.getItem(key)));
    if (Date.parse(message?.occurredAt) > since) return message;
    store.removeItem(key);
    return [];
  });
}

function byTime(one, other) {
  return one.occurredAt < other.occurredAt ? -1 : 1;
}

function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
