import { useLayoutEffect, useRef } from "react";
import { type Drawn, useShown } from "./useGuide";

/** A card beside its target. The browser places it: see .tooltip in style.css. */
export function Tooltip({ guide, shown }: Drawn) {
  const card = useRef<HTMLElement>(null);
  const { step, words } = shown;
  const selector = step.target?.selector;
  useShown({ guide, shown });

  useLayoutEffect(() => {
    const target = selector ? document.querySelector<HTMLElement>(selector) : null;
    if (target) card.current?.showPopover({ source: target });
    else void guide.respond("target.missing", { targetFound: false });
  }, [guide, selector]);

  return (
    <section ref={card} className="card tooltip" popover="manual" aria-labelledby="tooltip-title">
      <h2 id="tooltip-title">{step.title}</h2>
      {/* the server has sanitised it */}
      <div dangerouslySetInnerHTML={{ __html: step.bodyHtml }} />
      {shown.item.snoozeOptions.map((snooze) => (
        <button key={snooze} onClick={() => guide.answer("snooze", { snooze })}>
          {words.later}
        </button>
      ))}
      <button onClick={() => guide.answer("close")}>{words.close}</button>
    </section>
  );
}
