/** What a cookie itself contains: only cookies of the same jar are its signature or its chunks. */
import { signal } from "@preact/signals";
import { expect, it } from "vitest";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { DecodedCookieModel } from "../../../../extension/models/showing/decoded-cookie.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";

const VALUE = Buffer.from('{"user_id":42}').toString("base64url");

async function decode(cookie: TabCookie, others: TabCookie[]) {
  const model = new DecodedCookieModel({ cookie: signal(cookie), cookies: signal([cookie, ...others]) });
  await expect.poll(() => model.decoded.value).not.toBeNull();
  return model.decoded.value;
}

it("a signature of the same host and path is the cookie's, one of another is not", async () => {
  const cookie = fillCookie({ id: "session", name: "session", value: VALUE });
  const signature = fillCookie({ id: "sig", name: "session.sig" });
  expect(await decode(cookie, [signature])).toMatchObject({ format: "cookie-session" });
  expect(await decode(cookie, [{ ...signature, path: "/admin" }])).toMatchObject({ format: "Base64 JSON" });
  expect(await decode(cookie, [{ ...signature, domain: "api.localhost" }])).toMatchObject({
    format: "Base64 JSON",
  });
});

it("a chunk is joined only with those of its own jar", async () => {
  const [head, tail] = [VALUE.slice(0, 9), VALUE.slice(9)];
  const first = fillCookie({ id: "0", name: "app.session_data.0", value: head });
  const second = fillCookie({ id: "1", name: "app.session_data.1", value: tail });
  expect(await decode(first, [second])).toMatchObject({ json: '{"user_id":42}' });
  expect((await decode(second, [{ ...first, path: "/other" }]))?.notes).toEqual([
    "app.session_data.0 is missing, so it cannot be read.",
  ]);
});
