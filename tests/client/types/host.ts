// A host in TypeScript. Where it makes a mistake on purpose, the next line must be one.

import {
  connect,
  type ConnectOptions,
  type Decision,
  type Guide,
  type Question,
} from "/guidepath/client/guidepath.js";

const options: ConnectOptions = {
  base: "/guidepath",
  page: () => location.pathname,
  device: "mobile",
  texts: { de: { close: "Zu" } },
  targets: { "#import": () => document.getElementById("import") },
  token: async () => "…",
};
const guide: Guide = connect(options);

// @ts-expect-error TS2741: the address of the app is missing
connect({ page: "/contacts" });
// @ts-expect-error TS2322: no such device
connect({ base: "/guidepath", device: "watch" });

const stop: () => void = guide.on("item", ({ item, step, position: { n, m, last }, words, decision }) => {
  const said: string = `${item.id} ${step.title} ${words.close} ${decision.claim?.token}`;
  said + `${n} of ${m} ${last ? words.done : words.next}`;
  // @ts-expect-error TS2339: no such property
  said + item.titel;
  // @ts-expect-error TS18047: not every step has a target
  document.querySelector(step.target.selector);
  // @ts-expect-error TS2367: no such type
  if (item.type === "balloon") stop();
});
guide.on("silent", ({ code }) => code?.toLowerCase());
guide.on("navigate", ({ url }, prevent) => url.startsWith("https:") || prevent());
guide.on("trace", ({ at, what }) => console.debug(at, what));
// @ts-expect-error TS2345: no such event
guide.on("itme", () => {});

await guide.respond("item.shown");
await guide.respond("item.dismissed", { endReason: "close" });
await guide.respond("survey.answered", { answers: { ease: 5, missed: ["templates"], more: "No" } });
// @ts-expect-error TS2345: no such feedback
await guide.respond("item.seen");
// @ts-expect-error TS2820: no such reason
await guide.respond("item.dismissed", { endReason: "closed" });
// @ts-expect-error TS2322: no answer is a flag
await guide.respond("survey.answered", { answers: { ease: true } });

await guide.answer("next");
await guide.answer("snooze", { snooze: "PT4H" });
// @ts-expect-error TS2345: nobody can do that
await guide.answer("shrug");
// @ts-expect-error TS2554: for how long
await guide.answer("snooze");
// @ts-expect-error TS2554: which of them
await guide.answer("act");
// @ts-expect-error TS2322: nothing belongs to it
await guide.answer("close", { why: "later" });
// @ts-expect-error TS2554: what was answered
await guide.respond("survey.answered");
// @ts-expect-error TS2322: nothing belongs to it
await guide.respond("item.shown", { at: "once" });
// What is known only when it is said.
for (const kind of ["next", "back"] as const) await guide.answer(kind);

const decision: Decision | null = await guide.next();
// @ts-expect-error TS18047: the server may be out of reach
decision.item;
const { milestones, checklists, announcements } = await guide.progress();
milestones.filter((one) => one.reachedAt).length + checklists.length + announcements.length;

function highest({ type, scale = 5 }: Question): number {
  return type === "nps" ? 10 : scale;
}
highest({ id: "ease", type: "rating", prompt: "Easy?", required: true });

document.addEventListener("guidepath:navigate", (event) => history.pushState(null, "", event.detail.url));
document.querySelector("guide-path")?.refresh();
guide.refresh();
guide.close();
