/**
 * Attacker: a visitor of an app on cookie-session. Holds: their own value and signature, and the victim's value alone. Wants:
 * one part of the proof to be checked, and the session to be read from another.
 */
import { expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { CANARY } from "../kit/scene.ts";
import { startSignedApp } from "../kit/signed-app.ts";

it("a proof with several values or signatures shows only the session that was checked, or none", async () => {
  const { base, victims, own } = await startSignedApp();
  const [value = ""] = victims.split(";");
  const [ownValue = "", ownSignature = ""] = own.split("; session.sig=");
  const forged = [
    `${own}; session=${value}`,
    `session=${value}; ${own}`,
    `${value}; ${own}`,
    `${value}; session=${own}`,
    `${value}; session.sig=x; session.sig=${ownSignature}`,
    `${ownValue}; session=${value}; session.sig=${ownSignature}`,
    `${value}\r\nCookie: session=${own}`,
    `${value}\0${own}`,
    `"${value}; session.sig=${ownSignature}"`,
    `${value}%3B%20session.sig=${ownSignature}`,
    `${value},${own}`,
  ];
  for (const cookie of forged) {
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(JSON.stringify(answer), cookie).not.toContain(CANARY);
  }
  for (const [shown, text] of [
    [own, "of the attacker"],
    [victims, CANARY],
  ]) {
    const { answer } = await call(base, "session", { protocol: 1, cookie: shown ?? "" });
    expect(JSON.stringify(answer)).toContain(text);
  }
});
