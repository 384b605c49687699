import { useEffect, useState } from "react";
import { connect, type Guide, type Shown } from "/guidepath/client/guidepath.js";

/** What every component that draws an item is given. */
export interface Drawn {
  guide: Guide;
  shown: Shown;
}

/** The connection to guidepath, and what it wants to be shown; null while there is nothing. */
export function useGuide(base: string): { guide: Guide | null; shown: Shown | null } {
  const [guide, setGuide] = useState<Guide | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);

  // React's StrictMode mounts twice; the connection that is closed at once has shown nothing.
  useEffect(() => {
    const connection = connect({ base });
    connection.on("item", (now) => setShown(now));
    connection.on("gone", () => setShown(null));
    setGuide(connection);
    return () => {
      connection.close();
      setGuide(null);
      setShown(null);
    };
  }, [base]);

  return { guide, shown };
}

/** Says that an item was shown, once it is on the page; a second time is not counted. */
export function useShown({ guide, shown }: Drawn): void {
  const { item, step } = shown;
  useEffect(() => {
    void guide.respond("item.shown");
  }, [guide, item.id, step.id]);
}
