/**
 * Attacker: a visitor of an app on iron-session. Holds: seals made with their own password, expired seals of the app, and
 * parts of valid ones. Wants: a forged session, such as the victim's, to be shown as the app's, with its later traces.
 */
import { getIronSession, sealData } from "iron-session";
import { ironSession } from "session-bridge/sources";
import { expect, it } from "vitest";
import { call, readCookie } from "../../sources/panel-client.ts";
import { startApp } from "../kit/express-app.ts";
import { CANARY } from "../kit/scene.ts";

const password = "a secret of the app, longer than thirty-two characters";
const settings = { password, cookieName: "iron", cookieOptions: { secure: false } };

it("a seal with another password, an expired one, or one joined from two is not a session", async () => {
  const base = await startApp(ironSession(settings), (app) => {
    app.use(async (request, response) => {
      const session = await getIronSession<{ note?: string }>(request, response, settings);
      session.note = CANARY;
      await session.save();
      response.send("done");
    });
  });
  const victims = readCookie(await fetch(base), "iron");
  const data = { note: CANARY };
  const other = await sealData(data, { password: "another secret, and just as long as the app's own is" });
  const parts = decodeURIComponent(victims).split("*");
  const forged = [
    other,
    await sealData(data, { password: { 2: password } }),
    await sealData({}, { password }),
    ...parts.map((_, at) =>
      parts.map((part, index) => (index === at ? other.split("*")[at] : part)).join("*"),
    ),
    ...parts.map((_, at) => parts.filter((_part, index) => index !== at).join("*")),
    decodeURIComponent(victims).replace("Fe26.2", "Fe26.1"),
  ].filter((seal) => seal !== decodeURIComponent(victims));
  for (const seal of forged) {
    const { answer } = await call(base, "session", { protocol: 1, cookie: encodeURIComponent(seal) });
    expect(answer, seal).toMatchObject({ found: false });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  }
  const { answer } = await call(base, "session", { protocol: 1, cookie: victims });
  expect(JSON.stringify(answer)).toContain(CANARY);
});
