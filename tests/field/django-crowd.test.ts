/**
 * Fifty visitors at the same time, each with a separate session, on sites of several processes and on asynchronous ones: each
 * request's trace reaches those who have its session, once, and shows nothing of another visitor's.
 */
import type { StreamEvent, Trace } from "session-bridge/protocol";
import { expect, it, vi } from "vitest";
import { startCommand } from "../django-package/command.ts";
import { type Site, type SiteServer, startSite } from "../django-package/site.ts";
import { type DjangoSeries, hasDjango } from "../interop/django-packages.ts";
import { readCookie, readEvents, readTraceId } from "../sources/panel-client.ts";
import { countingPages } from "./django-views.ts";

const VISITORS = 50;
const REQUESTS = 20;
/** Panels may be open for sixteen visitors: some have their own, and three follow all others. */
const OWN_PANELS = 12;
const SHARED_PANELS = 3;

const SITES: readonly [DjangoSeries, SiteServer][] = [
  ["3.2", "gunicorn"],
  ["3.2", "uvicorn"],
  ["5.2", "gunicorn"],
  ["5.2", "uvicorn"],
  ["5.2", "daphne"],
];

interface Visitor {
  who: string;
  cookie: string;
  /** The ids of the traces that their responses named, in order. */
  ids: string[];
}

/** An open panel: whose cookies it has, and what it received. */
interface Panel {
  of: Visitor[];
  events: StreamEvent[];
}

for (const [series, server] of SITES) {
  const there = await hasDjango(series);
  it.skipIf(!there)(`by ${server}, Django ${series}`, { timeout: 180_000 }, async () => {
    const site = await startSite({ series, server, files: countingPages(series, server) });
    const command = await startCommand(site);
    try {
      await playCrowd(site, `http://127.0.0.1:${command.port}`);
      expect(site.output()).not.toMatch(/Traceback|could not be traced/);
    } finally {
      await command.stop();
      await site.stop();
    }
  });
}

async function playCrowd(site: Site, bridge: string): Promise<void> {
  // each process looks for the bridge at most once a second
  await vi.waitFor(
    async () => {
      const all = await Promise.all(Array.from({ length: 30 }, () => visit(site, newVisitor("early"))));
      expect(all.every((id) => id !== "")).toBe(true);
    },
    { timeout: 30_000 },
  );
  const visitors = Array.from({ length: VISITORS }, (_, at) => newVisitor(`visitor-${at}`));
  for (const one of visitors) one.ids.push(await visit(site, one));
  const panels = [
    ...visitors.slice(0, OWN_PANELS).map((one) => [one]),
    ...Array.from({ length: SHARED_PANELS }, (_, at) =>
      visitors.slice(OWN_PANELS).filter((_visitor, place) => place % SHARED_PANELS === at),
    ),
  ].map((of) => openPanel(bridge, of));
  for (const panel of panels) await vi.waitFor(() => expect(panel.events[0]?.type).toBe("open"));
  await Promise.all(
    visitors.map(async (one) => {
      for (let request = 1; request < REQUESTS; request++) one.ids.push(await visit(site, one));
    }),
  );
  for (const panel of panels) await expectOwn(panel);
}

const newVisitor = (who: string): Visitor => ({ who, cookie: "", ids: [] });

/** One request; returns the id of its trace. */
async function visit({ url }: Site, visitor: Visitor): Promise<string> {
  const headers = visitor.cookie === "" ? {} : { Cookie: `sessionid=${visitor.cookie}` };
  const response = await fetch(`${url}/count/?who=${visitor.who}`, { headers });
  const seen = await response.json();
  if (visitor.ids.length > 0) expect(seen).toEqual({ who: visitor.who, count: visitor.ids.length });
  visitor.cookie = readCookie(response, "sessionid") || visitor.cookie;
  return readTraceId(response);
}

/** It is open until the bridge ends. */
function openPanel(bridge: string, of: Visitor[]): Panel {
  const events: StreamEvent[] = [];
  const cookies = of.map(({ cookie }) => cookie);
  const follow = async () => {
    for await (const event of readEvents(bridge, cookies)) events.push(event);
  };
  follow().catch(() => {}); // the bridge has ended
  return { of, events };
}

/** All traces of the panel's visitors have come, each once, with what the visitor's own requests did; and no others. */
async function expectOwn({ of, events }: Panel): Promise<void> {
  const traces = () => events.flatMap((event): Trace[] => (event.type === "trace" ? [event.trace] : []));
  const wanted = of.flatMap(({ ids }) => ids);
  expect(new Set(wanted).size).toBe(of.length * REQUESTS);
  expect(wanted).not.toContain("");
  await vi.waitFor(() => expect(traces().length).toBeGreaterThanOrEqual(wanted.length), { timeout: 20_000 });
  expect(
    traces()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(wanted.toSorted());
  expect(events.filter(({ type }) => type !== "trace" && type !== "open" && type !== "beat")).toEqual([]);
  const byId = new Map(traces().map((trace) => [trace.id, trace]));
  for (const { who, ids } of of)
    for (const [at, id] of ids.entries()) {
      const trace = byId.get(id);
      const dataOf = (side: Trace["before"] | undefined) => side && JSON.parse(side.dataJson);
      expect(dataOf(trace?.after)).toEqual({ who, count: at + 1 });
      expect(dataOf(trace?.before)).toEqual(at === 0 ? null : { who, count: at });
      expect(trace?.findings).toEqual([]);
    }
}
