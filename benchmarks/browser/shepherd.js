import Shepherd from "shepherd.js";
import "shepherd.js/dist/css/shepherd.css";

const { item } = await (await fetch("/v1/next")).json();
const { title, bodyHtml, target, placement, primaryAction } = item.steps[0];
const tour = new Shepherd.Tour({ useModalOverlay: true });
tour.addStep({
  title,
  text: bodyHtml,
  attachTo: { element: target.selector, on: `${placement.side}-${placement.align}` },
  buttons: [{ text: primaryAction.label, action: tour.next }],
});
tour.start();
