/**
 * One measured server in a process of its own: starts the contestant named in the arguments and tells its parent the
 * port, and, when asked, how much processor time it has used.
 */
import { CONTESTANTS } from "./contestants.ts";
import type { Places, Start } from "./servers/contestant.ts";

/** What the parent may ask. */
export type Question = "collect" | "usage";

/** What this process tells its parent. */
export type Report =
  | { kind: "ready"; port: number }
  | { kind: "collected" }
  | { kind: "usage"; cpuMicroseconds: number; rssBytes: number };

const places: Places = JSON.parse(process.argv[2] ?? "{}");
const contestant = CONTESTANTS.find(({ id }) => id === places.id);
if (contestant === undefined) throw new Error(`bench: no contestant is called "${places.id}".`);

const { START } = (await import(contestant.module)) as { START: Record<string, Start> }; // what servers/contestant.ts asks of each
const start = START[contestant.id];
if (start === undefined) throw new Error(`bench: ${contestant.module} cannot start "${contestant.id}".`);
const server = await start(places);
server.keepAliveTimeout = 0;
const address = server.address();
if (address === null || typeof address === "string") throw new Error("bench: the server listens on no port.");

process.on("message", (question: Question) => {
  if (question === "collect") {
    globalThis.gc?.();
    tell({ kind: "collected" });
    return;
  }
  const { user, system } = process.cpuUsage();
  tell({ kind: "usage", cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
tell({ kind: "ready", port: address.port });

function tell(report: Report): void {
  process.send?.(report);
}
