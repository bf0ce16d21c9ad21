/** One snapshot: cookies and the server's session at the same time, taken and restored. */
import { type EpochMs, type KeptCopy, PROTOCOL_VERSION } from "session-bridge/protocol";
import { problemText } from "../../logic/bridge-problem.ts";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import type { Subject } from "../showing/session.ts";

/** Which cookies a snapshot covers: switching to it does not touch any others. */
interface Watched {
  watch: Watch;
  /** Names that the user watched at the time. */
  watchNames: readonly string[];
}

/** Both sides at the same time. */
export interface Snapshot extends Watched {
  name: string;
  at: EpochMs;
  cookies: readonly TabCookie[];
  /** The server's copy and its origin; null if there was no session, or no bridge that keeps copies. */
  server: { origin: string; kept: KeptCopy } | null;
}

/** What taking and restoring a snapshot needs. */
export interface SnapshotParts {
  ports: Pick<Ports, "bridge" | "cookies" | "tab" | "clock">;
  subject: () => Subject | null;
  /** The cookies that the tab has now, of those watched. */
  cookies: (watch: Watch, watchNames: readonly string[]) => readonly TabCookie[];
  /** Names an origin other than the page's own; empty for the page's own. */
  where: (origin: string) => string;
  /** Reads the cookies again. */
  reload: () => Promise<void>;
  /** Reads session and cookies again. */
  refresh: () => void;
}

/** Takes both sides as they are now. */
export async function takeSnapshot(
  parts: SnapshotParts,
  name: string,
  { watch, watchNames }: Watched,
): Promise<Snapshot> {
  await parts.reload();
  const subject = parts.subject();
  const at = parts.ports.clock.now();
  const cookies = parts.cookies(watch, watchNames);
  const taken = { name, at, cookies, watch, watchNames };
  if (subject === null) return { ...taken, server: null };
  const request = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value, keep: true };
  const result = await parts.ports.bridge.call(subject.origin, "session", request);
  const kept = result.ok && result.answer.found ? (result.answer.kept ?? null) : null;
  return { ...taken, server: kept && { origin: subject.origin, kept } };
}

/**
 * Restores both sides. The server first: if it refuses, the browser stays as it is. Calls `begun` when something is changed, and
 * returns one sentence if something failed.
 */
export async function applySnapshot(
  parts: SnapshotParts,
  { cookies, watch, watchNames, server }: Snapshot,
  begun: () => void = () => {},
): Promise<string | null> {
  const { ports } = parts;
  if (server !== null) {
    const { origin, kept } = server;
    const request = { protocol: PROTOCOL_VERSION, cookie: kept.cookie, kept, replaces: null };
    const restored = await ports.bridge.call(origin, "restore", request);
    if (!restored.ok) return `The server did not take it back: ${problemText(restored.problem)}`;
  }
  begun();
  await parts.reload();
  const wanted = new Set(cookies.map(({ id }) => id));
  const failed: string[] = [];
  for (const cookie of parts.cookies(watch, watchNames).filter(({ id }) => !wanted.has(id))) {
    if (!(await ports.cookies.remove(cookie))) failed.push(showUnseen(cookie.name));
  }
  for (const cookie of cookies) {
    const written = await ports.cookies.write(cookie, null);
    if (!written.ok) failed.push(`${showUnseen(cookie.name)} (${showUnseen(written.reason)})`);
  }
  ports.tab.reload();
  parts.refresh();
  return failed.length === 0 ? null : `These cookies are not as they were: ${failed.join(", ")}.`;
}
