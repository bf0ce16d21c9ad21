/** Every finding of the bridge on real servers: it is reported in its case, and not in the nearest situation in which it would be false. */
import type { Trace } from "session-bridge/protocol";
import { CookieJar } from "tough-cookie";
import { afterAll, describe, expect, it } from "vitest";
import { type Site, startSite } from "../../scripts/machine/site.ts";
import { readTraceId, readTraces } from "../sources/panel-client.ts";
import { FINDING_PAIRS, type FindingPlay } from "./findings/pairs.ts";
import { type SiteName, siteOf } from "./sites.ts";

const sites = new Map<SiteName, Promise<Site>>();
afterAll(async () => {
  for (const site of sites.values()) await (await site).close();
});

async function urlOf(name: SiteName): Promise<string> {
  const site = sites.get(name) ?? startSite(siteOf(name).entry, { env: siteOf(name).env });
  sites.set(name, site);
  return (await site).url;
}

/** A visitor whose browser keeps cookies by their paths. */
function createVisitor(url: string) {
  const jar = new CookieJar();
  const shown: string[] = [];
  return {
    /** All values that it ever held, newest last. */
    shown,
    /** Returns the id of the trace that the response names. */
    async ask(step: string): Promise<string> {
      const [method = "GET", path = "/"] = step.split(" ");
      const cookie = await jar.getCookieString(url + path);
      const response = await fetch(url + path, { method, redirect: "manual", headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const kept = await jar.setCookie(line, url + path);
        if (kept !== undefined && kept.value !== "" && kept.value !== '""') shown.push(kept.value);
      }
      await response.arrayBuffer();
      return readTraceId(response);
    },
  };
}

/** The trace of the play's request, once it is final. */
async function play({ site, steps, row }: FindingPlay): Promise<Trace> {
  const url = await urlOf(site);
  const visitor = createVisitor(url);
  const named = new Map<string, string>();
  for (const step of steps) {
    const parts = [step].flat();
    const ids = await Promise.all(parts.map((part) => visitor.ask(part)));
    for (const [at, part] of parts.entries()) named.set(part.split(" ")[1] ?? "", ids[at] ?? "");
  }
  const id = named.get(row);
  // A change after the response is reported in a second version of the trace, which another request's trace follows.
  const end = await visitor.ask("GET /read");
  const traces = await readTraces(
    url,
    visitor.shown,
    (all) => all.some((each) => each.id === end) && all.some((each) => each.id === id),
    [id ?? "", end],
  );
  const found = traces.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no trace of ${row}`);
  return found;
}

const codes = Object.keys(FINDING_PAIRS) as (keyof typeof FINDING_PAIRS)[]; // a Record of them

describe.each(codes)("%s", (code) => {
  const pair = FINDING_PAIRS[code];
  const codesOf = async (played: FindingPlay) => (await play(played)).findings.map((each) => each.code);

  it("is found in its case", async () => {
    expect(await codesOf(pair.case)).toContain(code);
  });

  it("is not found in the counter-case", async () => {
    expect(await codesOf(pair.counter)).not.toContain(code);
    expect(pair.because.length).toBeGreaterThan(15);
  });
});
