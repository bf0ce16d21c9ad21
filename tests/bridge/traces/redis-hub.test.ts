/** What the logs of a process share: with connections that answer as the test says. */
import { describe, expect, it, onTestFinished } from "vitest";
import { Hub, type HubCommands, type Member } from "../../../server-bridge/src/bridge/traces/redis-hub.ts";
import type { Link } from "../../../server-bridge/src/bridge/traces/redis-node.ts";

const MEGABYTE = 1024 ** 2;
const commands: HubCommands = {
  keys: ["stream", "counter"],
  append: (text) => ["APPEND", text],
  wait: (last) => ["WAIT", last],
  read: [["READ"]],
};

/** A hub with one log. */
function open(news: unknown[]) {
  const [asked, lines]: [string[], string[]] = [[], []];
  const writer = {
    async ask([name = ""]: string[]) {
      asked.push(name);
      if (name === "READ") throw new Error("the connection was closed");
      return asked.length;
    },
    end() {},
  } as unknown as Link; // all that a hub uses
  const reader = { ask: async () => news.shift() ?? new Promise(() => {}), end() {} } as unknown as Link;
  const hub = new Hub([writer, reader], commands, () => {});
  const member: Member = { listeners: new Set(), say: (line) => lines.push(line) };
  const reference = new WeakRef(member);
  hub.join(reference);
  onTestFinished(() => hub.leave(reference));
  return { hub, member, asked, lines };
}

describe("a hub", () => {
  it("sends any number of large traces, if the earlier ones have arrived", async () => {
    const { hub, asked, lines, member } = open([]);
    for (let n = 0; n < 20; n++) {
      hub.append("x".repeat(MEGABYTE));
      await new Promise(setImmediate);
    }
    expect(asked).toEqual(Array(20).fill("APPEND"));
    expect([lines, member.listeners.size]).toEqual([[], 0]);
  });

  it("knows the newest number from the news of other processes, too, while nothing can be read", async () => {
    const { hub, member } = open([[["stream", [["7-0", ["entry", "{}"]]]]]]);
    hub.listen();
    await expect.poll(() => hub.newest).toBe(7);
    expect(await hub.read()).toBeNull();
    expect([hub.newest, member.listeners.size]).toEqual([7, 0]);
  });
});
