/** Django and Node on one directory of session files, and on signed cookies. */
import { describe, expect, it } from "vitest";
import { file } from "../../server-bridge/src/core/engines/file.ts";
import { signedCookies } from "../../server-bridge/src/core/engines/signed-cookies.ts";
import { makeDirectory } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { type DjangoDatabase, startDjango } from "./django-server.ts";
import { describeHandover } from "./handover.ts";
import { startNode } from "./node-service.ts";
import { createVisitor } from "./service.ts";

const NO_DATABASE: DjangoDatabase = { ENGINE: "django.db.backends.sqlite3", NAME: ":memory:" };

async function makeStore() {
  const { address, remove } = await makeDirectory();
  const settings = { SESSION_ENGINE: "django.contrib.sessions.backends.file", SESSION_FILE_PATH: address };
  return { django: { database: NO_DATABASE, settings }, engine: () => file(address), remove };
}

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`without a database, Django ${series}`, () => {
    describeHandover("session files", { series, makeStore });

    it("passes a signed cookie back and forth, with numbers and order unchanged", async () => {
      const settings = { SESSION_ENGINE: "django.contrib.sessions.backends.signed_cookies" };
      const django = await startDjango(series, { database: NO_DATABASE, settings });
      const node = await startNode({ engine: signedCookies() });
      const visitor = createVisitor();
      await django.act(visitor, ["set", '"z"', "1.0"], ["set", '"a"', "9007199254740993"]);
      await node.act(visitor, ["set", '"by node"', '"ü"']);
      const { text } = await django.act(visitor, ["items"]);
      expect(text).toBe('[{"z": 1.0, "a": 9007199254740993, "by node": "\\u00fc"}]');
      await django.act(visitor, ["set", '"long"', `"${"x".repeat(500)}"`]); // long enough to be compressed
      expect(JSON.parse((await node.act(visitor, ["items"])).text)[0]).toHaveProperty(
        "long",
        "x".repeat(500),
      );
      await node.act(visitor, ["flush"]);
      expect(visitor.cookie).toBeNull();
      await Promise.all([django.stop(), node.stop()]);
    });
  });
}
