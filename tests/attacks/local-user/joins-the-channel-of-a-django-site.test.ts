/**
 * Attacker: another user of the machine. Holds: the path of the channel between the victim's Django site and its bridge, in a folder
 * where everyone can make files, and all the time before, while and after the bridge runs. Wants: what the site reports, to report
 * for it, or to be the bridge to which it reports.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { NOTHING, tryAll } from "../kit/channel-tries.ts";
import { makeDjangoVictim, readOwn, serveDjango, startBridge, visitDjango } from "../kit/django-victim.ts";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers } from "../kit/users.ts";

asTwoUsers(
  "the channel cannot be entered, read, joined or moved, also not after its bridge was killed",
  async () => {
    const victim = await makeDjangoVictim();
    const { folder, name } = victim;
    const site = await serveDjango(victim);
    const bridge = await startBridge(site);
    await vi.waitFor(async () => expect((await visitDjango(site)).header).not.toBeNull(), {
      timeout: 10_000,
    });
    expect(await tryAll(folder, name)).toBe(NOTHING);
    expect(await readOwn(site, bridge.port)).toContain(CANARY);

    // the folder, the announcement and the socket stay
    const { pid } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
    process.kill(pid, "SIGKILL");
    await bridge.ended;
    expect(await tryAll(folder, name)).toBe(NOTHING);
    expect(await visitDjango(site)).toMatchObject({ header: null, body: "begun" });
    expect(await tryAll(folder, name)).toBe(NOTHING);

    const next = await startBridge(site);
    await vi.waitFor(async () => expect((await visitDjango(site)).header).not.toBeNull(), {
      timeout: 10_000,
    });
    expect(await tryAll(folder, name)).toBe(NOTHING);
    expect(await readOwn(site, next.port)).toContain(CANARY);
  },
  90_000,
);
