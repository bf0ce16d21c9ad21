/**
 * Attacker: a visitor of an app on cookie-session. Holds: the app's signatures of other cookies, whose values they choose freely,
 * and the victim's value without its signature, which a page can read where the cookie is not HttpOnly. Wants: a signature of
 * another cookie to be accepted as the session's.
 */
import { expect, it } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { CANARY } from "../kit/scene.ts";
import { startSignedApp, withSignature } from "../kit/signed-app.ts";

it("the signature of a cookie of another name, or of another value, proves no session", async () => {
  const { base, victims, own, sign } = await startSignedApp();
  const [value = "", signature = ""] = victims.split("; session.sig=");
  const [, ownSignature = ""] = own.split("; session.sig=");
  const names = ["theme", "Session", "session ", " session", "session=", "sessio", "session.sig", ""];
  const forged = [
    value,
    withSignature(value, ownSignature),
    withSignature(value, signature.slice(0, -1)),
    withSignature(value, `${signature}=`),
    withSignature(value, `"${signature}`.slice(0, -1)),
    withSignature(value, signature.toLowerCase()),
    ...names.map((name) => withSignature(value, sign(name, value))),
    ...["session=", "n", " "].map((before) => withSignature(value, sign("session", before + value))),
    victims.replace("session.sig", "session.SIG"),
    victims.replace("; ", ";"),
    `${signature}; session.sig=${value}`,
  ];
  for (const cookie of forged) {
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(answer, cookie).toMatchObject({ found: false, reason: "tampered" });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  }
  const heard = await readTraces(base, [...forged.slice(0, 18), own], (traces) => traces.length > 0);
  expect(JSON.stringify(heard)).not.toContain(CANARY);
  const { answer } = await call(base, "session", { protocol: 1, cookie: victims });
  expect(JSON.stringify(answer)).toContain(CANARY);
});
