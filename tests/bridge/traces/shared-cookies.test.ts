/** Signed cookies that are equal in two browsers (T27): a panel that sends one sees what was done to it, but not what the other did next. */
import { signedCookies } from "session-bridge";
import { afterEach, beforeEach, expect, it } from "vitest";
import { START } from "../panel.ts";
import { call, type Site, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";

let site: Site;
let alice: Visitor;
let bob: Visitor;

beforeEach(async () => {
  const clock = () => START; // all within one second
  site = await startSite({ engine: signedCookies(), sessions: { clock }, bridge: { clock } });
  [alice, bob] = [new Visitor(site), new Visitor(site)];
  await alice.visit("/set?views=1");
  await bob.visit("/set?views=1");
});
afterEach(() => site.close());

it("is the same for two visitors with equal data in the same second", () => {
  expect(alice.cookie).not.toBe("");
  expect(alice.cookie).toBe(bob.cookie);
});

it("shows neither visitor the other's login, or anything after it", async () => {
  const listener = await listen(site, { cookies: [alice.cookie] });
  await bob.visit("/login", "POST");
  await bob.visit("/set?secret=%22of+bob%22");
  const before = alice.cookie;
  await alice.visit("/read");
  await listener.trace("/read");
  expect(JSON.stringify(listener.events)).not.toMatch(/john_doe|of bob|\/login/);
  for (const id of bob.traceIds.slice(1)) expect(JSON.stringify(listener.events)).not.toContain(id);
  expect(alice.cookie).toBe(before);
  listener.close();
});

it("shows every request to a visitor who has had all of its cookies", async () => {
  await bob.visit("/login", "POST");
  await bob.visit("/set?b=2");
  const listener = await listen(site, { cookies: bob.held });
  expect((await listener.trace("/login")).changes.map(({ key }) => key)).toEqual(["user_id", "username"]);
  expect((await listener.trace("/set")).changes).toMatchObject([{ key: "b", kind: "added" }]);
  listener.close();
});

it("accepts no cookie with a wrong signature, and shows nothing that follows from it", async () => {
  const forged = alice.cookie.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  const { json } = await call(site, "session", { cookie: forged });
  expect(json).toMatchObject({ found: false, reason: "tampered" });
  const listener = await listen(site, { cookies: [forged], ids: [] });
  const visitor = new Visitor(site);
  visitor.cookie = forged;
  await visitor.visit("/set?a=1");
  const mine = await listen(site, { cookies: visitor.held });
  await mine.trace("/set");
  expect(listener.events.filter(({ type }) => type === "trace")).toEqual([]);
  for (const one of [listener, mine]) one.close();
});
