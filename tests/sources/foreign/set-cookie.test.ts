/** The cookie that a response sets, read from its headers: as the libraries write it, and its value as it was sent. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { readSetCookie } from "../../../server-bridge/src/sources/foreign/set-cookie.ts";

function respond(lines: string[] | string): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader("set-cookie", lines);
  return response;
}

describe("a cookie that a response sets", () => {
  it.each([
    "a=b==",
    '"in quotes"',
    "s%3Aid.sig%2Bnature%3D",
    "%",
    "%E0%A4%A",
    "with,comma",
    "eyJ2IjoxfQ==",
    "",
  ])("keeps its exact value: %s", (value) => {
    const response = respond(["other=1; Path=/", `sid=${value}; Path=/; HttpOnly`, "csrf=sid=no"]);
    expect(readSetCookie(response, "sid")?.value).toBe(value);
  });

  it("keeps its attributes", () => {
    const line = "sid=1; Domain=.example.com; Path=/app; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT";
    expect(readSetCookie(respond(`${line}; HttpOnly; Secure; SameSite=Lax`), "sid")?.observed).toEqual({
      name: "sid",
      action: "set",
      maxAge: 60,
      expiresAtMs: Date.UTC(2099, 0, 1),
      path: "/app",
      domain: ".example.com",
      secure: true,
      httpOnly: true,
      sameSite: "Lax",
    });
    expect(readSetCookie(respond("sid=1"), "sid")?.observed).toEqual({
      name: "sid",
      action: "set",
      maxAge: null,
      expiresAtMs: null,
      path: "/",
      domain: null,
      secure: false,
      httpOnly: false,
      sameSite: null,
    });
  });

  it.each([
    ["Max-Age=0", "deleted"],
    ["Max-Age=-1", "deleted"],
    ["Expires=Thu, 01 Jan 1970 00:00:00 GMT", "deleted"],
    ["Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "set"],
  ] as const)("with %s is %s", (attributes, action) => {
    expect(readSetCookie(respond(`sid=; ${attributes}`), "sid")?.observed.action).toBe(action);
  });

  it("is the last of its name, and null when there is none", () => {
    expect(readSetCookie(respond(["sid=1", "sid=2", "sid2=3"]), "sid")?.value).toBe("2");
    expect(readSetCookie(respond(["sid2=3"]), "sid")).toBeNull();
  });

  it("is found in headers that were written with writeHead, as Fastify does", () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    response.writeHead(200, ["set-cookie", "other=1", "set-cookie", "sid=a%3D; Path=/"]);
    expect(readSetCookie(response, "sid")?.value).toBe("a%3D");
  });
});
