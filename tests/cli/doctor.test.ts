/** `session-bridge doctor` says what it finds at running apps: the bridge, proxies, collisions, and what is missing. */
import { readFileSync } from "node:fs";
import { request as sendRequest } from "node:http";
import { createSessions, database } from "session-bridge";
import { djangoSource } from "session-bridge/sources";
import { describe, expect, it } from "vitest";
import { startSite as startExample } from "../../scripts/machine/site.ts";
import { createToken } from "../../server-bridge/src/bridge/guard/token.ts";
import { openLoopbackServer } from "../../server-bridge/src/bridge/servers/loopback-server.ts";
import { readCall } from "../../server-bridge/src/protocol/address.ts";
import { makeDirectory } from "../core/engines/servers.ts";
import { answerWith, doctor, endAfterTest, serve, serveSite, serveTls } from "./doctor-run.ts";

const PEM = readFileSync(new URL("../e2e/sites/self-signed.pem", import.meta.url));
const TOKEN = "q3Yx0uTtJ5mC8rVb1nKfZs7LwPdEaGh2iUoR4yXc6Mk";

/**
 * Passes requests on to `port`, as a development server does. `isWhole`: the bridge's calls, too, and responses lose the
 * header that names the bridge.
 */
function pass(port: number, isWhole: boolean): Promise<number> {
  return serve((request, response) => {
    const { method = "GET", url = "/" } = request;
    if (!isWhole && readCall(url) !== null) {
      response.writeHead(404).end();
      return;
    }
    const headers = { ...request.headers, connection: isWhole ? "keep-alive" : "close" };
    const onward = sendRequest({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      const { "session-trace": mark, ...others } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, isWhole ? others : answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
}

describe("session-bridge doctor and the bridge", () => {
  it("finds nothing wrong with the demo, and names its bridge, engine and cookie", async () => {
    const demo = await startExample("examples/express/server.ts");
    endAfterTest(() => demo.close());
    const { lines, errors, code } = await doctor([demo.url]);
    expect([errors, code]).toEqual(["", 0]);
    expect(lines[0]).toBe(`${demo.url}/`);
    expect(lines).toContain("  It answers with 200, over HTTP/1.1.");
    expect(lines).toContain("  It says about itself: X-Powered-By: Express.");
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}It sets the cookie sessionid: HttpOnly, .*Max-Age=3600/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        `^ {2}A bridge answers at ${demo.url}: session-bridge [\\d.]+, engine db, cookie sessionid\\.$`,
      ),
    );
    expect(lines.at(-1)).toBe("Nothing is wrong.");
  });

  it("says that no bridge was seen, and which lines add one", async () => {
    const { out, code } = await doctor([`http://localhost:${await serve(answerWith({}))}`]);
    expect(code).toBe(1);
    expect(out).toContain("! No bridge was seen.");
    expect(out).toContain('      import { openBridge } from "session-bridge/bridge";');
    expect(out).toContain("One thing is wrong: see the line with !.");
  });

  it("offers the command for a Django site where the server looks like Django's", async () => {
    const port = await serve(answerWith({ Server: "WSGIServer/0.2 CPython/3.13" }));
    const { out } = await doctor([`http://localhost:${port}`]);
    expect(out).toContain(
      `npx session-bridge django --settings mysite.settings --for http://localhost:${port}`,
    );
  });

  it("finds a bridge that runs next to the site and reads for it, and sends it no token", async () => {
    const place = await makeDirectory();
    endAfterTest(() => place.remove());
    const address = `sqlite:${place.address}/db.sqlite3`;
    const sessions = createSessions({ secretKey: "a secret", engine: database(address) });
    await sessions.migrate();
    await sessions.close();
    const port = await serve(answerWith({}));
    const { source, close } = djangoSource({
      database: address,
      secretKey: "a secret",
      serves: [`http://localhost:${port}`],
    });
    endAfterTest(close);
    const bridge = await openLoopbackServer(source, { log: () => {}, env: { NODE_ENV: "test" } });
    endAfterTest(() => bridge.close());
    const { out, code } = await doctor([`http://localhost:${port}`], { SESSION_BRIDGE_TOKEN: TOKEN });
    expect(out).toContain(`A bridge answers at http://127.0.0.1:${bridge.port}: Django`);
    expect(code).toBe(0);
    expect((await doctor([`http://localhost:${await serve(answerWith({}))}`])).out).toContain(
      "No bridge was seen",
    );
  });

  it("asks a bridge with the token of the environment, only after the bridge wanted it, and never prints it", async () => {
    expect(createToken(TOKEN)).not.toBeNull();
    const site = await serveSite({ bridge: { token: TOKEN } });
    const url = `http://localhost:${site.port}/read`;
    const without = await doctor([url]);
    expect(without.code).toBe(1);
    expect(without.out).toContain("! The bridge of this server answers callers with its token only.");
    expect(without.out).toContain(`SESSION_BRIDGE_TOKEN=… npx session-bridge doctor ${url}`);
    const wrong = await doctor([url], { SESSION_BRIDGE_TOKEN: TOKEN.toLowerCase() });
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining("! The bridge refused the token.")]);
    const right = await doctor([url], { SESSION_BRIDGE_TOKEN: TOKEN });
    expect([right.code, right.out]).toEqual([0, expect.stringContaining(", with the token: session-bridge")]);
    for (const { out, errors } of [without, wrong, right]) expect(out + errors).not.toMatch(/q3Yx0/i);
  });

  it("sends no token to a server that does not want it", async () => {
    const tokens: unknown[] = [];
    const port = await serve((request, response) => {
      tokens.push(request.headers["session-bridge-token"]);
      response.end();
    });
    await doctor([`http://localhost:${port}`], { SESSION_BRIDGE_TOKEN: TOKEN });
    expect(tokens).toEqual([undefined, undefined]);
  });

  it("sends the token to no name except loopback ones, and says so", async () => {
    const tokens: unknown[] = [];
    const { port } = await serveSite({
      bridge: { token: TOKEN, hosts: ["0.0.0.0"] },
      before: ({ headers }) => tokens.push(headers["session-bridge-token"]),
    });
    const { out } = await doctor([`http://0.0.0.0:${port}/read`], { SESSION_BRIDGE_TOKEN: TOKEN });
    expect(tokens).toEqual([undefined, undefined]);
    expect(out).toContain("SESSION_BRIDGE_TOKEN was not sent: 0.0.0.0 is no loopback name");
    await doctor([`http://127.0.0.1:${port}/read`], { SESSION_BRIDGE_TOKEN: TOKEN });
    expect(tokens.filter((one) => one !== undefined)).toEqual([TOKEN]); // so the test can fail
  });

  it("says what to do when the bridge does not know the name of the site", async () => {
    const { port } = await serveSite();
    const { out, code } = await doctor([`http://0.0.0.0:${port}/read`]);
    expect(code).toBe(1);
    expect(out).toContain("! The bridge does not answer under the name 0.0.0.0.");
    expect(out).toContain("Next: Open the app as localhost.");
  });

  it.each(["hosts", "remote", "closed", "peer"])(
    "has a sentence and a next step for the state %s",
    async (state) => {
      const mark = { "Session-Trace": `v=1;id=g73RO49wj2zVXzCmedkJJQ;state=${state}` };
      const { lines, code } = await doctor([`http://localhost:${await serve(answerWith(mark))}`]);
      expect(code).toBe(1);
      expect(lines.filter((line) => line.startsWith("!"))).toHaveLength(1);
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}Next: ./));
      expect(lines.join("\n")).not.toContain("No bridge was seen");
    },
  );

  it("accepts a bridge that answers one extension only", async () => {
    const { port } = await serveSite({ bridge: { extensionId: "p".repeat(32) } });
    const { out, code } = await doctor([`http://localhost:${port}/read`]);
    expect([code, out]).toEqual([0, expect.stringContaining("answers only the extensions that its option")]);
  });
});

describe("session-bridge doctor and proxies", () => {
  it("finds the bridge behind a development server that passes on only some requests", async () => {
    const { port } = await serveSite();
    const front = await pass(port, false);
    const { lines, code } = await doctor([`http://localhost:${front}/read`]);
    expect(lines).toContain(`  http://localhost:${front} passes requests on to port ${port}.`);
    expect(lines).toContainEqual(
      expect.stringContaining(`A bridge answers at http://localhost:${port}: session-bridge`),
    );
    expect(lines).toContain(
      `  http://localhost:${front} does not pass the tab's calls on to the bridge (it answers with 404). The tab asks the other port directly.`,
    );
    expect(code).toBe(0);
  });

  it("says nothing about a proxy where the app answers itself", async () => {
    const { port } = await serveSite();
    const { out } = await doctor([`http://localhost:${port}/read`]);
    expect(out).not.toMatch(/passes requests on|proxy|other port/);
  });

  it("names what Server, X-Powered-By and Via say", async () => {
    const headers = { Server: "nginx/1.22.1", "X-Powered-By": "Express", Via: "1.1 varnish" };
    const { out } = await doctor([`http://localhost:${await serve(answerWith(headers))}`]);
    expect(out).toContain(
      "It says about itself: Server: nginx/1.22.1; X-Powered-By: Express; Via: 1.1 varnish.",
    );
    expect(out).toContain("Via shows that a proxy passed the response on.");
    expect(out).toContain("nginx answers at this address. It is often a proxy in front of an app.");
  });
});

describe("session-bridge doctor on the way to a page", () => {
  it("goes on without checking a self-signed certificate on this machine, and says so", async () => {
    const port = await serveTls(PEM, answerWith({ "Set-Cookie": "sid=1; HttpOnly; Secure; Path=/" }));
    const { out } = await doctor([`https://localhost:${port}`]);
    expect(out).toContain("Its certificate is self-signed. This is a name of this machine");
    expect(out).toContain("It sets the cookie sid: HttpOnly, Secure");
  });

  it("checks the certificate of every other name", async () => {
    const port = await serveTls(PEM, answerWith({ "Set-Cookie": "sid=1" }));
    const { lines, out, code } = await doctor([`https://0.0.0.0:${port}`]);
    expect(code).toBe(1);
    expect(lines[1]).toBe(
      `! https://0.0.0.0:${port}/: its certificate is self-signed. It is checked, because this is no loopback name.`,
    );
    expect(out).not.toContain("sid");
  });

  it("follows redirects on the same host, names them, and hides what their addresses hold", async () => {
    const { port } = await serveSite();
    const start = await serve((_request, response) => {
      response.writeHead(302, { Location: `http://localhost:${port}/read?code=hunter2` }).end();
    });
    const { out, code } = await doctor([`http://localhost:${start}`]);
    expect(out).toContain(`It redirects to http://localhost:${port}/read?code=….`);
    expect(out).toContain(`A bridge answers at http://localhost:${port}:`);
    expect([out, code]).toEqual([expect.not.stringContaining("hunter2"), 0]);
  });

  it("follows at most five redirects, and none to another host", async () => {
    let visits = 0;
    const around = await serve(({ method }, response) => {
      if (method === "GET") visits += 1;
      response.writeHead(302, { Location: `/${visits}` }).end();
    });
    expect((await doctor([`http://localhost:${around}`])).out).toContain("It redirects more than 5 times.");
    expect(visits).toBe(6);
    const away = await serve(answerWith({ Location: `http://127.0.0.1:${around}/` }, 302));
    visits = 0;
    expect((await doctor([`http://localhost:${away}`])).out).toContain(
      `It redirects to http://127.0.0.1:${around}/, another host, which this command does not visit.`,
    );
    expect(visits).toBe(0);
  });

  it("finds apps below localhost, which browsers find without a name server", async () => {
    const { port } = await serveSite();
    const { out, code } = await doctor([`http://app.localhost:${port}/read`]);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`A bridge answers at http://app.localhost:${port}`),
    ]);
  });
});

describe("session-bridge doctor with several addresses", () => {
  it("names two apps on one host that overwrite each other's cookie, and the cure, which works", async () => {
    const [one, other] = [await serveSite(), await serveSite()];
    const [first, second] = [`http://localhost:${one.port}`, `http://localhost:${other.port}`];
    const { out, code } = await doctor([`${first}/login`, `${second}/login`]);
    expect(code).toBe(1);
    expect(out).toContain(
      `! ${first} and ${second} are two apps with the session cookie sessionid: cookies ignore ports, so each overwrites the other's session.`,
    );
    const cure = `http://app.localhost:${other.port}`;
    expect(out).toContain(`Next: Open one of them as ${cure}, or give it another cookie name.`);
    const cured = await doctor([`${first}/login`, `${cure}/login`]);
    expect([cured.code, cured.out]).toEqual([0, expect.not.stringContaining("overwrites")]);
  });

  it("names them also when no response set the cookie yet", async () => {
    const [one, other] = [await serveSite(), await serveSite()];
    const urls = [`http://localhost:${one.port}/read`, `http://localhost:${other.port}/read`];
    expect((await doctor(urls)).out).toContain("are two apps with the session cookie sessionid");
    const apart = await doctor([urls[0] ?? "", `http://127.0.0.1:${other.port}/read`]);
    expect([apart.code, apart.out]).toEqual([0, expect.not.stringContaining("overwrites")]);
  });

  it("does not accuse two addresses of one app", async () => {
    const { port } = await serveSite();
    for (const isWhole of [true, false]) {
      const front = await pass(port, isWhole);
      const urls = [`http://localhost:${front}/login`, `http://localhost:${port}/login`];
      const { out, code } = await doctor(urls);
      expect([code, out]).toEqual([0, expect.not.stringContaining("overwrites")]);
    }
  });

  it("does not accuse two addresses of one app whose bridge wants a token, which the command does not have", async () => {
    const { port } = await serveSite({ bridge: { token: TOKEN } });
    const urls = [`http://localhost:${await pass(port, false)}/login`, `http://localhost:${port}/login`];
    const { out } = await doctor(urls);
    expect(out).toContain("It sets the cookie sessionid");
    expect(out).not.toContain("overwrites");
  });

  it("does not accuse apps whose cookies have different names, paths or hosts", async () => {
    const start = async (cookie: string) => serve(answerWith({ "Set-Cookie": `${cookie}; HttpOnly` }));
    const [sid, shop, named] = [
      await start("sid=1"),
      await start("sid=1; Path=/shop"),
      await start("shop.sid=1"),
    ];
    const urls = [`http://localhost:${sid}`, `http://localhost:${shop}`, `http://localhost:${named}`];
    expect((await doctor([...urls, `http://127.0.0.1:${sid}`])).out).not.toContain("overwrites");
  });

  it("says no more than is certain about servers without a bridge", async () => {
    const sid = answerWith({ "Set-Cookie": "sid=1; HttpOnly" });
    const [one, other] = [`http://localhost:${await serve(sid)}`, `http://localhost:${await serve(sid)}`];
    expect((await doctor([one, other])).out).toContain(
      `! ${one} and ${other} have the session cookie sid, and cookies ignore ports: if these are two apps, each overwrites the other's session.`,
    );
  });
});

describe("session-bridge doctor that was asked wrongly", () => {
  it.each([
    ["no address", [], "Which app?"],
    ["an address without a scheme", ["localhost:3000"], "with their scheme"],
    ["what is no address", ["hunter2"], "with their scheme"],
    ["a password in the address", ["http://me:hunter2@localhost:3000"], "a user's name or password"],
    ["too many addresses", Array.from({ length: 11 }, () => "http://localhost:1"), "at most 10"],
  ])("exits with 2 for %s, and repeats nothing", async (_, urls, complaint) => {
    const { out, errors, code } = await doctor(urls);
    expect([out, code]).toEqual(["", 2]);
    expect(errors).toContain(complaint);
    expect(errors).not.toContain("hunter2");
  });
});
