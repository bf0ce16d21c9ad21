/** A process with the sessions of users: does what the lines on its standard input say, many things at once, and says how it went. */
import { createInterface } from "node:readline";
import { createSessions } from "session-bridge";
import { makeEngine, type StoreTarget } from "./devices-engine.ts";

/** One order. Each is answered by lines, the last of which is `done`. */
export type Order =
  | { do: "logIn"; user: string; count: number }
  | { do: "cycle"; keys: readonly string[] }
  | { do: "endAll"; user: string; except: string | null }
  | { do: "reindex"; times: number };

/** One line of an answer: a session that was stored, one that was refused, or the end. */
export type Line = { key: string } | { refused: string } | { done: true };

const target: StoreTarget = JSON.parse(process.argv[2] ?? "");
const sessions = createSessions({
  secretKey: "core-tests",
  engine: makeEngine(target),
  users: { of: (session) => session.get("user_id") },
  log: () => {},
});

const say = (line: Line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function save(key: string | null, user: string | null): Promise<void> {
  const session = sessions.open(key ?? undefined);
  try {
    if (key !== null) await session.load();
    if (user === null) await session.cycleKey();
    else {
      session.set("user_id", user);
      await session.save();
    }
    say({ key: session.sessionKey ?? "" });
  } catch (error) {
    say({ refused: String(error) });
  }
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "logIn":
      await Promise.all(Array.from({ length: order.count }, () => save(null, order.user)));
      break;
    case "cycle":
      await Promise.all(order.keys.map((key) => save(key, null)));
      break;
    case "endAll": {
      const except = order.except === null ? undefined : sessions.open(order.except);
      await sessions.endAll(order.user, { except });
      break;
    }
    default:
      for (let n = 0; n < order.times; n++) await sessions.reindex();
  }
  say({ done: true });
}

for await (const line of createInterface(process.stdin)) await obey(JSON.parse(line));
await sessions.close();
