/**
 * Attacker: another user of the machine. Holds: the right to make files in a folder above the victim's Django project, such as /tmp.
 * Wants: `manage.py session_bridge` to start a program of theirs in place of session-bridge.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { createProject, PACKAGE_FOLDER } from "../../django-package/site.ts";
import { later } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder } from "../kit/users.ts";

/** Says who ran it, in the folder `shared`. */
const program = (shared: string, path: string) =>
  `printf '#!/bin/sh\\nid -u > ${shared}/ran\\n' > ${path}; chmod 755 ${path}`;

const PLANTS: readonly [what: string, plant: (shared: string) => string][] = [
  [
    "a folder node_modules",
    (shared) =>
      `mkdir -p ${shared}/node_modules/.bin; ${program(shared, `${shared}/node_modules/.bin/session-bridge`)}`,
  ],
  [
    "a link to a folder of root's in which everyone can make files",
    (shared) =>
      `mkdir ${shared}/.bin; ${program(shared, `${shared}/.bin/session-bridge`)}; ln -s ${shared} ${shared}/node_modules`,
  ],
];

asTwoUsers.each(PLANTS)(
  "%s does not lead to theirs",
  async (_, plant) => {
    const shared = await makeFolder(0o1777);
    const packages = join(await makeFolder(0o755), "packages"); // installed: there is no checkout around it
    cpSync(join(PACKAGE_FOLDER, "session_bridge"), join(packages, "session_bridge"), { recursive: true });
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = shared;
    const project = await createProject({ series: "5.2", packageFolder: packages }).finally(() => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    });
    later(() => project.remove());
    await attack(plant(shared));
    const ask = () => project.python(["manage.py", "session_bridge"]);
    const { code } = await ask();
    expect(existsSync(join(shared, "ran"))).toBe(false);
    expect(code).not.toBe(0); // there is none, and none is looked for elsewhere

    const own = join(project.folder, "node_modules/.bin");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "session-bridge"), `#!/bin/sh\nid -u > ${shared}/ran\n`);
    chmodSync(join(own, "session-bridge"), 0o755);
    await ask();
    expect(existsSync(join(shared, "ran")), "the victim's own is started").toBe(true);
  },
  90_000,
);
