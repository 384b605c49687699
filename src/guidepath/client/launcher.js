// The launcher: a button that opens a panel with the checklists and the past announcements. It asks
// for them when it is opened. Loaded only where a page wants it.

import { safeUrl } from "./body.js";
import { lines } from "./checklist.js";
import { language, make, push, text, icon } from "./parts.js";
import { PARTS, Surface } from "./render.js";

/**
 * Draws the launcher under `root`; `progress()` gives what the panel shows. A past announcement is
 * only read again: it has no claim, and nothing is reported of it.
 */
export function openLauncher({ root, sheet, theme, progress, words, locale = "en" }) {
  const host = make("guide-path-surface", { exportparts: PARTS });
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  const past = new Surface({ root, sheet, theme });
  const looks = { ...language(locale), "data-theme": theme() };
  const button = push("launcher", icon("guide"), "launcher", null, { popovertarget: "panel" });
  button.append(make("span", { class: "name" }, words.guide));
  const about = { class: "panel", id: "panel", popover: "auto", role: "dialog", "aria-label": words.guide };
  const panel = make("div", { ...about, ontoggle: () => void refresh() });
  shadow.append(make("div", { class: "card checklist guide", popover: "manual", ...looks }, button, panel));
  root.append(host);
  shadow.firstChild.showPopover();

  async function refresh() {
    if (!panel.matches(":popover-open")) return;
    const { checklists = [], announcements = [] } = await progress().catch(() => ({}));
    const nodes = checklists.map(listed);
    if (announcements.length > 0) nodes.push(section(words.past, news(announcements)));
    panel.replaceChildren(...(nodes.length > 0 ? nodes : [make("p", { class: "body" }, words.nothing)]));
  }

  function section(title, ...inside) {
    return make("section", {}, make("h2", { class: "title" }, title), ...inside);
  }

  function listed({ steps: [step], items = [] }) {
    const link = ({ action }) => {
      const href = action.url && safeUrl(action.url);
      return href ? make("a", { class: "quiet go", href }, action.label) : null;
    };
    return section(step.title, text(step), lines(items, words, link));
  }

  function news(announcements) {
    const entries = announcements.map((item) => {
      const again = push(`past ${item.id}`, item.steps[0].title, "quiet", () => readAgain(item));
      return make("li", {}, again);
    });
    return make("ul", { class: "entries" }, ...entries);
  }

  function readAgain(item) {
    const step = { ...item.steps[0], type: "modal", dismissible: true };
    const answer = () => {
      past.remove();
      button.focus();
    };
    past.draw({ decision: { item, locale }, step, words, answer, target: null, past: true });
  }

  return {
    /** What it shows has changed. */
    refresh: () => void refresh(),
    /** Takes it away. */
    close() {
      past.remove();
      host.remove();
    },
  };
}
