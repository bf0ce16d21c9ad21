/**
 * Attacker: another user of the machine. Holds: the name of the folder in which the victim's Django site looks for its bridge, and the
 * right to make it first. Wants: the site to report to a server of theirs, the bridge to listen where they can reach it, or at least
 * a site that waits for them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { listenAsOther } from "../kit/channel-tries.ts";
import { type DjangoVictim, makeDjangoVictim, serveDjango, visitDjango } from "../kit/django-victim.ts";
import { asTwoUsers, attack } from "../kit/users.ts";

/** A folder of theirs that looks like that of a running bridge, with rights that let the victim in. */
const furnish = (where: string, { name }: DjangoVictim, mode: string) => `
  umask 0; mkdir ${where}
  echo '{"v":1,"socket":"${where}/${name}.sock","bridge":47801,"pid":1}' > ${where}/${name}.json
  chmod 644 ${where}/${name}.json; chmod ${mode} ${where}`;

const PLANTS: readonly [what: string, plant: (victim: DjangoVictim) => string, listensIn: string | null][] = [
  ["a folder of theirs", (victim) => furnish(victim.folder, victim, "700"), ""],
  ["a folder of theirs that is open to all", (victim) => furnish(victim.folder, victim, "777"), ""],
  [
    "a link to a folder of theirs",
    (victim) =>
      `${furnish(`${victim.shared}/theirs`, victim, "777")}; ln -s ${victim.shared}/theirs ${victim.folder}`,
    "/../theirs",
  ],
  ["a link to nothing", ({ shared, folder }) => `ln -s ${shared}/nothing ${folder}`, null],
  ["a file", ({ folder }) => `: > ${folder}; chmod 666 ${folder}`, null],
  ["a pipe", ({ folder }) => `mkfifo -m 666 ${folder}`, null],
];

asTwoUsers.each(PLANTS)(
  "%s in the channel's place: site and command refuse it, and the site works",
  async (_, plant, listensIn) => {
    const victim = await makeDjangoVictim();
    await attack(plant(victim));
    const kept = join(victim.shared, "kept");
    if (listensIn !== null) {
      listenAsOther(`${victim.folder}${listensIn}/${victim.name}.sock`, kept);
      await vi.waitFor(() => expect(readFileSync(kept, "utf8")).toBe("listens\n"), { timeout: 10_000 });
    }
    await expectRefusal(victim);
    if (listensIn !== null) expect(readFileSync(kept, "utf8")).toBe("listens\n");
  },
  60_000,
);

asTwoUsers(
  "a socket of theirs in the place of the folder is refused, too",
  async () => {
    const victim = await makeDjangoVictim();
    const kept = join(victim.shared, "kept");
    listenAsOther(victim.folder, kept);
    await vi.waitFor(() => expect(existsSync(kept)).toBe(true), { timeout: 10_000 });
    await expectRefusal(victim);
    expect(readFileSync(kept, "utf8")).toBe("listens\n");
  },
  60_000,
);

/** Site and command say so in one sentence, and the site answers as it would without the package. */
async function expectRefusal(victim: DjangoVictim): Promise<void> {
  const site = await serveDjango(victim);
  for (let time = 0; time < 3; time++)
    expect(await visitDjango(site)).toMatchObject({ header: null, body: "begun" });
  expect(site.output()).toContain(`${victim.folder} can be used by others on this machine`);
  expect(site.output()).toContain("[session-bridge] traces nothing: ");
  const { code, output } = await victim.project.python(["manage.py", "session_bridge"]);
  expect(code).not.toBe(0);
  expect(output).toContain(`${victim.folder} can be used by others on this machine`);
  expect(output).not.toContain("Traceback");
  expect((await visitDjango(site)).header).toBeNull();
}
