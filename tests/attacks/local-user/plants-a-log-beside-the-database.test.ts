/**
 * Attacker: another user of the machine. Holds: the right to put files into the directory of the server's SQLite database, as everyone
 * has in /tmp. Wants: SQLite to write every session into a WAL, an index or a journal that is theirs to read.
 */
import { join } from "node:path";
import { expect } from "vitest";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder, serve } from "../kit/users.ts";

asTwoUsers.each(["-wal", "-shm", "-journal"])(
  "a file of theirs that ends with %s is not written to",
  async (end) => {
    const path = join(await makeFolder(0o1777), "sessions.db");
    const [key] = await serve(`sqlite:${path}`, "make");
    expect(key).toMatch(/^[a-z0-9]{32}$/);
    expect(await serve(`sqlite:${path}`, `read:${key}`)).toEqual([[`{"note":"${CANARY}"}`]]);
    await attack(`: > ${path}${end}; chmod 666 ${path}${end}`);
    const [read, made] = await serve(`sqlite:${path}`, `read:${key}`, "make");
    for (const refused of [read, made]) expect(refused).toMatch(/^refused: .*another user's file/);
    expect(await attack(`cat ${path}${end} ${path}`)).toBe("");
    await attack(`rm ${path}${end}`);
    expect(await serve(`sqlite:${path}`, `read:${key}`)).toEqual([[`{"note":"${CANARY}"}`]]);
  },
);
