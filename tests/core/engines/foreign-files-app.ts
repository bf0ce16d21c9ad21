/** An app with session files, as another user: reads the given sessions, and prints the result of each. */
import { createSessions, file } from "session-bridge";

const [user = "", directory = "", text = "", ...keys] = process.argv.slice(2);
process.umask(0o022);
process.setgid?.(Number(user));
process.setuid?.(Number(user));

const lines: string[] = [];
const engine = file(directory);
const sessions = createSessions({ secretKey: "a secret", engine, log: (line) => lines.push(line) });
const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };

/** Its result, or the code of its error. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await work()) ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const found: Record<string, unknown> = {};
for (const key of keys) {
  found[key] = [
    await outcome(async () => engine.load(key)),
    await outcome(async () => engine.inspect?.(key)),
    await outcome(async () => engine.exists(key)),
    await outcome(async () => engine.create(key, text, end)),
    await outcome(async () => engine.update(key, text, end, null)),
    await outcome(async () => engine.retime?.(key, 1, text)),
    await outcome(async () => engine.delete(key)),
  ];
}
const own = sessions.open();
own.set("mine", true);
await own.save();
const cleared = await outcome(async () => engine.clearExpired());
const again = await outcome(async () => engine.load(own.sessionKey ?? ""));
console.log(JSON.stringify({ found, lines, cleared, isKept: again !== null }));
