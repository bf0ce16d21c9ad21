/**
 * How many panels may listen at the same time, and which one gives way: a stream without proof never keeps out one with
 * proof.
 */
import { Refused } from "../answers.ts";

/** Panels that may listen with a session's cookie; each keeps one connection open. */
const MAX_PROVEN = 16;
/** Panels that may listen without a cookie, on a page that has no session yet. */
const MAX_UNPROVEN = 8;

/** One stream's place. */
export interface StreamPlace {
  /** Aborted, with a sentence as its reason, when another stream needs the place. */
  readonly ended: AbortSignal;
  /** Frees the place. Harmless if it is free already. */
  leave(): void;
}

/** The places of all streams. */
interface StreamPlaces {
  /**
   * A place for a stream. If none is free, the oldest stream without proof gives way, or the oldest of the session that
   * has the most places.
   *
   * @param proven ids of the keys that the panel proved; none for a stream without proof
   * @throws Refused when too many panels are listening already
   */
  take(proven: readonly string[]): StreamPlace;
  readonly count: number;
}

interface Taken {
  /** Who listens: equal for streams that proved the same keys; empty without proof. */
  listener: string;
  end: AbortController;
}

/** No streams yet. */
export function createStreamPlaces(): StreamPlaces {
  const taken = new Set<Taken>(); // in the order in which they arrived
  const of = (listener: string) => [...taken].filter((one) => one.listener === listener);

  const giveWay = (one: Taken | undefined, reason: string) => {
    if (one === undefined) return;
    taken.delete(one);
    one.end.abort(reason);
  };

  const makeRoom = (listener: string) => {
    if (listener === "") {
      if (of("").length >= MAX_UNPROVEN)
        giveWay(of("")[0], "too many panels are listening without a session's cookie");
      return;
    }
    const proven = [...taken].filter((one) => one.listener !== "");
    if (proven.length < MAX_PROVEN) return;
    const groups = [...new Set(proven.map((one) => one.listener))].map(of);
    const largest = groups.reduce((most, group) => (group.length > most.length ? group : most), []);
    if (largest.length < of(listener).length + 2) {
      throw new Refused("too-many-streams", `${MAX_PROVEN} panels are listening already. Close one.`);
    }
    giveWay(largest[0], "too many panels are listening to this session, and another one needs the place");
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
