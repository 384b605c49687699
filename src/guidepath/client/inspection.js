// What the inspector says of what the server tells and of what the client did. Pure.

// By what the client does.
const DID = Object.freeze({
  asked: ({ page, device }) => ["asked for", page, device && `on ${device}`],
  decided: ({ item, reason }) => ["was told", item ?? "nothing", aside(reason)],
  waiting: ({ selector, waitMs }) => ["waits for", selector, waitMs && `up to ${lasting(waitMs)}`],
  found: ({ selector, waitedMs, matches }) =>
    ["found", selector, waitedMs && `after ${lasting(waitedMs)}`, matches > 1 && `one of ${matches}`],
  placed: ({ type }) => ["drew the", type],
  shown: ({ item, step }) => ["showed", item, step !== item && aside(step)],
  missing: ({ selector, waitedMs, reason }) => ["did not find", selector, `in ${lasting(waitedMs)}`, aside(reason)],
  answered: ({ type, endReason }) => ["reported", type, aside(endReason)],
  failed: ({ error }) => ["failed:", error],
});

/** The item that is shown, if any. */
export const chosen = ({ items }) => items.find((one) => one.chosen);

/** Why that item, or why none. */
export function why(report) {
  const { reason, meaning } = report;
  return chosen(report) ? `${capital(meaning)}.` : `What came closest was stopped by ${reason}: ${meaning}.`;
}

/** A line of what the client did. */
export function line({ what, detail }) {
  const words = DID[what]?.(detail) ?? [what, JSON.stringify(detail)];
  return words.filter(Boolean).join(" ");
}

/** The newest that became of an item in this tab, as a line; null where that is nothing. */
export function latest(trace) {
  const isNews = ({ what, detail }) => !["asked", "decided"].includes(what) && detail.type !== "target.missing";
  const last = trace.findLast(isNews);
  return last ? line(last) : null;
}

/** The other items by the gate that keeps them back, those that came furthest first. */
export function groups(report) {
  const items = waiting(report).sort((one, two) => two.passed - one.passed);
  const codes = new Set(items.map(({ closed }) => closed[0].code));
  return [...codes].map((code) => items.filter(({ closed }) => closed[0].code === code));
}

/** What time alone will open, the next first. */
export function openings(report) {
  const gates = waiting(report).flatMap(({ title, closed }) => {
    const still = closed.filter((one) => !one.opensAt && one.code !== "OUTRANKED");
    const then = still.length > 0 ? `; then still: ${still.map(({ meaning }) => meaning).join(", ")}` : "";
    return closed.map(({ opensAt, code }) => ({ at: opensAt, title, text: `${code} opens${then}` }));
  });
  const asking = { at: report.nextEvaluationAt, title: "This page asks again", text: "" };
  return [...gates, asking]
    .filter(({ at }) => at)
    .sort((one, two) => Date.parse(one.at) - Date.parse(two.at));
}

/** What is known of the person, as pairs. */
export function facts({ user, account, role, attributes }) {
  const known = attributes.map((one) => [`${one.of}.${one.name}`, one.private ? "(private)" : `${one.value}`]);
  return [["user", user], ["account", account], ["role", role ?? "none"], ...known];
}

/** What a closed gate found and requires, as pairs; `time` says when it opens. */
export function found({ actual, required, opensAt }, time) {
  return [["is", actual], ["must be", required], ["opens", opensAt && time(opensAt)]].filter(([, said]) => said);
}

/** All of it as plain text, for a ticket or a chat. */
export function told(report, trace) {
  const { page, device, person, evaluatedAt, reason } = report;
  const item = chosen(report);
  const gate = (one) => [one.code, ...found(one, String).map((pair) => pair.join(" "))].join("; ");
  const parts = {
    "What the client did": trace.map((entry) => `${entry.at} ${line(entry)}`),
    "Opens next": openings(report).map(({ at, title, text }) => `${at} ${title} ${text}`),
    "Why not the others": waiting(report).flatMap(({ id, title, closed }) =>
      [`${id} “${title}”`, ...closed.map((one) => `  ${gate(one)}`)]),
    "What is known": [
      ...facts(person).map((pair) => pair.join(": ")),
      ...person.milestones.map(({ id, reachedAt }) => `${id}: ${reachedAt ?? "not reached"}`),
    ],
  };
  const head = [
    `guidepath, ${evaluatedAt}, ${page} on ${device}`,
    item ? `Shows ${item.id} “${item.title}”: ${reason}` : `Shows nothing: ${reason}`,
  ];
  const rest = Object.entries(parts).flatMap(([name, lines]) => ["", `${name}:`, ...lines.map((one) => `  ${one}`)]);
  return [...head, ...rest, ""].join("\n");
}

/** So many milliseconds, for people. */
export function lasting(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

const UNITS = Object.freeze([["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]]);

/** How long until then: "in 4 minutes". */
export function until(then, now) {
  const seconds = (Date.parse(then) - Date.parse(now)) / 1000;
  const [unit, size] = UNITS.find(([, length]) => seconds >= 0.95 * length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / size), unit);
}

/** With a capital letter. */
export function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function waiting({ items }) {
  return items.filter((one) => !one.chosen && one.closed.length > 0);
}

function aside(text) {
  return text && `(${text})`;
}
