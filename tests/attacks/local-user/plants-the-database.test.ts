/**
 * Attacker: another user of the machine. Holds: the right to put files where the server is about to make its SQLite database. Wants:
 * the server to keep its sessions in a file of theirs, put there itself or by a link.
 */
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder, serve } from "../kit/users.ts";

asTwoUsers.each([
  ["a file", (path: string) => `: > ${path}; chmod 666 ${path}`],
  [
    "a link to a file",
    (path: string) => `: > ${path}.theirs; chmod 666 ${path}.theirs; ln -s ${path}.theirs ${path}`,
  ],
  ["a link to nothing", (path: string) => `ln -s ${path}.theirs ${path}`],
])("%s of theirs is not taken for the database", async (_, plant) => {
  const path = join(await makeFolder(0o1777), "sessions.db");
  await attack(plant(path));
  const [made] = await serve(`sqlite:${path}`, "make");
  expect(made).toMatch(/^refused: .*another user's file/);
  expect(await attack(`cat ${path} ${path}.theirs ${path}-wal`)).toBe("");
  const other = join(dirname(path), "own.db");
  const [key] = await serve(`sqlite:${other}`, "make");
  expect(await serve(`sqlite:${other}`, `read:${key}`)).toEqual([[`{"note":"${CANARY}"}`]]);
  expect(await attack(`cat ${other} ${other}-wal`)).toBe("");
});
