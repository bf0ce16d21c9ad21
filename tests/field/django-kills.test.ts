/**
 * Sites under traffic while their bridge, or the command that started it, is killed and started again: every response stays what it
 * was, the site's log has no error, traces go on, and no file is left at the end.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type Command, startCommand } from "../django-package/command.ts";
import { type Site, type SiteServer, startSite } from "../django-package/site.ts";
import { type DjangoSeries, hasDjango } from "../interop/django-packages.ts";
import { readCookie, readTraceId, readTraces } from "../sources/panel-client.ts";
import { countingPages } from "./django-views.ts";

const ROUNDS = 4;
const VISITORS = 6;

const SITES: readonly [DjangoSeries, SiteServer][] = [
  ["3.2", "gunicorn"],
  ["5.2", "gunicorn"],
  ["5.2", "uvicorn"],
];

for (const [series, server] of SITES) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`by ${server}, Django ${series}`, () => {
    it.each(["the bridge", "the command"] as const)(
      "%s is killed",
      async (victim) => {
        const site = await startSite({ series, server, files: countingPages(series, server) });
        try {
          await playKills(site, victim);
        } finally {
          await site.stop();
        }
      },
      120_000,
    );
  });
}

async function playKills(site: Site, victim: "the bridge" | "the command"): Promise<void> {
  const traffic = startTraffic(site);
  const folder = join(site.runtimeFolder, "session-bridge");
  for (let round = 0; round < ROUNDS; round++) {
    const command = await startCommand(site);
    await traffic.isTraced();
    await expectTrace(site, command);
    kill(victim, command, folder);
    expect(await command.ended).toBe(victim === "the bridge" ? 1 : "SIGKILL");
    const said = /was ended by SIGKILL\. Start this command again\./;
    if (victim === "the bridge") expect(command.output()).toMatch(said);
    // the bridge of a killed command ends by itself, and cleans up
    else await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 10_000 });
    await traffic.isUntraced();
  }
  const last = await startCommand(site);
  await traffic.isTraced();
  await last.stop();
  await traffic.end();
  expect(await last.ended).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  expect(site.output()).not.toMatch(/Traceback|Error|could not be traced|Internal Server/);
}

function kill(victim: "the bridge" | "the command", command: Command, folder: string): void {
  const name = readdirSync(folder).find((one) => one.endsWith(".json")) ?? "";
  const { pid } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  process.kill(victim === "the bridge" ? pid : command.pid, "SIGKILL");
}

/** A visitor who comes now is traced from the first request. */
async function expectTrace({ url }: Site, { port }: Command): Promise<void> {
  const response = await fetch(`${url}/count/?who=late`);
  await response.arrayBuffer();
  const [id, cookie] = [readTraceId(response), readCookie(response, "sessionid")];
  const found = await readTraces(`http://127.0.0.1:${port}`, [cookie], (all) =>
    all.some((one) => one.id === id),
  );
  expect(found.find((one) => one.id === id)?.after?.dataJson).toBe('{"count":1,"who":"late"}');
}

interface Traffic {
  /** Resolves when the responses of every visitor name a trace again. */
  isTraced(): Promise<void>;
  /** Resolves when none do. */
  isUntraced(): Promise<void>;
  end(): Promise<void>;
}

/** Visitors who count, one request after another; each response is checked. */
function startTraffic({ url }: Site): Traffic {
  let isOver = false;
  /** For each visitor, whether the last ten responses named a trace. */
  const named = Array.from({ length: VISITORS }, (): boolean[] => []);
  const come = async (visitor: number) => {
    let cookie = "";
    for (let count = 0; !isOver; count++) {
      const response = await fetch(`${url}/count/`, {
        headers: cookie === "" ? {} : { Cookie: `sessionid=${cookie}` },
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual(count === 0 ? {} : { count });
      cookie = readCookie(response, "sessionid") || cookie;
      named[visitor] = [readTraceId(response) !== "", ...(named[visitor] ?? [])].slice(0, 10);
    }
  };
  const all = Promise.all(named.map((_, visitor) => come(visitor)));
  all.catch(() => {}); // `end` rejects with it
  const wait = (wanted: boolean) =>
    Promise.race([
      vi.waitFor(
        () => {
          expect(named.flat()).toEqual(named.flatMap(() => new Array(10).fill(wanted)));
        },
        { timeout: 20_000 },
      ),
      all.then(() => {}),
    ]);
  return {
    isTraced: () => wait(true),
    isUntraced: () => wait(false),
    async end() {
      isOver = true;
      await all;
    },
  };
}
