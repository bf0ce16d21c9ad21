/** Django without time zones (`USE_TZ = False`): expiry times are naive local times, in rows and in `_session_expiry`. */
import { describe, expect, it } from "vitest";
import type { DjangoSeries } from "./django-packages.ts";
import { startDjango } from "./django-server.ts";
import type { SharedStore } from "./handover.ts";
import { startNode } from "./node-service.ts";
import { createVisitor } from "./service.ts";

const TIME_ZONE = "America/Chicago";

export function describeLocalTimes(
  name: string,
  { series, makeStore }: { series: DjangoSeries; makeStore(): Promise<SharedStore> },
): void {
  describe(`Django ${series} without time zones and Node with useTz: false on ${name}`, () => {
    it("agree when a session expires, including the zone's offset", async () => {
      const store = await makeStore();
      const settings = { USE_TZ: false, TIME_ZONE };
      const django = await startDjango(series, { ...store.django, settings, migrate: true });
      const node = await startNode({ engine: store.engine(), useTz: false, timeZone: TIME_ZONE });
      for (const [writer, reader] of [
        [django, node],
        [node, django],
      ] as const) {
        for (const [seconds, alive] of [
          [600, true],
          [-600, false],
        ] as const) {
          const visitor = createVisitor();
          await writer.act(visitor, ["set", '"a"', "1"]);
          const { cookie } = visitor;
          await writer.act(visitor, ["set_expiry", String(seconds)]);
          const { text } = await reader.act({ cookie }, ["items"]);
          expect(JSON.parse(text)[0]).toEqual(alive ? { a: 1, _session_expiry: 600 } : {});
          const stored = alive ? await node.sessions.engine.load(cookie ?? "") : null;
          const left = stored === null || stored === "expired" ? 0 : (stored.expiresAtMs ?? 0) - Date.now();
          expect(Math.abs(left / 1000 - (alive ? seconds : 0))).toBeLessThan(30);
        }
      }
      await Promise.all([django.stop(), node.stop()]);
      await store.remove();
    });
  });
}
