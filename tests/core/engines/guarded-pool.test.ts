/** How statements wait for the connections of a pool. */
import { isSessionError } from "session-bridge";
import { describe, expect, it } from "vitest";
import { GuardedPool } from "../../../server-bridge/src/core/engines/databases/guarded-pool.ts";

type GuardedPoolOptions = ConstructorParameters<typeof GuardedPool>[0];

function open(options: Partial<GuardedPoolOptions> = {}): GuardedPool {
  return new GuardedPool({
    name: "Database",
    limitMs: 150,
    log: () => {},
    ping: async () => {},
    isOutage: () => false,
    repeatable: new Set(["40P01"]),
    connections: 2,
    ...options,
  });
}

async function isUnavailable(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: unknown) => isSessionError(error, "unavailable"),
  );
}

describe("a guarded pool", () => {
  it("gets back the connection for which a writer waited that has given up", async () => {
    const pool = open();
    const held = Promise.withResolvers<void>();
    const sent: string[] = [];
    const slow = pool.write("slow", () => held.promise);
    const waiting = pool.write("waiting", async () => void sent.push("waiting"));
    expect(await Promise.all([slow, waiting].map(isUnavailable))).toEqual([true, true]);
    held.resolve();
    await pool.write("next", async () => void sent.push("next"));
    expect(sent).toEqual(["next"]);
  });

  it("sends no statement of a writer that has given up while it waited for its turn at a session", async () => {
    const pool = open({ connections: 10 });
    const held = Promise.withResolvers<void>();
    const sent: string[] = [];
    const slow = pool.write("same", () => held.promise);
    const waiting = pool.write("same", async () => void sent.push("waiting"));
    expect(await Promise.all([slow, waiting].map(isUnavailable))).toEqual([true, true]);
    held.resolve();
    await pool.write("same", async () => void sent.push("next"));
    expect(sent).toEqual(["next"]);
  });

  it("leaves a connection to readers while all writers wait", async () => {
    const pool = open({ connections: 5, limitMs: 5000 });
    const held = Promise.withResolvers<void>();
    let running = 0;
    const writers = ["a", "b", "c", "d", "e", "f"].map((key) =>
      pool.write(key, () => {
        running++;
        return held.promise;
      }),
    );
    await new Promise(setImmediate);
    expect(running).toBe(4);
    held.resolve();
    await Promise.all(writers);
    expect(running).toBe(6);
  });

  it("sends a statement again that the server has undone, three times in all", async () => {
    const pool = open();
    let sent = 0;
    const deadlock = async () => {
      sent++;
      throw Object.assign(new Error("deadlock"), { code: "40P01" });
    };
    await expect(pool.write("key", deadlock)).rejects.toThrow("deadlock");
    expect(sent).toBe(3);
  });
});
