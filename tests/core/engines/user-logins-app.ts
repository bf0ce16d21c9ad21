/** A process that logs the same user in again and again, and names each session that is stored, until a line comes. */

import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";

const sessions = createSessions({
  secretKey: "core-tests",
  engine: database(`sqlite:${process.argv[2]}`),
  users: { of: (session) => session.get("user_id"), exclusive: true },
});
let isStopped = false;
process.stdin.once("data", () => {
  isStopped = true;
  process.stdin.unref();
});
while (!isStopped) {
  const session = sessions.open();
  session.set("user_id", "ann");
  await session.save();
  console.log(session.sessionKey);
}
await sessions.close();
process.exit(0);
