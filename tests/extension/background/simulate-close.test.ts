/** Simulating a browser close: which cookies are deleted, which stay, and how it is undone. */
import { describe, expect, it } from "vitest";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import { closeCookies, previewClose, restoreCookies } from "../../../extension/background/simulate-close.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const TAB = 1;
const HOSTS = ["app.test", "embed.test"];

/** One cookie of each kind that has separate rules. */
function open() {
  const fake = createFakeJar({ stores: { 1: "0", 2: "private" } });
  const later = NOW / 1000 + 3600;
  const partitionKey = { topLevelSite: "http://app.test", hasCrossSiteAncestor: true };
  fake.put({ name: "sessionid", httpOnly: true });
  fake.put({ name: "sessionid", path: "/admin", httpOnly: true });
  fake.put({ name: "sessionid", domain: ".app.test", hostOnly: false, sameSite: "strict" });
  fake.put({ name: "__Host-id", secure: true, sameSite: "no_restriction" });
  fake.put({ name: "", value: "nameless" });
  fake.put({ name: "quoted", value: '"a b"' });
  fake.put({ name: "empty", value: "" });
  fake.put({ name: "utf", value: "é" });
  fake.put({ name: "framed", domain: "embed.test", secure: true, sameSite: "no_restriction", partitionKey });
  fake.put({ name: "stays", expirationDate: later });
  fake.put({ name: "foreign", domain: "shop.test" });
  fake.put({ name: "sessionid", storeId: "private" });
  return { fake, jar: createCookieJar(fake, () => NOW) };
}

const byKey = (cookies: object[]) => cookies.map((cookie) => JSON.stringify(cookie)).toSorted();

describe("a simulated close", () => {
  it("lists beforehand what will be deleted, including partitioned cookies", async () => {
    const { jar, fake } = open();
    const before = fake.all();
    expect((await previewClose(jar, TAB, HOSTS)).map(({ name }) => name)).toEqual([
      "sessionid",
      "sessionid",
      "sessionid",
      "__Host-id",
      "",
      "quoted",
      "empty",
      "utf",
      "framed",
    ]);
    expect(fake.all()).toEqual(before);
  });

  it("deletes these, and keeps cookies with an expiry, of another host or in another jar", async () => {
    const { jar, fake } = open();
    expect(await closeCookies(jar, TAB, await previewClose(jar, TAB, HOSTS))).toEqual([]);
    expect(fake.all().map(({ name, storeId }) => `${name} ${storeId}`)).toEqual([
      "stays 0",
      "foreign 0",
      "sessionid private",
    ]);
  });

  it("is undone exactly", async () => {
    const { jar, fake } = open();
    const before = byKey(fake.all());
    const cookies = await previewClose(jar, TAB, HOSTS);
    await closeCookies(jar, TAB, cookies);
    expect(await restoreCookies(jar, TAB, cookies)).toEqual([]);
    expect(byKey(fake.all())).toEqual(before);
  });

  it("reports what could not be deleted, and what could not be restored", async () => {
    const { jar, fake } = open();
    const { set } = fake;
    fake.set = async (details) => (details.name === "utf" ? null : set(details));
    const cookies = await previewClose(jar, TAB, HOSTS);
    const left = await closeCookies(jar, TAB, cookies);
    expect(left.map(({ name }) => name)).toEqual(["utf"]);
    fake.set = async (details) => (details.name === "quoted" ? null : set(details));
    expect((await restoreCookies(jar, TAB, cookies)).map(({ name }) => name)).toEqual(["quoted"]);
  });
});
