/** Everything that talks to bridges: links, what they report, and readings of the session if a bridge has no traces. */
import { type ReadonlySignal, untracked } from "@preact/signals";
import type { EpochMs, Trace } from "session-bridge/protocol";
import { type Note, originOf, type Reading, type SpanEntry } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import { createEmitter } from "../emitter.ts";
import type { LinkEvent } from "./bridge-link.ts";
import { LinksModel } from "./links.ts";
import { createPossessions, followSignatures, seeSignatures, withPossessions } from "./possessions.ts";
import { serialiseWrites } from "./serialise-writes.ts";
import { createSessionReadings } from "./session-readings.ts";
import { createTraceIntake } from "./trace-intake.ts";

interface ConnectionParts {
  ports: Pick<Ports, "bridge" | "clock" | "tab">;
  /** The servers' clocks relative to the browser's. */
  clock: { skewOf(origin: string): number | null; heard(origin: string, serverTime: number): void };
  timeline: {
    takeTrace(trace: Trace, from: { origin: string; skewMs: number }): void;
    startOfPage(url: string): EpochMs | null;
    takeReading(requestId: string, reading: Reading | null): void;
    takeSpan(id: string, span: SpanEntry | null): void;
    note(note: Note): void;
    missing(origin: string): string[];
    giveUp(origin: string, ids: readonly string[]): void;
    own(origin: string, traceId: string): void;
  };
  /** All cookies of the tab. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
}

/** Builds everything that connects to bridges. */
export function createConnection({ ports: outside, clock, timeline, cookies }: ConnectionParts) {
  const possessions = createPossessions();
  const ports = { ...outside, bridge: withPossessions(outside.bridge, possessions) };
  const changed = createEmitter<[]>();
  const heard = createEmitter<[origin: string, event: LinkEvent]>();
  const links = new LinksModel({
    ports,
    cookies,
    startOfPage: timeline.startOfPage,
    missing: timeline.missing,
    heard: heard.tell,
  });
  const intake = createTraceIntake({
    clock: ports.clock,
    timeline,
    skewOf: (origin) => untracked(() => clock.skewOf(origin)),
    tellTime: clock.heard,
    reopen: (origin) => links.links.peek().get(origin)?.reopen(),
    changed: changed.tell,
  });
  heard.listen(intake.heard);
  const readings = createSessionReadings({
    bridge: ports.bridge,
    clock: ports.clock,
    links: links.links,
    take: timeline.takeReading,
    takeSpan: timeline.takeSpan,
    changed: changed.tell,
  });

  const stopFollowing = followSignatures(possessions, links.links);

  return {
    links,
    /** The bridge as the code that reads sessions sees it. */
    reading: ports.bridge,
    /** Reports that something may have changed on the server. */
    changed,
    /** The bridge, whose writes wait for readings under way. */
    bridge: serialiseWrites(ports.bridge, readings.write, timeline.own),
    historyCame: links.historyCame,
    /** Learns from a request of the tab. */
    saw(request: NetworkRequest) {
      seeSignatures(possessions, links.links, request);
      links.saw(request);
      readings.saw(request);
      const origin = originOf(request.url);
      if (request.traceId !== null && origin !== null) intake.expect(origin);
    },
    stop() {
      stopFollowing();
      intake.stop();
      readings.stop();
      links[Symbol.dispose]();
    },
  };
}
