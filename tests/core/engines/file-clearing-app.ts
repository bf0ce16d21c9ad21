/** Clears the expired session files of a directory as another user: `file-clearing-app.ts <user> <directory>`. */
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";

const [user = "", directory = ""] = process.argv.slice(2);
process.setgid?.(Number(user));
process.setuid?.(Number(user));

const lines: string[] = [];
const engine = file(directory);
createSessions({ secretKey: "a secret", engine, log: (line) => lines.push(line) });
console.log(JSON.stringify({ cleared: await engine.clearExpired(), lines }));
