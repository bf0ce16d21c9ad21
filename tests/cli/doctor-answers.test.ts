/** `session-bridge doctor` and what servers send: no answer, weak cookies, endless and hostile responses. */
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { answerWith, doctor, doctorWithin, serve, serveTcp } from "./doctor-run.ts";

/** The faults of a site that sets this cookie, without that of the missing bridge. */
async function faultsOf(
  cookie: string,
  at = (port: number) => `http://localhost:${port}/`,
): Promise<string[]> {
  const port = await serve(answerWith({ "Set-Cookie": cookie }));
  const { lines } = await doctor([at(port)]);
  return lines.filter((line) => line.startsWith("! ") && !line.startsWith("! No bridge"));
}

const below = (port: number) => `http://app.localhost:${port}/`;
const elsewhere = (port: number) => `http://0.0.0.0:${port}/`;

describe("session-bridge doctor and cookies", () => {
  it("shows a session cookie's attributes, and never its value", async () => {
    const lines = [
      "connect.sid=hunter2; Path=/shop; HttpOnly; SameSite=Lax; Max-Age=60",
      "PHPSESSID=hunter2; HttpOnly; Secure; Expires=Wed, 09 Jun 2100 10:18:14 GMT",
      "theme=hunter2",
      "hunter2",
    ];
    const { out } = await doctor([`http://localhost:${await serve(answerWith({ "Set-Cookie": lines }))}`]);
    expect(out).toContain(
      "It sets the cookie connect.sid: HttpOnly, no Secure, SameSite=Lax, Path=/shop, Max-Age=60.",
    );
    expect(out).toContain(
      "It sets the cookie PHPSESSID: HttpOnly, Secure, no SameSite, Expires=Wed, 09 Jun 2100 10:18:14 GMT.",
    );
    expect(out).not.toMatch(/hunter2|theme/);
  });

  it.each([
    ["connect.sid=1; Path=/", "has no HttpOnly"],
    ["__Host-session=1; Path=/; Secure", "has no HttpOnly"],
    ["a=1; SameSite=None", "SameSite=None is accepted only together with Secure"],
    ["__Secure-a=1", "__Secure- needs Secure"],
    ["__Host-a=1; Path=/", "this one has no Secure"],
    ["__Host-a=1; Secure; Path=/; Domain=localhost", "this one has Domain=localhost"],
    ["__Host-a=1; Secure; Path=/shop", "this one has Path=/shop"],
    ["__Host-a=1; Secure", "Chromium refuses the cookie __Host-a: it has no Path"],
    ["a=1; Domain=localhost", "has Domain=localhost"],
    ["a=1; Domain=other.test", "its Domain is other.test"],
  ])("finds what is wrong with %s", async (cookie, fault) => {
    expect(await faultsOf(cookie)).toContainEqual(expect.stringContaining(fault));
  });

  it("finds a cookie that is longer than browsers accept, by one byte", async () => {
    expect(await faultsOf(`a=${"1".repeat(4096)}`)).toEqual([expect.stringContaining("4097 bytes")]);
    expect(await faultsOf(`a=${"1".repeat(4095)}`)).toEqual([]);
  });

  it("finds cookies that browsers refuse because of the host", async () => {
    expect(await faultsOf("a=1; Domain=localhost", below)).toEqual([
      expect.stringContaining("its Domain localhost is a top-level domain"),
    ]);
    expect(await faultsOf("a=1; Secure", elsewhere)).toEqual([expect.stringContaining("over plain http")]);
  });

  it.each([
    ["a cookie that is no session", "theme=dark"],
    ["the token against forged forms", "next-auth.csrf-token=1"],
    ["a session cookie with HttpOnly", "sid=1; HttpOnly"],
    ["a session cookie that is deleted", "sid=; Max-Age=0"],
    ["SameSite=None with Secure", "a=1; SameSite=None; Secure"],
    ["Secure over plain http from this machine", "a=1; Secure"],
    ["a __Secure- name with Secure", "__Secure-a=1; Secure"],
    ["a __Host- name with what it needs", "__Host-a=1; Secure; Path=/"],
  ])("finds nothing wrong with %s", async (_, cookie) => {
    expect(await faultsOf(cookie)).toEqual([]);
  });

  it("finds nothing wrong with a Domain above the host", async () => {
    expect(
      await faultsOf("a=1; Domain=shop.localhost", (port) => `http://my.shop.localhost:${port}/`),
    ).toEqual([]);
  });
});

describe("session-bridge doctor and servers that do not answer", () => {
  it("says that nothing listens", async () => {
    const { lines, code } = await doctor(["http://localhost:1"]);
    expect(code).toBe(1);
    expect(lines[1]).toBe("! http://localhost:1/: nothing listens there (connection refused).");
    expect(lines[2]).toContain("Next: Start the app");
  });

  it("stops waiting for a server that never answers", async () => {
    const port = await serveTcp(() => {});
    const { lines, code } = await doctorWithin(200, `http://localhost:${port}`);
    expect([lines[1], code]).toEqual([
      `! http://localhost:${port}/: there was no answer within 0.2 seconds.`,
      1,
    ]);
  });

  it("says what to try when the scheme is the wrong one", async () => {
    const plain = await serve(answerWith({}));
    expect((await doctor([`https://localhost:${plain}`])).out).toContain(`give http://localhost:${plain}.`);
    const closing = await serveTcp((socket) => socket.once("data", () => socket.end()));
    expect((await doctor([`http://localhost:${closing}`])).out).toContain(
      `give https://localhost:${closing}.`,
    );
  });

  it("says that a response of 500 or above is wrong", async () => {
    const { out } = await doctor([`http://localhost:${await serve(answerWith({}, 503))}`]);
    expect(out).toContain("! It answers with 503, over HTTP/1.1.");
  });

  it("names the version of an old answer", async () => {
    const port = await serveTcp((socket) => socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\n")));
    expect((await doctor([`http://localhost:${port}`])).out).toContain("It answers with 200, over HTTP/1.0.");
  });
});

/** Writes `text` again and again, as fast as it is read; counts the bytes. */
function pour(socket: Socket, text: string, sent: { bytes: number }): void {
  const write = () => {
    while (!socket.destroyed) {
      sent.bytes += text.length;
      if (!socket.write(text)) return;
    }
  };
  socket.on("drain", write);
  write();
}

/** What the buffers of both ends may hold of what was sent and not read, with room to spare: bytes. */
const BUFFERS = 50_000_000;

describe("session-bridge doctor and hostile servers", () => {
  it("does not read headers without a limit", async () => {
    const sent = { bytes: 0 };
    const port = await serveTcp((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        pour(socket, `X-Long: ${"x".repeat(1000)}\r\n`, sent);
      });
    });
    const { out, code } = await doctor([`http://localhost:${port}`]);
    expect([out, code]).toEqual([expect.stringContaining("its headers are longer than 64 KiB"), 1]);
    expect(sent.bytes).toBeLessThan(BUFFERS);
  });

  it("does not read a body without a limit", async () => {
    const sent = { bytes: 0 };
    const port = await serveTcp((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
        pour(socket, "x".repeat(65_536), sent);
      });
    });
    const { out } = await doctor([`http://localhost:${port}`]);
    expect(out).toContain("It answers with 200");
    expect(sent.bytes).toBeGreaterThan(65_536); // so it wanted to send more than is read
    expect(sent.bytes).toBeLessThan(BUFFERS);
  });

  it("stops waiting for a body that never ends, and uses the head", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { "Set-Cookie": "sid=1; HttpOnly" });
      response.write("one line, and then silence");
    });
    expect((await doctorWithin(200, `http://localhost:${port}`)).out).toContain(
      "It sets the cookie sid: HttpOnly",
    );
  });

  it("shows control characters by their numbers, in every place that a server fills", async () => {
    const odd = "\u009b31m\u00ad"; // a terminal's command in one byte, and a character that cannot be seen
    const hello = {
      protocol: 1,
      library: { name: `lib\u001b]0;x\u0007`, version: "1\u202e" },
      engine: "database\r\n! Forged line.",
      cookieNames: [`sid\u0000`],
      capabilities: ["read"],
      serverTime: 0,
      process: "p",
      unproven: "because\u001b[2J",
    };
    const head = `HTTP/1.1 302 Found\r\nServer: ${odd}\r\nVia: ${odd}\r\nLocation: /${odd}\r\nSet-Cookie: sid${odd}=1; Path=${odd}; Domain=${odd}\r\nSet-Cookie: session=1; SameSite=${odd}\r\n`;
    const json = JSON.stringify(hello).replaceAll("\u202e", "\\u202e"); // the bytes below are latin1
    const port = await serveTcp((socket) =>
      socket.once("data", (request) => {
        const isCall = request.toString("latin1").startsWith("POST");
        const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
        socket.end(Buffer.from(isCall ? answer : `${head}\r\n`, "latin1"));
      }),
    );
    const { lines, out } = await doctor([`http://localhost:${port}`]);
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(lines).not.toContain("! Forged line.");
    expect(out).toContain("Server: \\u009b31m\\u00ad");
    expect(out).toContain(
      "lib\\u001b]0;x\\u0007 1\\u202e, engine database\\u000d\\u000a! Forged line., cookie sid\\u0000",
    );
    for (const line of lines) expect(line.length).toBeLessThan(2_000);
  });

  it("bounds what it shows and how many cookies it reads", async () => {
    const long = "s".repeat(5_000);
    const cookies = Array.from({ length: 200 }, (_, at) => `session${at}=1`);
    const headers = { Server: long, Via: long, "Set-Cookie": [`sid${long}=1`, ...cookies] };
    const { lines } = await doctor([`http://localhost:${await serve(answerWith(headers))}`]);
    for (const line of lines) expect(line.length).toBeLessThan(2_000);
    expect(lines.filter((line) => line.includes("It sets the cookie")).length).toBeLessThanOrEqual(50);
  });

  it("ignores Set-Cookie lines that are none", async () => {
    expect(await faultsOf(";;;")).toEqual([]);
    expect(await faultsOf("=; =; ;")).toEqual([]);
  });

  it("takes nothing for a bridge that is not its answer", async () => {
    for (const body of ["{}", "[]", "null", '{"protocol":1}', "<html>", "{".repeat(100_000)]) {
      const port = await serve((_request, response) => {
        response.writeHead(200, { "Content-Type": "application/json" }).end(body);
      });
      expect((await doctor([`http://localhost:${port}`])).out).toContain("! No bridge was seen.");
    }
  });

  it("does not follow an upgrade", async () => {
    const port = await serveTcp((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
      ),
    );
    expect((await doctor([`http://localhost:${port}`])).code).toBe(1);
  });
});
