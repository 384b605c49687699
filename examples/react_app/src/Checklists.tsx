import { useEffect, useState } from "react";
import type { Guide, Item } from "/guidepath/client/guidepath.js";
import { type Drawn, useShown } from "./useGuide";

/** The person's checklists, always there, whether or not it is their turn to be shown. */
export function Checklists({ guide }: { guide: Guide }) {
  const [lists, setLists] = useState<Item[]>([]);

  useEffect(() => {
    let current = true;
    async function load() {
      const { checklists } = await guide.progress();
      if (current) setLists(checklists);
    }
    const reload = () => void load().catch(() => {}); // as it was, until the server is back
    const stops = [guide.on("item", reload), guide.on("silent", reload)];
    return () => {
      current = false;
      for (const stop of stops) stop();
    };
  }, [guide]);

  return lists.map((list) => (
    <aside key={list.id} aria-label={list.steps[0].title}>
      <h2>{list.steps[0].title}</h2>
      <ul>
        {list.items?.map(({ id, title, status, locked }) => (
          <li key={id} className={status} aria-disabled={locked}>
            {status === "completed" ? "✓ " : ""}
            {title}
          </li>
        ))}
      </ul>
    </aside>
  ));
}

/** A checklist whose turn it is: it is on the page already. */
export function Listed(drawn: Drawn) {
  useShown(drawn);
  return null;
}
