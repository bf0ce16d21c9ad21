/**
 * The store fails at the save, with every neighbour in every place: the response is the framework's own error, complete and
 * decodable, and the server continues.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionCookies } from "./client.ts";
import { declare } from "./declarations.ts";
import { VISITS_PATH } from "./hosts/host.ts";
import { KIND } from "./kinds.ts";
import { NEIGHBOURS } from "./neighbours/neighbours.ts";
import { SMALL } from "./pages.ts";
import { type Cell, type KindName, toProduct } from "./product.ts";
import { openSite, type Site } from "./site.ts";
import { failingEngine } from "./stores.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
const FAILING_KINDS: readonly KindName[] = isField
  ? ["a small JSON", "a large JSON", "events", "a piped stream", "HEAD", "a range"]
  : ["a large JSON", "events", "a piped stream"];

/** Koa answers an error with a body, which Node's HTTP/2 never ends for a HEAD: it is so without sessions, too. */
const isEndless = ({ host, protocol, kind }: Cell) =>
  host === "Koa" && protocol === "HTTP/2" && kind === "HEAD";

/** A hijacked reply does not get Fastify's error page. */
const isBare = ({ host, kind }: Cell) => kind === "HEAD" || (host === "Fastify" && kind === "events");

const cells = toProduct(NEIGHBOURS.map(({ name }) => name)).filter(
  (cell) =>
    declare(cell) === null &&
    !isEndless(cell) &&
    cell.store === "slow" &&
    (isField || cell.client === "gzip") &&
    FAILING_KINDS.includes(cell.kind),
);
const places = Map.groupBy(cells, ({ neighbour, position, host, protocol }) => {
  return `a store that fails, with ${neighbour} ${position} the session on ${host}, ${protocol}`;
});

for (const [place, [first, ...others]] of places) {
  describe(place, () => {
    if (first === undefined) throw new Error("A place without a cell.");
    let site: Site;
    const { engine, state } = failingEngine();
    beforeAll(async () => {
      site = await openSite(first, engine);
    });
    afterAll(() => site?.close());

    for (const cell of [first, ...others]) {
      const { kind, client } = cell;
      it(`makes ${kind} for a ${client} client a complete 500`, async () => {
        state.fails = true;
        const { path, method = "GET", headers = {} } = KIND[kind];
        const accepts = client === "gzip" ? { "accept-encoding": "gzip" } : {};
        const seen = await site.asker.ask(path, { method, headers: { ...accepts, ...headers } });
        expect([seen.status, seen.fault, sessionCookies(seen)]).toEqual([500, null, []]);
        expect(seen.body).not.toMatch(/data: part|rows|[0-9a-f]{64}/);
        if (!isBare(cell)) expect(seen.body).toMatch(/error|disk/i);
      });
    }

    it("serves the next visitor when the store works again", async () => {
      state.fails = false;
      const seen = await site.asker.ask("/small");
      const [line = ""] = sessionCookies(seen);
      expect([seen.status, line.startsWith("sessionid=")]).toEqual([200, true]);
      if (first.neighbour !== "http-proxy-middleware") expect(JSON.parse(seen.body)).toEqual(SMALL);
      const headers = { cookie: line.split(";", 1)[0] ?? "" };
      expect((await site.asker.ask(VISITS_PATH, { headers })).body).toBe("1");
    });
  });
}
