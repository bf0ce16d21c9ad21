/**
 * Attacker: a user of a site with signed cookies. Holds: strings that the site signs with the same SECRET_KEY for other purposes, such
 * as messages and links to confirm an address, whose contents they chose, and a cookie of a retired secret. Wants: one
 * of them to be accepted as a session of the victim.
 */
import { signedCookies } from "session-bridge";
import { dumps, SESSION_SALT, SIGNED_COOKIES_SALT } from "session-bridge/signing";
import { expect, it } from "vitest";
import { call } from "../../bridge/site.ts";
import { callAll, expectNothing, openScene, overhear, readAsVictim } from "../kit/scene.ts";

const SALTS = [
  "django.core.signing",
  "django.contrib.messages",
  "django.core.signing.get_cookie_signer",
  "csrf",
  SESSION_SALT,
  `${SIGNED_COOKIES_SALT}.`,
  SIGNED_COOKIES_SALT.toUpperCase(),
  "",
];

it("a string that was signed for another purpose, or with a retired secret, is not a session", async () => {
  const secretKey = "the secret of today";
  const scene = await openScene({ engine: signedCookies(), sessions: { secretKey } });
  const { dataJson } = (await readAsVictim(scene)).json.session;
  const data = { ...JSON.parse(dataJson), note: "mine" };
  const forged = [
    ...SALTS.flatMap((salt) => [
      dumps(data, { secretKey, salt }),
      dumps(data, { secretKey, salt, compress: true }),
    ]),
    dumps(data, { secretKey: ["a secret of the past", secretKey], salt: SIGNED_COOKIES_SALT }),
    dumps(data, { secretKey, salt: SIGNED_COOKIES_SALT, clock: () => Date.now() - 3_700_000 }),
  ];
  await expectNothing(scene, async () => {
    const received = [await overhear(scene.site, { cookies: forged })];
    for (const text of forged) {
      expect((await call(scene.site, "session", { cookie: text })).json.found).toBe(false);
      received.push(...(await callAll(scene.site, text)));
    }
    return received;
  });
  const good = dumps(data, { secretKey, salt: SIGNED_COOKIES_SALT });
  expect((await call(scene.site, "session", { cookie: good })).json.found).toBe(true);
});
