/**
 * Attacker: another user of the machine, from whose terminal the victim started site and bridge by `su`, which keeps
 * `XDG_RUNTIME_DIR`. Holds: that folder, in which they can make everything. Wants: the channel to be there.
 */
import { chownSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { OTHER_USER } from "../../core/engines/other-users.ts";
import { listenAsOther, NOTHING, tryAll } from "../kit/channel-tries.ts";
import { makeDjangoVictim, readOwn, serveDjango, startBridge, visitDjango } from "../kit/django-victim.ts";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder } from "../kit/users.ts";

asTwoUsers(
  "a runtime folder of another user is not used, whatever is in it",
  async () => {
    const runtime = join(await makeFolder(0o755), "runtime");
    mkdirSync(runtime, { mode: 0o700 });
    chownSync(runtime, OTHER_USER, OTHER_USER);
    const victim = await makeDjangoVictim({ XDG_RUNTIME_DIR: runtime });
    const theirs = join(runtime, "session-bridge");
    const announced = JSON.stringify({
      v: 1,
      socket: `${theirs}/${victim.name}.sock`,
      bridge: 47_801,
      pid: 1,
    });
    await attack(`mkdir -m 700 ${theirs}; umask 077; echo '${announced}' > ${theirs}/${victim.name}.json`);
    const kept = join(runtime, "kept");
    listenAsOther(join(theirs, `${victim.name}.sock`), kept);
    await vi.waitFor(() => expect(existsSync(kept)).toBe(true), { timeout: 10_000 });

    const site = await serveDjango(victim);
    expect(await visitDjango(site)).toMatchObject({ header: null, body: "begun" });
    const bridge = await startBridge(site);
    expect(existsSync(join(victim.folder, `${victim.name}.sock`))).toBe(true);
    await vi.waitFor(async () => expect((await visitDjango(site)).header).not.toBeNull(), {
      timeout: 10_000,
    });
    expect(await readOwn(site, bridge.port)).toContain(CANARY);
    expect(readFileSync(kept, "utf8")).toBe("listens\n");
    expect(await tryAll(victim.folder, victim.name)).toBe(NOTHING);
  },
  90_000,
);
