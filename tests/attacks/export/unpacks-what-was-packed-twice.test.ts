/**
 * Attacker: someone who was sent a trace and an export of the victim's. Holds: those two texts, and the patience to unpack a text as often as
 * it was packed. Wants: a secret inside a link in a link, inside JSON in JSON in JSON, or in HTML.
 */
import { expect, it } from "vitest";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { startSite, Visitor } from "../../bridge/site.ts";
import { CANARY, later, listenIn } from "../kit/scene.ts";

const SECRET = "open-sesame1";
const LINK = `/reset?token=${SECRET}&page=2`;
const JSON_TEXT = JSON.stringify({ user: "alice", password: SECRET });
const ADDRESS = `postgres://shop:${SECRET}@db`;
const QUOTED = JSON.stringify({ user: "alice", password: `hun"${SECRET}` });

const toHtml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** A text packed so many times. */
function pack(text: string, times: number, once: (text: string) => string): string {
  return times === 0 ? text : pack(once(text), times - 1, once);
}

const PACKED: Record<string, (times: number) => string> = {
  "a link in links": (times) => pack(LINK, times, (link) => `/login?next=${encodeURIComponent(link)}`),
  "percent signs alone": (times) => pack(`password=${SECRET}`, times, encodeURIComponent),
  "JSON in JSON": (times) => pack(JSON_TEXT, times, (text) => JSON.stringify({ body: text })),
  "JSON as a text": (times) => pack(JSON_TEXT, times, (text) => JSON.stringify(text)),
  "base64 of base64": (times) => pack(JSON_TEXT, times, (text) => Buffer.from(text).toString("base64")),
  "JSON in a link": (times) => `/a?data=${pack(JSON_TEXT, times, encodeURIComponent)}`,
  "JSON in a path": (times) => `/a/${pack(JSON_TEXT, times, encodeURIComponent)}/b`,
  "JSON in HTML": (times) => `<a data-a="${pack(JSON_TEXT, times, toHtml)}">`,
  "JSON in escapes": (times) => pack(JSON_TEXT.replaceAll('"', "\\u0022"), times - 1, JSON.stringify),
  "an address in percent signs": (times) => pack(ADDRESS, times, encodeURIComponent),
  "a secret with a quote in JSON": (times) => pack(QUOTED, times, (text) => JSON.stringify(text)),
};

it("a secret is hidden even if it was encoded one to four times", async () => {
  const site = await startSite({
    app({ session, url = "" }, response) {
      const [how = "", times = ""] = url.slice(1).split("/");
      session.update({ open: CANARY, packed: PACKED[decodeURIComponent(how)]?.(Number(times)) });
      response.end();
    },
  });
  later(() => site.close());
  for (const how of Object.keys(PACKED))
    for (const times of [1, 2, 3, 4]) {
      const visitor = new Visitor(site);
      const path = `/${encodeURIComponent(how)}/${times}`;
      await visitor.visit(path);
      const listener = await listenIn(site, { cookies: visitor.held });
      const { trace } = await listener.next("trace");
      const traces = [{ ...trace, server: site.origin }];
      const exported = exportHistory({ requests: [], traces, cookies: [] }, new Date(0)).text;
      for (const received of [JSON.stringify(trace), exported]) {
        expect(received, path).not.toContain(SECRET);
        expect(received).toContain(CANARY);
        expect(received).toMatch(/packed/);
      }
      expect(JSON.parse(trace.after?.dataJson ?? "{}").packed, path).toMatch(/^‹redacted/);
      listener.close();
    }
});
