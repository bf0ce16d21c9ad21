/**
 * A process with locks: `file-locks-holder.ts <directory> <file name> <task>`.
 * - `hold`: takes the lock, prints its process id, and keeps it.
 * - `die`: takes the lock and kills itself.
 * - a number: takes the lock that often, and each time adds one to the number in that file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { FileLocks } from "../../../server-bridge/src/core/engines/file-lock.ts";

const [directory = "", name = "", task = ""] = process.argv.slice(2);
const locks = new FileLocks(directory);
const hold = (work: () => Promise<void>) => locks.hold(name, performance.now() + 60_000, work);

async function add(): Promise<void> {
  const path = join(directory, name);
  const before = Number(readFileSync(path, "latin1"));
  await turn();
  writeFileSync(path, String(before + 1));
}

if (task === "die") await hold(async () => void process.kill(process.pid, "SIGKILL"));
else if (task === "hold") {
  const forever = setInterval(() => {}, 60_000);
  await hold(() => {
    console.log(process.pid);
    return new Promise(() => {});
  });
  clearInterval(forever);
} else for (let n = 0; n < Number(task); n++) await hold(add);
