/**
 * A process that writes sessions until it is killed: `endless-writer.ts sqlite|file <path> <diary>`. For every write that the
 * library called stored, it appends a line, key and number, to the diary, and prints a dot.
 */
import { appendFileSync } from "node:fs";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";

const AT_ONCE = 4;

const [, , kind, path = "", diary = ""] = process.argv;
const sessions = createSessions({
  secretKey: "a secret",
  engine: kind === "sqlite" ? database(`sqlite:${path}`) : file(path),
});
await sessions.migrate();

async function write(): Promise<never> {
  const first = sessions.open();
  first.set("n", 0);
  await first.save();
  for (let n = 1; ; n++) {
    const session = sessions.open(first.sessionKey);
    await session.load();
    session.set("n", n);
    session.set("filling", "x".repeat(n % 3000));
    await session.save();
    appendFileSync(diary, `${first.sessionKey} ${n}\n`); // is kept when the process is killed; a pipe may lag
    process.stdout.write(".");
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, write));
