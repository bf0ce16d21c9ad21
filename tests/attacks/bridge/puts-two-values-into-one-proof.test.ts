/**
 * Attacker: a visitor of an app on cookie-session. Holds: a value and a signature of their own, and the victim's value alone. Wants:
 * the check to be made of one part of what they show, and the session to be taken from another.
 */
import { expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { CANARY } from "../kit/scene.ts";
import { startSignedApp } from "../kit/signed-app.ts";

it("of several values or signatures in one proof, that is shown which was checked, or none", async () => {
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
