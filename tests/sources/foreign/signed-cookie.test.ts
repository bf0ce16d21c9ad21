/** A cookie and its signature in a second one: what the client has after a response, and what koa-session has accepted. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createAcceptance } from "../../../server-bridge/src/sources/foreign/koa-acceptance.ts";
import { withoutQuotes } from "../../../server-bridge/src/sources/foreign/request-cookie.ts";
import { createSettingsMatch } from "../../../server-bridge/src/sources/foreign/settings-match.ts";
import { signedCookie } from "../../../server-bridge/src/sources/foreign/signed-cookie.ts";

/** A request with these cookies, and its response. */
function exchange(cookie: string) {
  const req = new IncomingMessage(new Socket());
  req.headers.cookie = cookie;
  return { req, res: new ServerResponse(req) };
}

describe("what the client sends after a response", () => {
  const cookie = signedCookie("koa.sess", undefined);

  it("is its previous value with the new signature", () => {
    const { res } = exchange("");
    res.setHeader("set-cookie", ["koa.sess.sig=new; path=/"]);
    expect(cookie.issuedBy(res, "v; koa.sess.sig=old")).toBe("v; koa.sess.sig=new");
  });

  it("is not known if the response signs nothing", () => {
    const { res } = exchange("");
    res.setHeader("set-cookie", ["koa.sess=other; path=/"]);
    expect(cookie.issuedBy(res, "v; koa.sess.sig=old")).toBeNull();
  });
});

it.each([
  ['"good"', "good"],
  ['"goodx', "good"],
  ['good"', 'good"'],
  ["good", "good"],
])("the cookie %s is read as %s, as npm's cookies does", (sent, read) => {
  expect(withoutQuotes(sent)).toBe(read);
});

describe("a key that koa-session loads from its store", () => {
  it.each([
    ["is accepted where its cookie is signed", {}, ["K; koa.sess.sig=x"]],
    ["is not accepted where the app takes keys from elsewhere", { externalKey: { get() {}, set() {} } }, []],
  ])("%s", (_, sessionOptions, accepted) => {
    const told: string[] = [];
    const match = createSettingsMatch("koa.sess", {});
    const acceptance = createAcceptance(signedCookie("koa.sess", undefined), match);
    if (acceptance.proof.by === "acceptance")
      acceptance.proof.whenAccepted((possession) => told.push(possession));
    acceptance.asked({ ...exchange("koa.sess=K; koa.sess.sig=x"), sessionOptions }, "K");
    expect(told).toEqual(accepted);
  });
});
