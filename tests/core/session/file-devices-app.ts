/**
 * A process that logs one user in many times: `file-devices-app.ts <directory> <user> <times>`. Prints the keys of the
 * sessions that were stored, and how many logins were refused.
 */
import { createSessions, file, isSessionError } from "session-bridge";

const [directory = "", user = "", times = "0"] = process.argv.slice(2);
const sessions = createSessions({
  secretKey: "core-tests",
  engine: file(directory),
  users: { of: (session) => session.get("user_id") },
  log: () => {},
});
const keys: string[] = [];
let refused = 0;
console.log("ready");
await new Promise((resolve) => process.stdin.once("data", resolve));
await Promise.all(
  Array.from({ length: Number(times) }, async () => {
    const session = sessions.open();
    session.set("user_id", user);
    try {
      await session.save();
      keys.push(session.sessionKey ?? "");
    } catch (error) {
      if (!isSessionError(error, "session-gone")) throw error;
      refused += 1;
    }
  }),
);
console.log(JSON.stringify({ keys, refused }));
process.exit();
