// Where things go, as numbers. Pure: it sees rectangles, never the page.
// The browser anchors by itself where it can (guidepath.css); `place` is for those that cannot.

const OPPOSITE = Object.freeze({ top: "bottom", bottom: "top", left: "right", right: "left" });

/**
 * The top left corner of a box beside a target, in pixels of the viewport, and the side it took.
 *
 * It flips to the other side where it does not fit and there is more room, and never leaves the
 * viewport. `target` is {x, y, width, height}; `box` and `view` are {width, height}.
 */
export function place({ target, box, view, side, align = "center", rtl = false, gap = 10, edge = 8 }) {
  const wanted = side in OPPOSITE ? side : "bottom";
  const taken = room(wanted, target, view) < need(wanted, box) + gap + edge
    && room(OPPOSITE[wanted], target, view) > room(wanted, target, view)
    ? OPPOSITE[wanted]
    : wanted;
  const upright = taken === "top" || taken === "bottom";
  const along = alongside(upright ? mirrored(align, rtl) : align, target, box, upright);
  const across = beside(taken, target, box, gap);
  const [x, y] = upright ? [along, across] : [across, along];
  return {
    x: clamp(x, edge, view.width - box.width - edge),
    y: clamp(y, edge, view.height - box.height - edge),
    side: taken,
  };
}

/** Which step of how many: {n, m, first, last}, counted from 1; an unknown step is the first. */
export function position(steps, stepId) {
  const index = Math.max(0, steps.findIndex((step) => step.id === stepId));
  return { n: index + 1, m: steps.length, first: index === 0, last: index >= steps.length - 1 };
}

/** The side and alignment of a placement, with what is missing or unknown filled in. */
export function placement(wanted) {
  const side = wanted?.side in OPPOSITE ? wanted.side : "bottom";
  const align = ["start", "center", "end"].includes(wanted?.align) ? wanted.align : "center";
  return { side, align };
}

function room(side, target, view) {
  if (side === "top") return target.y;
  if (side === "left") return target.x;
  if (side === "bottom") return view.height - target.y - target.height;
  return view.width - target.x - target.width;
}

function need(side, box) {
  return side === "top" || side === "bottom" ? box.height : box.width;
}

function beside(side, target, box, gap) {
  if (side === "top") return target.y - box.height - gap;
  if (side === "left") return target.x - box.width - gap;
  if (side === "bottom") return target.y + target.height + gap;
  return target.x + target.width + gap;
}

function alongside(align, target, box, upright) {
  const [start, length, own] = upright
    ? [target.x, target.width, box.width]
    : [target.y, target.height, box.height];
  if (align === "start") return start;
  if (align === "end") return start + length - own;
  return start + (length - own) / 2;
}

function mirrored(align, rtl) {
  if (!rtl || align === "center") return align;
  return align === "start" ? "end" : "start";
}

function clamp(value, low, high) {
  return Math.round(Math.max(low, Math.min(value, high)));
}
