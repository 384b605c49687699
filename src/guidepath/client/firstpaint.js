// What the server painted into the page, and the decision that came with it: taken over once.

const FRESH = 60_000; // ms; what is older was cached, or one of the clocks is wrong

/**
 * The decision that `script` brings along in `element`, and what puts a surface in the place of the
 * nodes that the server painted; null where it is not of this moment: then it is as if it never came.
 */
export function received(element, script) {
  script.remove();
  element.removeAttribute("data-inline");
  const root = element.shadowRoot;
  const decision = JSON.parse(script.textContent);
  if (!isFresh(decision)) return null;
  const over = (open) => async () => handover(await open(), root, root?.querySelector("[data-painted]"));
  return { decision, over };
}

// A surface that lets go of the painted nodes in the frame in which it draws for the first time.
function handover(surface, root, painted) {
  const letGo = (drawn) => {
    if (painted && drawn) settle(painted, drawn, root.activeElement);
    if (painted) root.querySelectorAll("link, [data-painted]").forEach((one) => one.remove());
    painted = null;
    return drawn;
  };
  return {
    draw(view) {
      if (!painted) return surface.draw(view);
      // It was closed before anybody could hear of it.
      if (painted.open === false) return view.answer("close");
      return Promise.resolve(surface.draw(view)).then(letGo);
    },
    remove() {
      letGo();
      surface.remove();
    },
  };
}

// It stands where it stood: nothing moves or fades in, and the focus and the fold stay.
function settle(painted, drawn, focused) {
  const named = (key) => drawn.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const folded = painted.querySelector("details")?.open === false;
  const launcher = named("launcher");
  if (launcher && folded === (launcher.ariaExpanded === "true")) launcher.click();
  for (const one of drawn.getAnimations({ subtree: true })) one.finish();
  if (focused) named(focused.dataset.key)?.focus({ preventScroll: true });
}

// Of this very visit: not of a page that the browser or a cache on the way has kept.
function isFresh({ evaluatedAt, claim }) {
  const now = Date.now();
  const [{ type, deliveryType }] = performance.getEntriesByType("navigation");
  const over = claim && now >= Date.parse(claim.expiresAt);
  const kept = type === "back_forward" || deliveryType === "cache";
  return !kept && !over && Math.abs(now - Date.parse(evaluatedAt)) < FRESH;
}
