/**
 * Attacker: a visitor of an app on express-session behind a balancer that sends everyone's requests over one connection. Holds: their
 * own cookie. Wants: the victim's session to be read during their own request, and so to be in its trace.
 */
import { connect } from "node:net";
import { expect, it } from "vitest";
import { readTraces } from "../../sources/panel-client.ts";
import { startExpressSession } from "../kit/express-session-app.ts";
import { CANARY } from "../kit/scene.ts";

/** Sends requests in one piece over one connection; returns all responses. */
function pipeline(
  base: string,
  requests: readonly (readonly [path: string, cookie: string])[],
): Promise<string> {
  const bytes = requests.map(([path, cookie], index) =>
    [
      `GET ${path} HTTP/1.1`,
      "Host: localhost",
      `Cookie: connect.sid=${cookie}`,
      ...(index === requests.length - 1 ? ["Connection: close"] : []),
      "\r\n",
    ].join("\r\n"),
  );
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(Number(new URL(base).port), "127.0.0.1", () => socket.write(bytes.join("")));
    socket.setEncoding("latin1").on("data", (text) => {
      received += text;
    });
    socket.once("end", () => resolve(received)).once("error", reject);
  });
}

it("requests of two visitors in one piece on one connection stay separate", async () => {
  const { base, victims, own, idOf } = await startExpressSession(
    () => new Promise((resolve) => setImmediate(resolve)),
  );
  const mixed = Array.from({ length: 20 }, (_, turn) => [
    [`/own-${turn}?note=mine-${turn}`, own] as const,
    [`/victims-${turn}?note=${encodeURIComponent(`${CANARY} ${turn}`)}`, victims] as const,
  ]);
  const answers = await pipeline(base, mixed.flat());
  expect(answers.split("HTTP/1.1 200").length - 1).toBe(40);
  const heard = await readTraces(base, [own], (traces) => traces.length === 21);
  expect(heard.slice(1).map(({ request }) => request.path)).toEqual(mixed.map((_, turn) => `/own-${turn}`));
  expect(JSON.stringify(heard)).not.toContain(CANARY);
  expect(JSON.stringify(heard)).not.toContain(idOf(victims).slice(0, 4));
  const control = await readTraces(base, [victims], (traces) => traces.length === 21);
  expect(JSON.stringify(control)).toContain(`${CANARY} 19`);
});
