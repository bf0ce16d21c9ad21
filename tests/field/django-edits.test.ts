/**
 * Two hundred edits by the tab while the site writes to the same session, in PostgreSQL: no write of Django's is lost, and each edit
 * is either refused as a conflict, or holds, unless a request that had loaded the session before stored it afterwards, as Django
 * does. How many of those are named as a lost update is printed.
 */
import type { Trace } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { makePostgresDatabase, servers } from "../core/engines/servers.ts";
import { startCommand } from "../django-package/command.ts";
import { type Site, startSite } from "../django-package/site.ts";
import { hasDjango } from "../interop/django-packages.ts";
import { call, readCookie, readEvents } from "../sources/panel-client.ts";
import { countingPages } from "./django-views.ts";

const EDITS = 200;

for (const series of ["3.2", "5.2"] as const) {
  const there = servers.postgres && (await hasDjango(series));
  it.skipIf(!there)(`Django ${series}, two workers`, { timeout: 120_000 }, async () => {
    const { address, remove } = await makePostgresDatabase();
    const { hostname, port, username, pathname } = new URL(address);
    const database = { NAME: pathname.slice(1), HOST: hostname, PORT: port, USER: username };
    const settings = `DATABASES["default"] = {"ENGINE": "django.db.backends.postgresql", **${JSON.stringify(database)}}`;
    const files = countingPages(series, "gunicorn");
    const site = await startSite({ series, server: "gunicorn", settings, files });
    const command = await startCommand(site);
    try {
      await playEdits(site, `http://127.0.0.1:${command.port}`);
    } finally {
      await command.stop();
      await site.stop();
      await remove();
    }
  });
}

async function playEdits({ url }: Site, bridge: string): Promise<void> {
  const first = await fetch(`${url}/count/`);
  await first.arrayBuffer();
  const cookie = readCookie(first, "sessionid");
  const visit = async () =>
    (await fetch(`${url}/count/`, { headers: { Cookie: `sessionid=${cookie}` } })).json();
  const traces = followTraces(bridge, cookie);
  await traces.isOpen;

  let writes = 1;
  const write = async () => {
    const seen = await visit();
    expect(seen, "no write of Django's is lost").toMatchObject({ count: writes++ });
    return seen;
  };
  const outcomes = { conflict: 0, seen: 0, named: 0, unnamed: 0 };
  for (let mark = 1; mark <= EDITS; mark++) {
    const { answer } = await call(bridge, "session", { protocol: 1, cookie });
    if (!answer.found) throw new Error(answer.reason);
    const operations = [{ op: "set" as const, path: ["mark"], valueJson: String(mark) }];
    const asked = { protocol: 1, cookie, operations, ifVersion: answer.session.version };
    // before the edit, at the same time, or not at all
    if (mark % 4 === 0) await write();
    const writing = mark % 4 === 0 || mark % 4 === 1 ? null : write();
    const edited = await call(bridge, "edit", asked);
    await writing;
    const { mark: now } = await write();
    if (edited.status === 409) {
      expect(now).not.toBe(mark);
      expect(mark % 4, "no one wrote meanwhile").not.toBe(1);
      outcomes.conflict++;
      continue;
    }
    expect(edited.status, JSON.stringify(edited.answer)).toBe(200);
    expect(mark % 4, "a request had written before").not.toBe(0);
    if (now === mark) {
      outcomes.seen++;
      continue;
    }
    expect(writing, "only a request at the same time can store over an edit").not.toBeNull();
    outcomes[isNamed(edited.answer.traceId, await traces.upTo(writes - 1)) ? "named" : "unnamed"]++;
  }
  console.log(`${writes} writes, ${EDITS} edits: ${JSON.stringify(outcomes)}`);
  expect(outcomes.seen).toBeGreaterThanOrEqual(EDITS / 4);
  expect(outcomes.conflict).toBeGreaterThanOrEqual(EDITS / 4);
}

/** Whether the request that stored over an edit says so. */
function isNamed(id: string, traces: readonly Trace[]): boolean {
  return traces.some(({ findings }) =>
    findings.some(
      ({ code, keys, traces: others }) =>
        code === "lost-update" && keys?.includes("mark") && others?.includes(id),
    ),
  );
}

/** The traces of one session, until the bridge ends. */
function followTraces(bridge: string, cookie: string) {
  const traces = new Map<string, Trace>();
  const opened = Promise.withResolvers<void>();
  const changed = new Set<() => void>();
  const follow = async () => {
    for await (const event of readEvents(bridge, [cookie])) {
      if (event.type === "open") opened.resolve();
      if (event.type === "trace") traces.set(event.trace.id, event.trace);
      for (const tell of changed) tell();
    }
  };
  follow().catch(() => {}); // the bridge has ended
  return {
    isOpen: opened.promise,
    /** All traces, when the one whose request loaded this count has come. */
    upTo(count: number): Promise<Trace[]> {
      return new Promise((resolve) => {
        const look = () => {
          const all = [...traces.values()];
          if (all.some(({ before }) => JSON.parse(before?.dataJson ?? "{}").count === count)) resolve(all);
        };
        changed.add(look);
        look();
      });
    },
  };
}
