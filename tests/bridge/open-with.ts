/** Opens a bridge in a given environment, to test whether it opens; it is closed after each test. */
import { createSessions, database } from "session-bridge";
import { type BridgeOptions, openBridge } from "session-bridge/bridge";
import { afterEach } from "vitest";

/** A token that is strong enough. */
export const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
/** What the bridge is opened over. */
export const sessions = createSessions({
  secretKey: "a secret for tests",
  engine: database("sqlite::memory:"),
});

let open: { close(): void } | null = null;
afterEach(() => open?.close());

/** Opens with this environment; returns the printed lines. */
export function openWith(env: Record<string, string>, options: BridgeOptions = {}): string[] {
  const lines: string[] = [];
  open = openBridge(sessions, { env, log: (line) => lines.push(line), ...options });
  return lines;
}
