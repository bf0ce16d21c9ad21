/** A cookie that is put back has the expiry that it had, to the microsecond. */
import { expect, it } from "vitest";
import { toSetDetails, toTabCookie } from "../../../extension/background/to-tab-cookie.ts";

const COOKIE = {
  name: "sessionid",
  value: "v",
  domain: "localhost",
  hostOnly: true,
  path: "/",
  secure: false,
  httpOnly: true,
  sameSite: "lax",
  session: false,
  storeId: "0",
} as const;

it("a cookie that is put back has the expiry that it had, to the microsecond", () => {
  const wrong: number[] = [];
  for (let step = 0; step < 10_000; step++) {
    const micros = 1_795_989_940_317_042 + step * 7_919;
    const cookie = toTabCookie({ ...COOKIE, expirationDate: micros / 1_000_000 });
    const { expirationDate = 0 } = toSetDetails(cookie);
    if (Math.trunc(expirationDate * 1_000_000) !== micros) wrong.push(micros); // as Chrome does
  }
  expect(wrong).toEqual([]);
});
