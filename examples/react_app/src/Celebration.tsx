import { useLayoutEffect, useRef } from "react";
import { type Drawn, useShown } from "./useGuide";

export function Celebration({ guide, shown }: Drawn) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { step, words } = shown;
  useShown({ guide, shown });

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="card"
      aria-labelledby="celebration-title"
      onCancel={(event) => {
        event.preventDefault();
        void guide.answer("escape");
      }}
    >
      <h2 id="celebration-title">🎉 {step.title}</h2>
      <button onClick={() => guide.answer("close")}>{words.close}</button>
    </dialog>
  );
}
