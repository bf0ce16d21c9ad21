/** Every call that writes, on engines that store sessions in other ways. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache, database, file, signedCookies } from "session-bridge";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Panel, START } from "../panel.ts";

const directory = mkdtempSync(join(tmpdir(), "bridge-engines-"));
afterAll(() => rmSync(directory, { recursive: true }));

let panel: Panel;
afterEach(() => panel.close());

for (const [name, engine] of [
  ["db", () => database("sqlite::memory:")],
  ["cache", () => cache("memory:")],
  ["file", () => file(directory)],
  ["signed_cookies", () => signedCookies()],
] as const) {
  describe(`with the engine ${name}`, () => {
    it("edit, expiry, cycle, flush and restore do what they say", async () => {
      panel = await Panel.open(engine());
      panel.now += 2_000;
      const edited = await panel.set(["a"], "1");
      panel.visitor.cookie = edited.json.cookie;
      expect(await panel.data()).toBe('{"user_id":123,"username":"john_doe","a":1}');
      const shorter = await panel.write("expiry", { change: { kind: "seconds", seconds: 60 } });
      expect(shorter.json.session.ageSeconds).toBe(60);
      panel.visitor.cookie = shorter.json.cookie;
      panel.now += 2_000;
      const cycled = await panel.write("cycle", {});
      expect(cycled.json.cookie).not.toBe(panel.visitor.cookie);
      panel.visitor.cookie = cycled.json.cookie;
      expect(await panel.data()).toContain('"a":1');
      const flushed = await panel.write("flush", {});
      expect(flushed.json.session).toBeNull();
      panel.visitor.cookie = (await panel.restore(flushed)).json.cookie;
      expect(await panel.data()).toContain('"a":1');
    });

    it("an edit and its undo keep the session's expiry", async () => {
      panel = await Panel.open(engine());
      panel.now += 600_000;
      const edited = await panel.set(["a"], "1");
      const back = await panel.restore(edited);
      expect(edited.json.session.expiresAt).toBe(START + 3_600_000);
      expect(back.json.session.expiresAt).toBe(START + 3_600_000);
    });

    it("a shift makes this session expire earlier by that much, and changes no data", async () => {
      panel = await Panel.open(engine());
      const { json } = await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 3_590 } });
      panel.visitor.cookie = json.cookie;
      expect(await panel.data()).toBe('{"user_id":123,"username":"john_doe"}');
      expect(json.session.expiresAt).toBe(START + 10_000);
      panel.now += 11_000;
      expect(await panel.look()).toMatchObject({ found: false });
    });
  });
}
