/**
 * The devtools' network log, read as it grows: a second witness next to `webRequest`, and the only one if the extension has no
 * access to a host.
 *
 * Chrome reports a redirect before it knows that response's cookies (measured: most login redirects), so such an entry is read
 * again shortly afterwards.
 */
import type { EpochMs } from "session-bridge/protocol";
import { type HarEntry, isSameEntry, mayComeLater, parseHarEntry } from "./har-entry.ts";
import type { Recorder } from "./recorder.ts";

/** The part of `devtools.network` that this needs. */
interface NetworkApi {
  onRequestFinished: { addListener(listener: (entry: object) => void): void };
  getHAR(): Promise<object>;
}

/** By then the log was complete in every measured case. */
const READ_AGAIN_MS = 100;

interface Time {
  now: () => EpochMs;
  /** Runs a task after so many milliseconds. */
  later: (task: () => void, ms: number) => void;
}

/** Passes the log's reports to the recorder. */
export function watchNetworkLog(
  network: NetworkApi,
  recorder: Pick<Recorder, "log" | "amend">,
  { now, later }: Time,
): void {
  async function readAgain(id: string, entry: HarEntry): Promise<void> {
    const better = readEntries(await network.getHAR(), now()).find((other) => isSameEntry(other, entry));
    if (better) recorder.amend(id, better);
  }

  network.onRequestFinished.addListener((raw) => {
    const entry = parseHarEntry(raw, now());
    if (!entry) return;
    const id = recorder.log(entry);
    if (id !== null && mayComeLater(entry)) later(() => void readAgain(id, entry), READ_AGAIN_MS);
  });
}

function readEntries(har: object, now: EpochMs): HarEntry[] {
  const entries = "entries" in har && Array.isArray(har.entries) ? har.entries : [];
  return entries.map((entry) => parseHarEntry(entry, now)).filter((entry) => entry !== null);
}
