// Where things go, as numbers. Pure: it sees rectangles, never the page.
// The browser anchors by itself where it can (placing.js); `place` is for where it cannot.

const WAYS = Object.freeze({
  bottom: ["y", "height", true],
  top: ["y", "height", false],
  right: ["x", "width", true],
  left: ["x", "width", false],
});
const SHARES = Object.freeze({ start: 0, end: 1 });
/** The sides of a target, in the order in which they are tried. */
export const SIDES = Object.freeze(Object.keys(WAYS));

/**
 * The top left corner of a box beside a target, in pixels of the viewport, and the side it took.
 *
 * Where it does not fit it takes the opposite side, then any that has room; where none has, the roomier
 * of the first two. It never leaves the viewport. `target` is {x, y, width, height}; `box` and `view`
 * are {width, height}.
 */
export function place({ target, box, view, side, align, rtl = false, gap = 14, edge = 8 }) {
  const wanted = physical({ side, align }, rtl);
  const spare = (one) => {
    const [at, length, after] = WAYS[one];
    return (after ? view[length] - target[at] - target[length] : target[at]) - box[length] - gap - edge;
  };
  const opposites = SIDES.filter((one) => isUpright(one) === isUpright(wanted.side));
  const roomier = opposites.toSorted((one, other) => spare(other) - spare(one))[0];
  const taken = [wanted.side, ...opposites, ...SIDES].find((one) => spare(one) >= 0) ?? roomier;
  const [at, length, after] = WAYS[taken];
  const [along, breadth] = WAYS[at === "x" ? "top" : "left"];
  // A box that had to turn is aligned with the middle: its alignment was meant for the other axis.
  const share = opposites.includes(taken) ? wanted.share : 0.5;
  const corner = {
    [at]: after ? target[at] + target[length] + gap : target[at] - box[length] - gap,
    [along]: target[along] + (target[breadth] - box[breadth]) * share,
  };
  const x = clamp(corner.x, edge, view.width - box.width - edge);
  const y = clamp(corner.y, edge, view.height - box.height - edge);
  return { x: Math.round(x), y: Math.round(y), side: taken };
}

/**
 * Which side of the screen is meant, "start" and "end" being turned by the direction of the text, and
 * where along the target: 0 for its beginning from the left or the top, 0.5 for the middle, 1.
 */
export function physical({ side, align }, rtl) {
  const [start, end] = rtl ? ["right", "left"] : ["left", "right"];
  const turned = { start, end }[side] ?? (side in WAYS ? side : "bottom");
  const share = SHARES[align] ?? 0.5;
  return { side: turned, share: rtl && isUpright(turned) ? 1 - share : share };
}

/** Whether a side lies above or below. */
export function isUpright(side) {
  return WAYS[side][0] === "y";
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(value, high));
}
