/** The cookies of one tab: which are listed, and how one is set, replaced and deleted. */
import { describe, expect, it } from "vitest";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import type { BrowserCookie } from "../../../extension/background/to-tab-cookie.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { createFakeJar, type FakeJarOptions, NOW } from "../fake-jar.ts";

const TAB = 1;

function open(options: FakeJarOptions = {}) {
  const fake = createFakeJar(options);
  const jar = createCookieJar(fake, () => NOW);
  const list = (...hosts: string[]) => jar.list(TAB, hosts);
  const names = async (...hosts: string[]) => (await list(...hosts)).map(({ name }) => name);
  const find = async (name: string): Promise<TabCookie> => {
    const cookie = (await list("app.test")).find((one) => one.name === name);
    if (!cookie) throw new Error(`no cookie ${name}`);
    return cookie;
  };
  return { fake, jar, list, names, find };
}

describe("the list", () => {
  it("contains the cookies of each host, including those for the whole domain, and no other host's", async () => {
    const { fake, names } = open();
    fake.put({ name: "own" });
    fake.put({ name: "parent", domain: ".test.dev", hostOnly: false });
    fake.put({ name: "other", domain: "nap.test" });
    fake.put({ name: "child", domain: "www.app.test" });
    expect(await names("app.test")).toEqual(["own"]);
    expect(await names("a.test.dev", "www.app.test")).toEqual(["parent", "child"]);
  });

  it("contains cookies of every path, since a frame may go there", async () => {
    const { fake, names } = open();
    fake.put({ name: "deep", path: "/admin" });
    expect(await names("app.test")).toEqual(["deep"]);
  });

  it("contains only the partitions of the tab's own site", async () => {
    const { fake, names } = open();
    const partition = (topLevelSite: string) => ({ topLevelSite, hasCrossSiteAncestor: true });
    fake.put({ name: "here", domain: "embed.test", partitionKey: partition("https://app.test") });
    fake.put({ name: "elsewhere", domain: "embed.test", partitionKey: partition("https://shop.test") });
    expect(await names("www.app.test", "embed.test")).toEqual(["here"]);
  });

  it("never asks Chrome for all partitions, which fails if one belongs to a credentialless frame", async () => {
    const { fake, names } = open({ browser: "chrome" });
    const { getAll } = fake;
    const asked: unknown[] = [];
    fake.getAll = (details) => {
      asked.push(details.partitionKey?.topLevelSite ?? details.partitionKey);
      return getAll(details);
    };
    await names("app.test");
    expect(new Set(asked)).toEqual(new Set([undefined, "http://app.test", "https://app.test"]));
  });

  it("leaves out an expired cookie that the browser still returns", async () => {
    const { fake, names } = open();
    fake.put({ name: "gone", expirationDate: NOW / 1000 - 1 });
    fake.put({ name: "alive", expirationDate: NOW / 1000 + 1 });
    expect(await names("app.test")).toEqual(["alive"]);
  });

  it.each(["chrome", "firefox"] as const)("in %s contains only the tab's own store", async (browser) => {
    const { fake, names } = open({ browser, stores: { 1: "private", 2: "0" } });
    fake.put({ name: "normal", storeId: "0" });
    fake.put({ name: "private", storeId: "private" });
    expect(await names("app.test")).toEqual(["private"]);
  });

  it("gives cookies different ids when path, domain, partition or store differ", async () => {
    const { fake, list } = open();
    fake.put({ name: "a" });
    fake.put({ name: "a", path: "/x" });
    fake.put({ name: "a", domain: ".app.test", hostOnly: false });
    fake.put({ name: "a", partitionKey: { topLevelSite: "https://app.test", hasCrossSiteAncestor: false } });
    fake.put({ name: "a", partitionKey: { topLevelSite: "https://app.test", hasCrossSiteAncestor: true } });
    expect(new Set((await list("app.test")).map(({ id }) => id)).size).toBe(5);
  });
});

describe("a write", () => {
  it("changes value and expiry of the same cookie", async () => {
    const { fake, jar, find } = open();
    fake.put({ name: "sessionid", httpOnly: true });
    const cookie = await find("sessionid");
    const result = await jar.write(TAB, { ...cookie, value: "new", expiresAt: NOW + 60_000 }, cookie);
    expect(result).toMatchObject({
      ok: true,
      cookie: { value: "new", expiresAt: NOW + 60_000, httpOnly: true },
    });
    expect(fake.all()).toHaveLength(1);
  });

  it("with another name replaces the old cookie", async () => {
    const { fake, jar, find } = open();
    fake.put({ name: "old" });
    const cookie = await find("old");
    expect(await jar.write(TAB, { ...cookie, name: "new" }, cookie)).toMatchObject({ ok: true });
    expect(fake.all().map(({ name }) => name)).toEqual(["new"]);
  });

  it("accepts that the browser caps the expiry at 400 days, and reports the real one", async () => {
    const { fake, jar, find } = open();
    fake.put({ name: "long" });
    const cookie = await find("long");
    const result = await jar.write(TAB, { ...cookie, expiresAt: NOW + 1000 * 24 * 3_600_000 }, cookie);
    expect(result).toMatchObject({ ok: true, cookie: { expiresAt: NOW + 400 * 24 * 3_600_000 } });
  });

  it("that the browser rejects says why and leaves the old cookie", async () => {
    const { fake, jar, find } = open({ denied: ["other.test"] });
    fake.put({ name: "a" });
    const cookie = await find("a");
    const result = await jar.write(TAB, { ...cookie, domain: "other.test" }, cookie);
    expect(result).toMatchObject({ ok: false, restored: true });
    expect(result).toHaveProperty("reason", expect.stringContaining("No host permissions"));
    expect(fake.all()).toMatchObject([{ name: "a", value: "v" }]);
  });

  it("whose cookie the browser changes is undone", async () => {
    const { fake, jar, find } = open();
    fake.put({ name: "a" });
    const cookie = await find("a");
    const { set } = fake;
    fake.set = (details) => set({ ...details, ...(details.value === "new" && { value: "cut" }) });
    expect(await jar.write(TAB, { ...cookie, value: "new" }, cookie)).toEqual({
      ok: false,
      reason: "The browser accepted the cookie, but its value is different.",
      restored: true,
    });
    expect(fake.all()).toMatchObject([{ name: "a", value: "v" }]);
  });

  it("never reaches into another store than the tab's", async () => {
    const { fake, jar, find } = open({ stores: { 1: "0", 2: "private" } });
    fake.put({ name: "a" });
    const cookie = await find("a");
    await expect(jar.write(TAB, { ...cookie, storeId: "private" }, null)).rejects.toThrow("store");
    await expect(jar.remove(TAB, { ...cookie, storeId: "private" })).rejects.toThrow("store");
    expect(fake.all()).toHaveLength(1);
  });

  it("leaves out the ancestor bit of a partition, which Firefox returns but does not accept", async () => {
    const { fake, jar, list } = open();
    const told: BrowserCookie = fake.put({
      name: "framed",
      domain: "embed.app.test",
      partitionKey: { topLevelSite: "http://app.test", hasCrossSiteAncestor: false },
    });
    const { set } = fake;
    fake.set = async (details) => {
      if (details.partitionKey?.hasCrossSiteAncestor !== undefined) {
        throw new Error("Invalid value for 'partitionKey' attribute");
      }
      return set({ ...details, ...(told.partitionKey && { partitionKey: told.partitionKey }) });
    };
    const [cookie] = await list("app.test", "embed.app.test");
    expect(cookie && (await jar.remove(TAB, cookie))).toBe(true);
    expect(fake.all()).toEqual([]);
  });
});

describe("a deletion", () => {
  it("removes exactly one of three cookies of the same name", async () => {
    const { fake, jar, list } = open();
    fake.put({ name: "dup" });
    fake.put({ name: "dup", path: "/x" });
    fake.put({ name: "dup", domain: ".app.test", hostOnly: false, expirationDate: NOW / 1000 + 99 });
    const [first] = await list("app.test");
    expect(first && (await jar.remove(TAB, first))).toBe(true);
    expect(fake.all()).toMatchObject([{ path: "/x" }, { domain: ".app.test" }]);
  });

  it("that has no effect says so", async () => {
    const { fake, jar, find } = open();
    fake.put({ name: "stays" });
    const cookie = await find("stays");
    fake.set = async () => null;
    expect(await jar.remove(TAB, cookie)).toBe(false);
  });
});
