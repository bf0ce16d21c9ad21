/**
 * A process that serves visitors until it is killed: `sqlite-visitors.ts <path>`. Each visitor stores a session and reads
 * it again. A line on standard output says how that went, and what the library logged: `stored <key> <n> <begun>`,
 * `failed <code> <message> <begun>`, `logged <line>`. A visit began at `process.hrtime.bigint()`, equal in all processes.
 */
import { writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { codeOf, messageOf } from "../../../server-bridge/src/core/errors.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";

const AT_ONCE = 4;

const [, , path = ""] = process.argv;
const sessions = createSessions({
  secretKey: "a secret",
  engine: database(`sqlite:${path}`),
  log: (line) => say(`logged ${line}`),
});

/** Synchronous, so that it is kept when the process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function visit(n: number, begun: bigint): Promise<void> {
  const session = sessions.open();
  session.set("n", n);
  session.set("filling", "x".repeat(n % 3000));
  await session.save();
  say(`stored ${session.sessionKey} ${n} ${begun}`);
  const again = sessions.open(session.sessionKey);
  await again.load();
  if (again.get("n") !== n) throw new Error(`read ${String(again.get("n"))} instead of ${n}`);
}

async function serve(): Promise<never> {
  for (let n = 0; ; n++) {
    const begun = process.hrtime.bigint();
    try {
      await visit(n, begun);
    } catch (error) {
      say(`failed ${codeOf(error)} ${messageOf(error)} ${begun}`);
    }
    await wait(1);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, serve));
