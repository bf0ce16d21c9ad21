/**
 * Attacker: another user of the machine. Holds: a key that they chose, the right to put files into the directory of sessions, and the
 * path of a session of the server's other site, which only the server can read. Wants: that session under their own key, by turning
 * a file of theirs into a link between the server's look and its reading.
 */
import { chownSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SERVER_USER } from "../../core/engines/other-users.ts";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, keepAttacking, makeFolder, serve } from "../kit/users.ts";

asTwoUsers(
  "three thousand reads of a name that is now a file, now a link, now a pipe give nothing",
  async () => {
    const other = await makeFolder(0o700, (path) => chownSync(path, SERVER_USER, SERVER_USER));
    const [key] = await serve(other, "make");
    const target = join(other, `sessionid${key}`);
    expect(await attack(`cat ${target}`)).toBe("");
    const folder = await makeFolder(0o1777);
    const name = `${folder}/sessionidswapped001`;
    await attack(`ln -s ${target} ${name}; ln -s ${other} ${folder}/there`);
    keepAttacking(
      `: > ${name}.f; mv -f ${name}.f ${name}; ln -s ${target} ${name}.l; mv -f ${name}.l ${name};
     ln -s there/sessionid${key} ${name}.d; mv -f ${name}.d ${name}; mkfifo ${name}.p; mv -f ${name}.p ${name}`,
    );
    expect(await serve(folder, "watch:swapped001")).toEqual([["{}"]]);
    const control = `${folder}/sessionidcontrol001`;
    renameSync(target, control);
    expect(await serve(folder, "read:control001")).toEqual([[`{"note":"${CANARY}"}`]]);
  },
);
