/** A deadline in a session that real Django reads, changes and saves on one SQLite file. */
import { join } from "node:path";
import { database } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDirectory } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { type DjangoServer, startDjango } from "./django-server.ts";
import { type NodeService, startNode } from "./node-service.ts";
import { createVisitor, type Operation, type Service, type Visitor } from "./service.ts";

const HOUR = 3600;
const set = (key: string, json: string): Operation => ["set", JSON.stringify(key), json];

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`a deadline, with Django ${series} on the same table`, () => {
    let django: DjangoServer;
    let node: NodeService;
    let directory: Awaited<ReturnType<typeof makeDirectory>>;
    const time = { ahead: 0 };
    const now = () => Date.now() + time.ahead;

    beforeAll(async () => {
      directory = await makeDirectory();
      const path = join(directory.address, "db.sqlite3");
      const settings = { absoluteAge: 8 * HOUR, idleAge: HOUR, clock: now };
      node = await startNode({ engine: database(`sqlite:${path}`), ...settings });
      const file = { ENGINE: "django.db.backends.sqlite3", NAME: path };
      django = await startDjango(series, { database: file, migrate: true });
    });
    afterAll(async () => {
      await django?.stop();
      await node?.stop();
      await directory?.remove();
    });

    const look = async (service: Service, visitor: Visitor): Promise<Record<string, unknown>> => {
      const { text } = await service.act(visitor, ["items"]);
      return JSON.parse(text.slice(1, -1));
    };
    const rowEnd = async (visitor: Visitor) => {
      const { engine, keyOf } = node.sessions;
      const stored = await engine.load(keyOf((visitor.cookie ?? "").replace(/^.*=/, "")) ?? "", true);
      return typeof stored === "object" ? (stored?.expiresAtMs ?? 0) : 0;
    };

    it("is kept by Django through saves and a new key, and ends the session although Django prolonged it", async () => {
      time.ahead = 0;
      const visitor = createVisitor();
      await node.act(visitor, set("user_id", "1"));
      const { _session_deadline: deadline } = await look(node, visitor);
      expect(Math.abs(Number(deadline) - (now() / 1000 + 8 * HOUR))).toBeLessThan(60);
      await django.act(visitor, set("by_django", "true"), ["cycle_key"]);
      expect(await rowEnd(visitor)).toBeGreaterThan(now() + 13 * 24 * HOUR * 1000);
      time.ahead = 7 * HOUR * 1000;
      const expected = { user_id: 1, by_django: true, _session_deadline: deadline };
      expect(await look(django, visitor)).toEqual(expected);
      expect(await look(node, visitor)).toEqual(expected); // and its row ends after idleAge again, or with the deadline
      expect(await rowEnd(visitor)).toBeLessThanOrEqual(Number(deadline) * 1000);
      await django.act(visitor, set("n", "2"));
      time.ahead = Number(deadline) * 1000 - Date.now();
      expect(await look(node, visitor)).toEqual({});
      expect(await look(django, visitor)).toMatchObject({ n: 2 }); // Django goes by its own expiry
    });

    it("is given to a session of Django's with the library's first save", async () => {
      time.ahead = 0;
      const visitor = createVisitor();
      await django.act(visitor, set("cart", '["tea"]'));
      expect(await look(node, visitor)).toMatchObject({ cart: ["tea"] });
      const { _session_deadline: deadline, cart } = await look(django, visitor);
      expect(cart).toEqual(["tea"]);
      expect(Math.abs(Number(deadline) - (now() / 1000 + 8 * HOUR))).toBeLessThan(60);
    });
  });
}
