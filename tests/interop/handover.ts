/** What real Django and a Node service do with one visitor's session on one store, in both directions. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../server-bridge/src/core/engines/engine.ts";
import type { DjangoSeries } from "./django-packages.ts";
import { type DjangoOptions, type DjangoServer, startDjango } from "./django-server.ts";
import { type NodeService, SECRET, startNode } from "./node-service.ts";
import { createVisitor, type Operation } from "./service.ts";

/** One store, as each side is configured. */
export interface SharedStore {
  django: DjangoOptions;
  engine(): Engine;
  remove(): Promise<void>;
}

export interface HandoverOptions {
  series: DjangoSeries;
  makeStore(): Promise<SharedStore>;
  /** Whether the library creates the table, and Django uses it. Default: Django's migrations create it. */
  libraryMigrates?: boolean;
  /** Why `clearsessions` and `clearExpired` have nothing to do here. */
  clearsNothing?: string;
}

/** JSON that JavaScript's own parser would not preserve, in an order that it would not keep. */
const ODD_VALUES: Record<string, string> = {
  float: "1.0",
  exponent: "1e+22",
  small: "1e-07",
  "negative zero": "-0.0",
  big: "1180591620717411303424",
  "beyond 2^53": "9007199254740993",
  words: '"\\u00fc \\ud83d\\ude00 \\u007f \\n / \\\\"',
  "10": '{"b": 1, "a": [2.0, null, true], "1": {}}',
  "2": '"an integer for a name"',
  ["__proto__"]: '"a name like any other"',
};

const items: Operation = ["items"];
const set = (key: string, json: string): Operation => ["set", JSON.stringify(key), json];
const setExpiry = (json: string): Operation => ["set_expiry", json];

/** Tests the whole handover between one Django and the library. */
export function describeHandover(name: string, options: HandoverOptions): void {
  const { series } = options;
  describe(`Django ${series} and Node on ${name}`, () => {
    let django: DjangoServer;
    let node: NodeService;
    let store: SharedStore;

    beforeAll(async () => {
      store = await options.makeStore();
      node = await startNode({ engine: store.engine() });
      if (options.libraryMigrates) await node.sessions.migrate();
      django = await startDjango(series, { ...store.django, migrate: !options.libraryMigrates });
    });
    afterAll(async () => {
      await django?.stop();
      await node?.stop();
      await store?.remove();
    });

    const both = () => [
      { from: "Django", writer: django, reader: node },
      { from: "Node", writer: node, reader: django },
    ];
    const data = async (...[service, visitor]: Parameters<typeof look>) =>
      JSON.parse(await look(service, visitor));
    const look = async (service: DjangoServer | NodeService, visitor: ReturnType<typeof createVisitor>) => {
      const { text } = await service.act(visitor, items);
      return text.slice(1, -1);
    };

    it(`has the expected version`, () => {
      expect(django.version).toMatch(series === "3.2" ? /^3\.2\.25/ : /^5\.2\./);
    });

    for (const direction of [0, 1]) {
      const from = direction === 0 ? "Django" : "Node";
      const services = () => both()[direction] ?? { writer: django, reader: node };

      it(`reads, changes and saves what ${from} wrote, and ${from} reads it again`, async () => {
        const { writer, reader } = services();
        const visitor = createVisitor();
        await writer.act(visitor, set("user_id", "123"), set("cart", '["tea"]'));
        const { cookie } = visitor;
        expect(await data(reader, visitor)).toEqual({ user_id: 123, cart: ["tea"] });
        await reader.act(visitor, set("cart", '["tea", "milk"]'), set("seen", "true"));
        await writer.act(visitor, ["delete", '"user_id"']);
        expect(visitor.cookie).toBe(cookie);
        for (const service of [reader, writer]) {
          expect(await data(service, visitor)).toEqual({ cart: ["tea", "milk"], seen: true });
        }
      });

      it(`follows a new key from ${from}, and no longer knows the old one`, async () => {
        const { writer, reader } = services();
        const visitor = createVisitor();
        await writer.act(visitor, set("a", "1"));
        const before = { ...visitor };
        await writer.act(visitor, ["cycle_key"]);
        expect(visitor.cookie).not.toBe(before.cookie);
        expect(await data(reader, visitor)).toEqual({ a: 1 });
        expect(await data(reader, before)).toEqual({});
      });

      it(`knows nothing of a session that ${from} flushed`, async () => {
        const { writer, reader } = services();
        const visitor = createVisitor();
        await reader.act(visitor, set("a", "1"));
        const before = { ...visitor };
        await writer.act(visitor, ["flush"]);
        expect(visitor.cookie).toBeNull();
        expect(await data(reader, before)).toEqual({});
        await writer.act(before, set("b", "2"));
        expect(await data(reader, before)).toEqual({ b: 2 });
      });

      for (const [how, json, age, closes] of [
        ["a number of seconds", "300", 300, false],
        ["nothing but the policy", "null", 1_209_600, false],
        ["the end of the browser", "0", 1_209_600, true],
      ] as const) {
        it(`reads an expiry that ${from} set: ${how}`, async () => {
          const { writer, reader } = services();
          const visitor = createVisitor();
          await writer.act(visitor, set("a", "1"), setExpiry(json));
          const { text } = await reader.act(visitor, ["expiry"]);
          expect(JSON.parse(text)[0]).toMatchObject({ age, browser_close: closes });
        });
      }

      it(`does not load a session that ${from} let expire`, async () => {
        const { writer, reader } = services();
        const visitor = createVisitor();
        await writer.act(visitor, set("a", "1"));
        const before = { ...visitor };
        await writer.act(visitor, setExpiry("-1"));
        expect(await data(reader, before)).toEqual({});
      });
    }

    it("keeps numbers, names and order as Django wrote them when Node changes something else", async () => {
      const visitor = createVisitor();
      await django.act(visitor, ...Object.entries(ODD_VALUES).map(([key, json]) => set(key, json)));
      const before = await look(django, visitor);
      expect(before).toContain('"float": 1.0');
      await node.act(visitor, set("by node", "1"));
      expect(await look(django, visitor)).toBe(`${before.slice(0, -1)}, "by node": 1}`);
      await node.act(visitor, ["delete", '"by node"']);
      expect(await look(django, visitor)).toBe(before);
    });

    it("keeps an integer beyond 2^53 when Node changes its neighbour in the same list", async () => {
      const visitor = createVisitor();
      await django.act(visitor, set("cart", "[]"), set("ids", "[9007199254740993, 2.0]"));
      await node.act(visitor, set("cart", '["tea"]'));
      expect(await look(django, visitor)).toBe('{"cart": ["tea"], "ids": [9007199254740993, 2.0]}');
    });

    it("clears the other's expired sessions, and keeps valid ones", async () => {
      const living = createVisitor();
      await django.act(living, set("a", "1"));
      const { engine } = node.sessions;
      if (options.clearsNothing !== undefined) {
        expect(await node.sessions.clearExpired(), options.clearsNothing).toBe(0);
        return;
      }
      const ended = async (writer: DjangoServer | NodeService) => {
        const visitor = createVisitor();
        await writer.act(visitor, set("a", "1"), setExpiry("1"));
        const key = node.sessions.keyOf(visitor.cookie ?? "") ?? "";
        await writer.act(visitor, setExpiry("-10"));
        expect(await engine.exists(key)).toBe(true);
        return key;
      };
      const ofNode = await ended(node);
      await django.command("clearsessions");
      expect(await engine.exists(ofNode)).toBe(false);
      const ofDjango = await ended(django);
      await node.sessions.clearExpired();
      expect(await engine.exists(ofDjango)).toBe(false);
      expect(await data(node, living)).toEqual({ a: 1 });
    });

    if (series === "3.2") {
      it("has to use seconds, because a datetime that Node set makes Django 3.2 fail at its next save", async () => {
        const visitor = createVisitor();
        await node.act(visitor, set("a", "1"), setExpiry('{"datetime": "2031-05-06T07:08:09Z"}'));
        await expect(django.act(visitor, set("b", "2"))).rejects.toThrow(/answered 500/);
      });
      return;
    }

    it("reads a datetime that either set as expiry", async () => {
      const at = "2031-05-06T07:08:09.123456+00:00";
      for (const { writer, reader } of both()) {
        const visitor = createVisitor();
        await writer.act(visitor, set("a", "1"), setExpiry(`{"datetime": "${at}"}`));
        const { text } = await reader.act(visitor, ["expiry"], ["items"]);
        const [{ date }] = JSON.parse(text);
        expect(new Date(date).getTime()).toBe(new Date(at).getTime());
        await reader.act(visitor, set("b", "2"));
        expect(await data(writer, visitor)).toMatchObject({ a: 1, b: 2 });
      }
    });

    it("follows a SECRET_KEY that is replaced, by its fallbacks", async () => {
      const settings = { ...store.django.settings, SECRET_KEY: "new secret", SECRET_KEY_FALLBACKS: [SECRET] };
      const replaced = await startDjango(series, { ...store.django, settings });
      const old = await startNode({ engine: store.engine() });
      const fresh = await startNode({ engine: store.engine(), secretKey: ["new secret", SECRET] });
      const visitor = createVisitor();
      await old.act(visitor, set("by", '"old"'));
      for (const service of [replaced, fresh]) expect(await data(service, visitor)).toEqual({ by: "old" });
      await fresh.act(visitor, set("by", '"fresh"'));
      expect(await data(replaced, visitor)).toEqual({ by: "fresh" });
      await replaced.act(visitor, set("by", '"Django"'));
      expect(await data(fresh, visitor)).toEqual({ by: "Django" });
      await Promise.all([replaced.stop(), old.stop(), fresh.stop()]);
    });
  });
}
