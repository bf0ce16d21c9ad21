/**
 * Attacker: on another machine, behind a proxy that writes its headers in an unusual way. Holds: the victim's cookie. Wants: a
 * spelling that the proxy writes, the server accepts, and the bridge does not know.
 */
import { expect, it } from "vitest";
import { sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { CANARY, openScene } from "../kit/scene.ts";

const SPELLINGS = [
  "X_Forwarded_For: 203.0.113.7",
  "x-forwarded-FOR:203.0.113.7",
  "X-Forwarded-For:\t\t203.0.113.7\t",
  "X-Forwarded-For:",
  "X-Forwarded-For : 203.0.113.7",
  "X-Forwarded-For\t: 203.0.113.7",
  " X-Forwarded-For: 203.0.113.7",
  "X-Harmless: 1\r\n X-Forwarded-For: 203.0.113.7",
  "X-Harmless: 1\r\n\tfor=203.0.113.7\r\nForwarded: for=127.0.0.1",
  'Forwarded: for="[::1]";host="localhost";proto=http',
  'forwarded: For="\\"127.0.0.1\\"", for=unknown, for=_hidden',
  "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.7",
  "Connection: x-forwarded-for\r\nX-Forwarded-For: 203.0.113.7",
  "X-FORWARDED_Client-Cert: By=spiffe://x",
  "X-Real_IP: 203.0.113.7",
  "X-Forwarded-For\u00a0: 203.0.113.7",
  "Via: 1.1 \u00ff",
];

it.each(SPELLINGS)("is not answered with %j", async (spelling) => {
  const scene = await openScene();
  const { site } = scene;
  expect(await sendRaw(site.port, remoteCall(scene))).toContain(CANARY);
  const stored = await site.sessions.engine.load(scene.victim.cookie);
  for (const received of [
    await sendRaw(site.port, remoteCall(scene, spelling.split("\r\n"))),
    await sendRaw(site.port, remoteCall(scene, [spelling, "Sec-Fetch-Site: none"])),
  ]) {
    expect(received).not.toContain(CANARY);
    expect(received).toMatch(/^HTTP\/1\.1 40[034] /);
  }
  expect(await site.sessions.engine.load(scene.victim.cookie)).toEqual(stored);
});
