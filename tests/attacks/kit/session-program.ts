/**
 * A server as another user of the machine: keeps sessions in files or in SQLite, and prints the result of each step as JSON.
 *
 * Steps: `make` stores a session with the canary and gives its key, `read:KEY` gives what is stored under a key, `text:KEY` the stored
 * text, `watch:KEY` reads it three thousand times and gives all that it ever held, `kill` ends the process at once.
 */
import { createSessions, database, file } from "session-bridge";

const [user = "", address = "", ...steps] = process.argv.slice(2);
process.umask(0o022);
process.setgid?.(Number(user));
process.setuid?.(Number(user));

async function take(step: string): Promise<unknown> {
  const engine = address.startsWith("sqlite:") ? database(address) : file(address);
  const sessions = createSessions({ secretKey: "a secret of the server", engine, log: () => {} });
  const [name, key = ""] = step.split(":");
  if (name === "kill") {
    await new Promise<void>((resolve) => process.stdout.write(JSON.stringify(outcomes), () => resolve()));
    process.kill(process.pid, "SIGKILL");
  }
  if (name === "make") {
    const session = sessions.open();
    session["note"] = "canary of the victim";
    await session.save();
    return session.sessionKey;
  }
  if (name === "text") return (await engine.load(key)) ?? null;
  const seen = new Set<string>();
  for (let count = 0; count < (name === "watch" ? 3_000 : 1); count += 1) {
    const session = sessions.open(key);
    await session.load();
    seen.add(JSON.stringify(session.toJSON()));
  }
  return [...seen];
}

const outcomes: unknown[] = [];
for (const step of steps) {
  outcomes.push(await take(step).catch((error: Error) => `refused: ${error.message}`));
}
console.log(JSON.stringify(outcomes));
