/**
 * The temporary file that makes a write atomic: written and synced next to the real one, then renamed over it. Its name
 * begins with a dot, so that Django's own clean-up does not take it for a session.
 */
import { randomBytes } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";

const MODE = 0o600;

/** Writes a temporary file next to the real one and returns its path. The file is on disk when the promise settles. */
export async function writeTemporary(
  directory: string,
  name: string,
  text: string,
  nowMs: number,
): Promise<string> {
  const path = join(directory, `.${name}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(path, "wx", MODE);
  try {
    await handle.writeFile(text, "latin1");
    await handle.utimes(nowMs / 1000, nowMs / 1000); // the expiry is counted from here
    await handle.sync();
  } catch (error) {
    await unlink(path).catch(() => {}); // the clean-up removes it; what matters is why it could not be written
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}

/** Whether `name` can be a temporary file of ours, or of Django's, for sessions whose names start with `prefix`. */
export function isTemporaryName(name: string, prefix: string): boolean {
  if (name.startsWith(`.${prefix}`)) return name.endsWith(".tmp");
  return name.startsWith(prefix) && /^[a-z0-9]+_out_/.test(name.slice(prefix.length));
}
