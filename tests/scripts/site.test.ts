/** Starting the demo, and what is said when it does not start. */
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Site, startSite } from "../../scripts/machine/site.ts";

const DEMO = "examples/express/server.ts";
let site: Site | null = null;

afterEach(async () => {
  await site?.close();
  site = null;
});

describe("the demo", () => {
  it("logs john_doe in as user 123, counts visits, fills a cart and logs out", async () => {
    site = await startSite(DEMO);
    let cookie = "";
    const visit = async (path: string, form?: Record<string, string>) => {
      const response = await fetch(site?.url + path, {
        method: form === undefined ? "GET" : "POST",
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
        headers: { cookie },
        redirect: "manual",
      });
      const set = response.headers.get("set-cookie");
      if (set !== null) cookie = set.split(";")[0] ?? "";
      return { status: response.status, set, text: await response.text() };
    };

    expect((await visit("/")).text).toContain("Pages you opened: <b>1</b>");
    const login = await visit("/login", { username: "john_doe", ends: "after an hour" });
    expect(login).toMatchObject({ status: 302, set: expect.stringContaining("Max-Age=3600") });
    await visit("/cart", { item: "tea" });
    await visit("/cart", { item: "tea" });
    const page = (await visit("/")).text;
    expect(page).toContain("Hello, <b>john_doe</b>");
    expect(page).toContain("2 × tea");
    await visit("/logout", {});
    expect((await visit("/")).text).toContain("Log in");
  });

  it("gives visitors who chose it a cookie that ends when the browser closes", async () => {
    site = await startSite(DEMO);
    const body = new URLSearchParams({ username: "john_doe", ends: "with the browser" });
    const response = await fetch(`${site.url}/login`, { method: "POST", body, redirect: "manual" });
    const cookie = response.headers.get("set-cookie");
    expect(cookie).toContain("sessionid=");
    expect(cookie).not.toMatch(/max-age|expires/i);
  });

  it("keeps its sessions when it is killed and started again on the same port", async () => {
    site = await startSite(DEMO);
    const cookie = (await fetch(site.url)).headers.get("set-cookie")?.split(";")[0] ?? "";
    await site.kill();
    await expect(fetch(site.url)).rejects.toThrow();
    await site.start();
    expect(await (await fetch(site.url, { headers: { cookie } })).text()).toContain(
      "Pages you opened: <b>2</b>",
    );
  });

  it("says in one sentence that its port is taken, and what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await expect(startSite(DEMO, { port })).rejects.toThrow(
      `Port ${port} is taken by another program. Choose another one: PORT=${port + 1} npm start`,
    );
    other.close();
  });
});
