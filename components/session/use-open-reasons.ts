/** Which reasons of "Why?" are open: all if they have room, otherwise the first if it has, and then as the user says. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

interface Reason {
  sentence: string;
}

type Room = "all" | "first" | "none";

/** Measures which reasons can be open in `region`, again whenever its size or the reasons change. */
export function useOpenReasons(region: RefObject<HTMLElement | null>, reasons: readonly Reason[]) {
  const [room, setRoom] = useState<Room>("all");
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const sentences = reasons.map(({ sentence }) => sentence).join("\n");

  useLayoutEffect(() => {
    const element = region.current;
    if (element === null) return;
    const measure = (): void => setRoom(measureRoom(element));
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [sentences]);

  const isOpen = (index: number): boolean =>
    chosen.get(reasons[index]?.sentence ?? "") ?? (room === "all" || (room === "first" && index === 0));
  return {
    isOpen,
    /** The user opened or closed it. */
    open(index: number, wanted: boolean) {
      const reason = reasons[index];
      // The event comes after the panel's own opening and closing, too, and then it changes nothing.
      if (reason !== undefined && wanted !== isOpen(index))
        setChosen(new Map([...chosen, [reason.sentence, wanted]]));
    },
  };
}

/** What can be open without anything being scrolled out of view. The reasons and the scroll position are left as they were. */
function measureRoom(region: HTMLElement): Room {
  const { scrollTop } = region;
  const all = [...region.querySelectorAll("details")];
  const were = all.map((each) => each.open);
  const fitsWith = (isOpen: (index: number) => boolean): boolean => {
    for (const [index, each] of all.entries()) each.open = isOpen(index);
    return region.scrollHeight <= region.clientHeight;
  };
  const isAlone = all.length === 1;
  const firstOnly: Room = fitsWith((index) => index === 0) ? "first" : "none";
  const room = isAlone || fitsWith(() => true) ? "all" : firstOnly;
  for (const [index, each] of all.entries()) each.open = were[index] ?? false;
  region.scrollTop = scrollTop;
  return room;
}
