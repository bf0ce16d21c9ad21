/** Columns of whole numbers that an adapter returns as BigInt: the tab shows them as text. */
import { createServer } from "node:http";
import { openBridge } from "session-bridge/bridge";
import { authJs } from "session-bridge/sources";
import { expect, it } from "vitest";
import { call, listen } from "../panel-client.ts";

const KEY = "0b2c3d4e-1111-4222-8333-944445555666";

it("are shown", async () => {
  const found = {
    session: { sessionToken: KEY, userId: "123", expires: new Date(Date.now() + 600_000), visits: 7n },
    user: { id: "123", points: 2n ** 60n },
  };
  const adapter = { getSessionAndUser: () => found };
  const bridge = openBridge(authJs({ adapter }), { enabled: true, log: () => {} });
  const server = createServer((request, response) => bridge(request, response, () => response.end()));
  const { answer } = await call(await listen(server), "session", { protocol: 1, cookie: KEY });
  bridge.close();
  server.close();
  expect(answer.found && JSON.parse(answer.session.dataJson)).toMatchObject({
    visits: "7",
    user: { points: "1152921504606846976" },
  });
});
