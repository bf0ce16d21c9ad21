/** "Your devices" of the demo, over real HTTP with a cookie jar for each device. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Site, startSite } from "../../scripts/machine/site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite("examples/express/server.ts");
});
afterAll(() => site.close());

interface Answer {
  status: number;
  location: string | null;
  text: string;
}

/** A browser with an empty cookie jar. Its forms say what a browser's say about the page that submits them. */
function device() {
  let cookie = "";
  const visit = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers);
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await fetch(site.url + path, { ...init, headers, redirect: "manual" });
    const set = response.headers.get("set-cookie");
    if (set !== null) cookie = set.split(";")[0] ?? "";
    return {
      status: response.status,
      location: response.headers.get("location"),
      text: await response.text(),
    };
  };
  const submit = (
    path: string,
    form: Record<string, string> = {},
    headers: HeadersInit = { "sec-fetch-site": "same-origin" },
  ) => visit(path, { method: "POST", body: new URLSearchParams(form), headers });
  return {
    visit,
    submit,
    logIn: (username: string) => submit("/login", { username, ends: "after an hour" }),
    key: () => cookie.split("=")[1] ?? "",
    isLoggedIn: async () => (await visit("/")).text.includes("Hello, <b>"),
  };
}

/** The devices that the page lists, in its order. */
function listed({ text }: Answer) {
  return [...text.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item = ""]) => ({
    name: /<b>(.*?)<\/b>/.exec(item)?.[1],
    keyId: /value="([\w-]{22})"/.exec(item)?.[1],
    times: [...item.matchAll(/datetime="(.*?)"/g)].map(([, time = ""]) => Date.parse(time)),
  }));
}

/** Two devices of one user, whom no other session of this test belongs to. */
async function twoDevices(username = "john_doe") {
  const [laptop, phone] = [device(), device()];
  await laptop.logIn(username);
  await laptop.submit("/devices/end-others");
  await phone.logIn(username);
  return { laptop, phone };
}

async function otherIdOn({ visit }: ReturnType<typeof device>): Promise<string> {
  const other = listed(await visit("/devices")).find(({ name }) => name === "Another device");
  return other?.keyId ?? "";
}

describe("your devices", () => {
  it("lists both logins, this one first", async () => {
    const { laptop, phone } = await twoDevices();
    for (const one of [laptop, phone]) {
      const names = listed(await one.visit("/devices")).map(({ name }) => name);
      expect(names).toEqual(["This device", "Another device"]);
    }
    expect(await otherIdOn(laptop)).not.toBe(await otherIdOn(phone));
  });

  it("says when each began, was last used, and expires: an hour after that", async () => {
    const from = Date.now();
    const { laptop } = await twoDevices();
    const list = listed(await laptop.visit("/devices"));
    const to = Date.now();
    expect(list).toHaveLength(2);
    for (const { times } of list) {
      const [began = 0, used = 0, expires = 0] = times;
      expect(began).toBeGreaterThanOrEqual(from);
      expect(used).toBeGreaterThanOrEqual(began);
      expect(used).toBeLessThanOrEqual(to);
      expect(expires).toBeGreaterThanOrEqual(from + 3_600_000);
      expect(expires).toBeLessThanOrEqual(to + 3_600_000);
    }
  });

  it("ends the other device with one click, and only that one", async () => {
    const { laptop, phone } = await twoDevices();
    const answer = await laptop.submit("/devices/end", { keyId: await otherIdOn(laptop) });
    expect(answer).toMatchObject({ status: 302, location: "/devices" });
    expect(listed(await laptop.visit("/devices"))).toHaveLength(1);
    expect(await phone.isLoggedIn()).toBe(false);
    expect(await laptop.isLoggedIn()).toBe(true);
  });

  it("ends all other devices with one click", async () => {
    const { laptop, phone } = await twoDevices();
    const tablet = device();
    await tablet.logIn("john_doe");
    await tablet.submit("/devices/end-others");
    expect(listed(await tablet.visit("/devices")).map(({ name }) => name)).toEqual(["This device"]);
    expect([await laptop.isLoggedIn(), await phone.isLoggedIn(), await tablet.isLoggedIn()]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("no longer lists a device that logged out by itself", async () => {
    const { laptop, phone } = await twoDevices();
    await phone.submit("/logout");
    expect(listed(await laptop.visit("/devices"))).toHaveLength(1);
  });

  it("never has a session's key in its page", async () => {
    const { laptop, phone } = await twoDevices();
    const { text } = await laptop.visit("/devices");
    expect(laptop.key()).toMatch(/^[a-z0-9]{32}$/);
    expect(text).not.toContain(laptop.key());
    expect(text).not.toContain(phone.key());
  });

  it("is not kept by any cache", async () => {
    const { laptop } = await twoDevices();
    await laptop.visit("/devices");
    const response = await fetch(`${site.url}/devices`, {
      headers: { cookie: `sessionid=${laptop.key()}` },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is for users only: a guest is sent to the login, and ends no one's session", async () => {
    const { laptop, phone } = await twoDevices();
    const keyId = await otherIdOn(laptop);
    const guest = device();
    expect(await guest.visit("/devices")).toMatchObject({ status: 302, location: "/" });
    expect(await guest.submit("/devices/end", { keyId })).toMatchObject({ status: 302, location: "/" });
    await guest.submit("/devices/end-others");
    expect(await phone.isLoggedIn()).toBe(true);
  });

  it("lets no user end another user's session, even if they know its id", async () => {
    const { laptop, phone } = await twoDevices("john_doe");
    const keyId = await otherIdOn(laptop);
    const jane = device();
    await jane.logIn("jane_roe");
    await jane.submit("/devices/end", { keyId });
    await jane.submit("/devices/end-others");
    expect(await phone.isLoggedIn()).toBe(true);
  });

  it("leaves everyone logged in after a form without an id, or with one that has ended", async () => {
    const { laptop, phone } = await twoDevices();
    const keyId = await otherIdOn(laptop);
    await phone.submit("/logout");
    await phone.logIn("john_doe");
    for (const form of [{}, { keyId: "" }, { keyId }, { keyId: laptop.key() }]) {
      expect(await laptop.submit("/devices/end", form)).toMatchObject({ status: 302 });
    }
    expect([await laptop.isLoggedIn(), await phone.isLoggedIn()]).toEqual([true, true]);
  });

  it("logs this device out, too, if its own id is submitted", async () => {
    const { laptop, phone } = await twoDevices();
    await phone.submit("/devices/end", { keyId: await otherIdOn(laptop) });
    expect(await phone.isLoggedIn()).toBe(false);
    expect(await laptop.isLoggedIn()).toBe(true);
  });
});

describe("a form of another page", () => {
  const own = () => new URL(site.url).host;
  const foreign: [string, () => HeadersInit][] = [
    ["another site", () => ({ "sec-fetch-site": "cross-site" })],
    ["another port or subdomain, which SameSite lets through", () => ({ "sec-fetch-site": "same-site" })],
    ["another port, over plain http", () => ({ origin: "http://localhost:1" })],
    ["another host that begins like this one", () => ({ origin: `http://${own()}.evil.example` })],
    ["a sandboxed frame", () => ({ origin: "null" })],
    ["another site whose origin looks right", () => ({ "sec-fetch-site": "cross-site", origin: site.url })],
  ];

  it.each(foreign)("is refused, with the cookie and a true id: %s", async (_, headers) => {
    const { laptop, phone } = await twoDevices();
    const keyId = await otherIdOn(laptop);
    expect((await laptop.submit("/devices/end", { keyId }, headers())).status).toBe(403);
    expect((await laptop.submit("/devices/end-others", {}, headers())).status).toBe(403);
    expect((await laptop.submit("/logout", {}, headers())).status).toBe(403);
    expect([await laptop.isLoggedIn(), await phone.isLoggedIn()]).toEqual([true, true]);
  });

  const allowed: [string, () => HeadersInit][] = [
    ["this page", () => ({ "sec-fetch-site": "same-origin" })],
    ["this page, over plain http", () => ({ origin: site.url })],
    ["the user themselves, who reloads a form's answer", () => ({ "sec-fetch-site": "none" })],
    ["a program that is no browser", () => ({})],
  ];

  it.each(allowed)("is answered, because it is none: %s", async (_, headers) => {
    const { laptop, phone } = await twoDevices();
    await laptop.submit("/devices/end", { keyId: await otherIdOn(laptop) }, headers());
    expect(await phone.isLoggedIn()).toBe(false);
  });

  it("has no cookie anyway, if it is of another site: the cookie is SameSite=Lax and HttpOnly", async () => {
    const response = await fetch(site.url);
    expect(response.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Lax/);
  });

  it("cannot do by a link what a form does", async () => {
    const { laptop, phone } = await twoDevices();
    const keyId = await otherIdOn(laptop);
    for (const path of [`/devices/end?keyId=${keyId}`, "/devices/end-others"])
      expect((await laptop.visit(path)).status).toBe(404);
    expect(await phone.isLoggedIn()).toBe(true);
  });
});
