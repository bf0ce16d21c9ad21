/** A store that does not answer: the response is a 503 after `storeTimeout`, for every adapter, over real HTTP. */
import { afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { Visitor } from "./client.ts";
import { type StoreMethod, sessionsOn, silentEngine } from "./stores.ts";

const TIMEOUT_SECONDS = 0.2;

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("a store that does not answer, on $name", (adapter) => {
  const silent = new Set<StoreMethod>();

  async function visit(settings: { saveEveryRequest?: boolean; load?: "lazy" } = {}): Promise<Visitor> {
    silent.clear();
    const login: Page = ({ session }) => {
      session["user_id"] = 123;
      return { status: 302, body: "welcome", headers: [["Set-Cookie", "theme=dark"]] };
    };
    const sessions = sessionsOn(silentEngine(silent), { storeTimeout: TIMEOUT_SECONDS, ...settings });
    const pages: Record<string, Page> = {
      "/login": login,
      "/untouched": () => ({ body: "hello" }),
      "/read": ({ session }) => ({ body: String(session.get("user_id")) }),
      "/save": async ({ session }) => {
        session["saved"] = true;
        await session.save();
        return { body: "saved" };
      },
    };
    served = await adapter.serve({ sessions, pages });
    const visitor = new Visitor(served.port);
    await visitor.ask("/login");
    return visitor;
  }

  it("serves a request that does not use its session, and answers with 503 to one that does", async () => {
    const visitor = await visit();
    silent.add("load");
    expect(await visitor.ask("/untouched")).toMatchObject({ status: 200, body: "hello" });
    const refused = await visitor.ask("/read");
    expect([refused.status, refused.get("retry-after")]).toEqual([503, "1"]);
    silent.clear();
    expect(await visitor.ask("/read")).toMatchObject({ status: 200, body: "123" });
  });

  it("answers with 503, and nothing of the handler's, when the session cannot be stored", async () => {
    const visitor = await visit();
    silent.add("update");
    const refused = await visitor.ask("/login");
    expect([refused.status, refused.get("retry-after"), refused.get("set-cookie")]).toEqual([
      503,
      "1",
      undefined,
    ]);
    expect(refused.body).not.toContain("welcome");
    const saved = await visitor.ask("/save");
    expect([saved.status, saved.get("retry-after")]).toEqual([503, "1"]);
    silent.clear();
    expect(await visitor.ask("/save")).toMatchObject({ status: 200, body: "saved" });
  });

  it("answers with 503 to every request with saveEveryRequest, and serves those that need none with load: lazy", async () => {
    const visitor = await visit({ saveEveryRequest: true });
    silent.add("load");
    expect((await visitor.ask("/untouched")).status).toBe(503);
    await served?.close();
    const lazy = await visit({ load: "lazy" });
    silent.add("load");
    expect((await lazy.ask("/untouched")).status).toBe(200);
  });
});
