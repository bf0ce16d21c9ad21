/** The sessions of the user whose session is shown. They are read only while their list is on screen. */
import { computed, createModel, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { type DevicesAnswer, type EpochMs, PROTOCOL_VERSION } from "session-bridge/protocol";
import type { BridgeProblem } from "../../logic/bridge-problem.ts";
import type { BridgePort, CallResult, ClockPort } from "../../ports/ports.ts";
import type { Link } from "../connection/bridge-link.ts";
import { createReading } from "./create-reading.ts";
import type { Live, Subject } from "./session.ts";

/** A list, as the server answered it. */
export type DevicesList = Extract<DevicesAnswer, { found: true }>;

/** What is known of the user's sessions. `subject`: whose cookie was shown. */
type Devices =
  | { state: "unknown" }
  | { state: "none"; reason: Extract<DevicesAnswer, { found: false }>["reason"] }
  | { state: "listed"; list: DevicesList; subject: Subject }
  | { state: "failed"; problem: BridgeProblem };

interface DevicesOptions {
  bridge: BridgePort;
  link: ReadonlySignal<Link | null>;
  /** What the session pane is about. */
  subject: ReadonlySignal<Subject | null>;
  /** Read again with each trace of the session: then the list may have changed, too. */
  live: ReadonlySignal<Live>;
  /** The list is on screen, or would be. */
  isWanted: ReadonlySignal<boolean>;
  clock: ClockPort;
  /** The server's time, in an answer to a question of then. */
  heard: (origin: string, serverTime: EpochMs, askedAt: EpochMs) => void;
}

/** Between two readings that no one asked for. */
const MOST_OFTEN_MS = 1000;

export const DevicesModel = createModel((options: DevicesOptions) => {
  const found = signal<{ subject: Subject | null; devices: Devices }>({
    subject: null,
    devices: { state: "unknown" },
  });
  let readAt = Number.NEGATIVE_INFINITY;
  let stopWaiting: (() => void) | null = null;
  /** True if this bridge has such a list. */
  const isOffered = computed(
    () => options.link.value?.hello.value?.capabilities.includes("devices") === true,
  );

  const readOnce = async (): Promise<void> => {
    const subject = options.subject.peek();
    if (subject === null) {
      const isKnown = options.live.peek().state === "none";
      found.value = {
        subject,
        devices: isKnown ? { state: "none", reason: "no-cookie" } : { state: "unknown" },
      };
      return;
    }
    const askedAt = options.clock.now();
    readAt = askedAt;
    const request = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value };
    const result = await options.bridge.call(subject.origin, "devices", request);
    if (result.ok) options.heard(subject.origin, result.answer.serverTime, askedAt);
    found.value = { subject, devices: toDevices(result, subject) };
  };
  const { reading, read } = createReading(readOnce);

  /** For news that may come with each request: the server looks at every session of the user. */
  const readSoon = (): void => {
    if (stopWaiting !== null) return;
    const wait = readAt + MOST_OFTEN_MS - options.clock.now();
    if (wait <= 0) return void read();
    stopWaiting = options.clock.every(wait, () => {
      stopWaiting?.();
      stopWaiting = null;
      if (options.isWanted.peek()) void read();
    });
  };

  effect(() => {
    options.live.value;
    const subject = options.subject.value;
    if (!isOffered.value || !options.isWanted.value) return;
    // that of another cookie is not shown, so there is nothing to wait with
    untracked(() => (isSame(found.value.subject, subject) ? readSoon() : void read()));
  });
  effect(() => () => stopWaiting?.());

  return {
    isOffered,
    reading,
    read,
    /** What was read, as long as it is about the same cookie. */
    devices: computed<Devices>(() => {
      const { subject, devices } = found.value;
      return isSame(subject, options.subject.value) ? devices : { state: "unknown" };
    }),
  };
});

function toDevices(result: CallResult<DevicesAnswer>, subject: Subject): Devices {
  if (!result.ok) return { state: "failed", problem: result.problem };
  const { answer } = result;
  return answer.found ? { state: "listed", list: answer, subject } : { state: "none", reason: answer.reason };
}

function isSame(one: Subject | null, other: Subject | null): boolean {
  return one?.origin === other?.origin && one?.cookie.value === other?.cookie.value;
}
