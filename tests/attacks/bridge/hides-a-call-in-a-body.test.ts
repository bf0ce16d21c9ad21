/**
 * Attacker: a page that can make a browser post any text, and has obtained the victim's cookie. Holds: no Origin but its
 * own. Wants: the bridge to read bytes of a body as another call with an extension's Origin.
 */
import { expect, it } from "vitest";
import { EXTENSION_ORIGIN, rawCall, readSession, sendRaw } from "../../bridge/site.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

const AS_EXTENSION = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
const AS_PAGE = ["Host: localhost", "Origin: https://evil.example", "Content-Type: text/plain"];

/** One request around another, by headers that two readers of HTTP could understand differently. */
function wrap(inner: string): Record<string, string> {
  const head = (...more: string[]) => ["POST /plain HTTP/1.1", ...AS_PAGE, ...more].join("\r\n");
  const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const end = "Connection: close";
  return {
    "a plain body": `${head(`Content-Length: ${inner.length}`, end)}\r\n\r\n${inner}`,
    "a refused call's body": rawCall("session", AS_PAGE, inner).replace("Connection: keep-alive", end),
    "a chunk": `${head("Transfer-Encoding: chunked", end)}\r\n\r\n${chunk}`,
    "length and chunks": `${head("Content-Length: 4", "Transfer-Encoding: chunked", end)}\r\n\r\n${chunk}${inner}`,
    "two lengths": `${head("Content-Length: 0", `Content-Length: ${inner.length}`, end)}\r\n\r\n${inner}`,
    "a signed length": `${head("Content-Length: +0", end)}\r\n\r\n${inner}`,
    "an odd coding": `${head("Transfer-Encoding: xchunked", "Content-Length: 0", end)}\r\n\r\n${inner}`,
    "a blank before the colon": `${head("Content-Length : 0", end)}\r\n\r\n${inner}`,
    "bare line feeds": `${head("Content-Length: 0", end)}\n\n${inner}`,
    "an expectation": `${head("Expect: 100-continue", `Content-Length: ${inner.length}`, end)}\r\n\r\n${inner}`,
  };
}

it("a call inside a body is never read as a call, however the lengths disagree", async () => {
  const scene = await openScene();
  const { site, victim } = scene;
  const { version } = await readSession(site, victim.cookie);
  const flush = rawCall(
    "flush",
    AS_EXTENSION,
    JSON.stringify({ protocol: 1, cookie: victim.cookie, ifVersion: version }),
  );
  const look = rawCall("session", AS_EXTENSION, JSON.stringify({ protocol: 1, cookie: victim.cookie }));
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const inner of [flush, look])
      for (const [how, bytes] of Object.entries(wrap(inner))) {
        const answer = await sendRaw(site.port, bytes);
        const answers = answer.split(/^HTTP\/1\.1 (?!100)/m).length - 1;
        expect(answers, how).toBeLessThan(2);
        received.push(answer);
      }
    return received;
  });
  expect(await sendRaw(site.port, look)).toContain(CANARY);
  expect(await sendRaw(site.port, flush)).toMatch(/^HTTP\/1\.1 200/);
});
