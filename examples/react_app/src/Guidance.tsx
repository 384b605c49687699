import type { ComponentType } from "react";
import { Celebration } from "./Celebration";
import { Checklists, Listed } from "./Checklists";
import { Survey } from "./Survey";
import { Tooltip } from "./Tooltip";
import { type Drawn, useGuide } from "./useGuide";

// Which component draws which type of item: those that this product's playbook has.
const DRAWN_BY: Record<string, ComponentType<Drawn>> = {
  checklist: Listed,
  modal: Celebration,
  survey: Survey,
  tooltip: Tooltip,
};

export function Guidance() {
  const { guide, shown } = useGuide("/guidepath");
  if (!guide) return null;
  const Item = shown && DRAWN_BY[shown.item.type];
  return (
    <>
      <Checklists guide={guide} />
      {Item && <Item key={shown.item.id} guide={guide} shown={shown} />}
    </>
  );
}
