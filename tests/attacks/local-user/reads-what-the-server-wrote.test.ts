/**
 * Attacker: another user of the machine. Holds: the right to enter and to list the directories of sessions. Wants: to read a session's
 * file, a database, its WAL after the server was killed, or what else lies there.
 */
import { chownSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SERVER_USER } from "../../core/engines/other-users.ts";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder, serve } from "../kit/users.ts";

const ENCODED = Buffer.from(JSON.stringify({ note: CANARY })).toString("base64url");

asTwoUsers.each(["files", "SQLite", "SQLite, killed"])(
  "opens none of what the server left: %s",
  async (how) => {
    const folder = await makeFolder(0o755, (path) => chownSync(path, SERVER_USER, SERVER_USER));
    const address = how === "files" ? folder : `sqlite:${join(folder, "sessions.db")}`;
    const steps = how.endsWith("killed") ? ["make", "make", "kill"] : ["make", "make"];
    await serve(address, ...steps).catch((error: { stdout?: string }) => {
      if (!how.endsWith("killed")) throw error;
      expect(error.stdout).toMatch(/^\["[a-z0-9]{32}"/);
    });
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(how === "files" ? 1 : 0);
    expect((await attack(`ls -A ${folder}`)).trim().split("\n").sort()).toEqual(names.sort());
    expect(
      await attack(
        `cd ${folder}; cat $(ls -A); ln $(ls -A | head -1) /tmp/stolen-$$; cp -r . /tmp/stolen-$$.d && cat /tmp/stolen-$$.d/*; rm -rf /tmp/stolen-$$*`,
      ),
    ).toBe("");
    const left = await attack(
      `cd ${folder}; for name in $(ls -A); do : > $name; rm -f $name; mv $name x; done; ls -A`,
    );
    expect(left.trim().split("\n").sort()).toEqual(names);
    expect(names.map((name) => readFileSync(join(folder, name), "latin1")).join("")).toContain(ENCODED);
  },
);
