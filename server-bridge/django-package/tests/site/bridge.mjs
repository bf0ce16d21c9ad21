/**
 * Stands where session-bridge does, for tests of the command: says on standard error what it was told and asked, and ends
 * as `BRIDGE_ENDS` says: when its input ends, at once, by a signal, or with a code.
 */
import { createInterface } from "node:readline";

const ends = process.env.BRIDGE_ENDS ?? "with its input";
const say = (what) => process.stderr.write(`bridge: ${what}\n`);
say(`pid ${process.pid}`);

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  say(`site ${line}`);
  if (ends === "by a signal") process.kill(process.pid, "SIGKILL");
  if (ends === "with a code") process.exit(3);
  process.stdout.write(`${JSON.stringify({ id: 1, call: "stored", key: "0".repeat(32) })}\n`);
  lines.on("line", (answer) => {
    say(`answer ${answer}`);
    if (ends === "at once") process.exit(0);
  });
});
lines.on("close", () => say("input has ended"));
