/**
 * An app in a small heap that thousands of guests visit after one user has logged in: `memory-guests.ts <guests>
 * <milliseconds between two guests>`. Prints whether the user is still logged in, and what was logged.
 */
import { cache, createSessions } from "session-bridge";

const [guests = 0, pauseMs = 0] = process.argv.slice(2).map(Number);
let now = Date.UTC(2026, 10, 29);
const lines: string[] = [];
const sessions = createSessions({
  secretKey: "a secret",
  engine: cache("memory:"),
  clock: () => now,
  log: (line) => lines.push(line),
});

const user = sessions.open();
user.set("user_id", 123);
await user.save();
for (let n = 0; n < guests; n++) {
  now += pauseMs;
  const guest = sessions.open();
  guest.set("seen", `${n} ${"x".repeat(3000)}`);
  guest.setExpiry(60);
  await guest.save();
}
const again = sessions.open(user.sessionKey);
console.log(JSON.stringify({ user: again.get("user_id"), lines }));
