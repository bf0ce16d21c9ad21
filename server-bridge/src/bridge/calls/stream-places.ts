/** How many panels may listen at once, and who gives way: a stream without proof never keeps out one with it. */
import { Refused } from "../answers.ts";

/** Panels that may listen with a session's cookie; each keeps one connection open. */
const MAX_PROVEN = 16;
/** Panels that may listen without: on a page that has no session yet. */
const MAX_UNPROVEN = 8;

/** One stream's place. */
export interface StreamPlace {
  /** Aborted, with a sentence as its reason, when another stream needs the place. */
  readonly ended: AbortSignal;
  /** Frees the place. Harmless when it is free already. */
  leave(): void;
}

/** The places of all streams. */
interface StreamPlaces {
  /**
   * A place for a stream; the oldest without proof gives way, and the oldest of a session that has most of the places.
   *
   * @param proven ids of the keys that the panel proved; none for a stream without proof
   * @throws Refused when too many panels listen already
   */
  take(proven: readonly string[]): StreamPlace;
  readonly count: number;
}

interface Taken {
  /** Who listens: the same for streams that proved the same keys. Empty without proof. */
  listener: string;
  end: AbortController;
}

/** No stream yet. */
export function createStreamPlaces(): StreamPlaces {
  const taken = new Set<Taken>(); // in the order in which they came
  const of = (listener: string) => [...taken].filter((one) => one.listener === listener);

  const giveWay = (one: Taken | undefined, reason: string) => {
    if (one === undefined) return;
    taken.delete(one);
    one.end.abort(reason);
  };

  const makeRoom = (listener: string) => {
    if (listener === "") {
      if (of("").length >= MAX_UNPROVEN)
        giveWay(of("")[0], "too many panels listen without a session's cookie");
      return;
    }
    const proven = [...taken].filter((one) => one.listener !== "");
    if (proven.length < MAX_PROVEN) return;
    const groups = [...new Set(proven.map((one) => one.listener))].map(of);
    const largest = groups.reduce((most, group) => (group.length > most.length ? group : most), []);
    if (largest.length < of(listener).length + 2) {
      throw new Refused("too-many-streams", `${MAX_PROVEN} panels are listening already. Close one.`);
    }
    giveWay(largest[0], "too many panels listen to this session, and another needs the place");
  };

  return {
    take(proven) {
      const listener = [...proven].sort().join(" ");
      makeRoom(listener);
      const one: Taken = { listener, end: new AbortController() };
      taken.add(one);
      return { ended: one.end.signal, leave: () => taken.delete(one) };
    },
    get count() {
      return taken.size;
    },
  };
}
