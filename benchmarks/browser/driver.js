import { driver } from "driver.js";
import "driver.js/dist/driver.css";

const { item } = await (await fetch("/v1/next")).json();
const { title, bodyHtml, target, placement, primaryAction } = item.steps[0];
const popover = { title, description: bodyHtml, ...placement, doneBtnText: primaryAction.label };
driver({ animate: false, steps: [{ element: target.selector, popover }] }).drive();
