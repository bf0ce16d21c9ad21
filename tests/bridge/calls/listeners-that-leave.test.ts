/** Panels that leave at any time free their place: sixteen may listen, and none that is gone is counted. */
import { createServer } from "node:http";
import { openBridge } from "session-bridge/bridge";
import { BRIDGE_PATH, TOKEN_HEADER } from "session-bridge/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXTENSION_ORIGIN, portOf, type Site, startSite } from "../site.ts";

const token = "a token of many different letters, 0123456789".replaceAll(" ", "-");
/** The call of a panel that sends one cookie: the seventeenth at the same time is one too many. */
const asked = { protocol: 1, cookies: [""], ids: [], since: 5, process: "another" };
const headers = {
  origin: EXTENSION_ORIGIN,
  "content-type": "application/json",
  [TOKEN_HEADER]: token,
};

let site: Site;
beforeEach(async () => {
  site = await startSite({ bridge: null });
  const session = site.sessions.open();
  session.set("a", 1);
  await session.save();
  asked.cookies = [session.sessionKey ?? ""];
});
afterEach(() => site.close());

/** The response to a panel that listens now. */
async function statusOf(bridge: ReturnType<typeof openBridge>, leave: boolean): Promise<number> {
  const body = JSON.stringify(asked);
  const request = new Request(`http://localhost${BRIDGE_PATH}traces`, { method: "POST", headers, body });
  const context = { peerAddress: "127.0.0.1" };
  const response = await bridge.fetch(request, context, () => new Response(null, { status: 404 }));
  if (leave) await response.body?.cancel();
  return response.status;
}

describe("a panel that leaves", () => {
  it("while something waits for it is no longer counted", async () => {
    const bridge = openBridge(site.sessions, { enabled: true, env: {}, token, log: () => {} });
    const statuses: number[] = [];
    for (let count = 0; count < 20; count += 1) statuses.push(await statusOf(bridge, true));
    expect(new Set(statuses)).toEqual(new Set([200]));
    bridge.close();
  });

  it("before the bridge has begun to answer is not counted", async () => {
    const bridge = openBridge(site.sessions, { enabled: true, env: {}, token, log: () => {} });
    const server = createServer((request, response) => {
      Object.assign(request, { body: asked }); // a parser of bodies was here
      request.resume().once("end", () => {
        bridge(request, response, () => {});
        response.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${portOf(server)}${BRIDGE_PATH}traces`;
    for (let count = 0; count < 20; count += 1) {
      const sent = fetch(address, { method: "POST", headers, body: JSON.stringify(asked) });
      await expect(sent).rejects.toThrow();
    }
    server.close();
    expect(await statusOf(bridge, false)).toBe(200);
    bridge.close();
  });
});

describe("a response that cannot be copied", () => {
  it("is passed to the caller unchanged", async () => {
    const bridge = openBridge(site.sessions, { enabled: true, env: {}, log: () => {} });
    const failed = Response.error();
    expect(await bridge.fetch(new Request("http://localhost/"), {}, () => failed)).toBe(failed);
    bridge.close();
  });
});
