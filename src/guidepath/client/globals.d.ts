// What JSDoc cannot say: <guide-path> by its name, and the events it sends up through the page.

import type { GuidePath } from "./guidepath.js";
import type { Events } from "./types.js";

type Said = {
  [K in "item" | "shown" | "answered" | "silent" | "navigate" as `guidepath:${K}`]: CustomEvent<Events[K]>;
};

declare global {
  interface HTMLElementTagNameMap {
    "guide-path": GuidePath;
  }
  interface GlobalEventHandlersEventMap extends Said {}
}
