/**
 * One measured server in a separate process: starts the contestant named in the arguments and sends its parent the
 * port and, on request, the processor time that it has used.
 */
import { type Profiler, Session } from "node:inspector/promises";
import { CONTESTANTS } from "./contestants.ts";
import type { Places, Start } from "./servers/contestant.ts";

/** What the parent may request. `profile` starts a processor profile, `profiled` ends it. */
export type Question = "usage" | "profile" | "profiled";

/** What this process sends to its parent. */
export type Report =
  | { kind: "ready"; port: number }
  | { kind: "profiling" }
  | { kind: "profiled"; profile: Profiler.Profile }
  | { kind: "usage"; cpuMicroseconds: number };

const places: Places = JSON.parse(process.argv[2] ?? "{}");
const contestant = CONTESTANTS.find(({ id }) => id === places.id);
if (contestant === undefined) throw new Error(`bench: no contestant is called "${places.id}".`);

const { START } = (await import(contestant.module)) as { START: Record<string, Start> }; // as servers/contestant.ts requires
const start = START[contestant.id];
if (start === undefined) throw new Error(`bench: ${contestant.module} cannot start "${contestant.id}".`);
const server = await start(places);
server.keepAliveTimeout = 0;
const address = server.address();
if (address === null || typeof address === "string") throw new Error("bench: the server listens on no port.");

const inspector = new Session();
process.on("message", (question: Question) => void answer(question));
process.on("disconnect", () => process.exit());
tell({ kind: "ready", port: address.port });

async function answer(question: Question): Promise<void> {
  if (question === "profile") {
    inspector.connect();
    await inspector.post("Profiler.enable");
    await inspector.post("Profiler.setSamplingInterval", { interval: 200 });
    await inspector.post("Profiler.start");
    tell({ kind: "profiling" });
  } else if (question === "profiled") {
    tell({ kind: "profiled", ...(await inspector.post("Profiler.stop")) });
  } else {
    const { user, system } = process.cpuUsage();
    tell({ kind: "usage", cpuMicroseconds: user + system });
  }
}

function tell(report: Report): void {
  process.send?.(report);
}
