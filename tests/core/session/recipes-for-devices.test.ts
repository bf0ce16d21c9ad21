/** The recipes of `docs/devices.md`, as its handlers have them. */
import { database } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnySession, library, type Page } from "../library.ts";

const ANN = 123;

/** An app with one account, whose password is compared slowly if a test says so. */
async function app() {
  const made = library({
    engine: database("sqlite::memory:"),
    users: { of: (session) => session.get("user_id"), exclusive: true },
    saveEveryRequest: true,
  });
  const { request, sessions } = made;
  await sessions.migrate();
  const account = { password: "old", version: 1 };

  /** The handler of /login. `comparing` stands for the time that a hash takes. */
  async function logIn(session: AnySession, password: string, comparing: Promise<void> = Promise.resolve()) {
    const { password: right, version } = account;
    await comparing;
    if (password !== right) return;
    session["user_id"] = ANN;
    session["password_version"] = version;
    session.cycleKey();
  }

  /** The handler of /password. */
  async function changePassword(session: AnySession, password: string) {
    account.password = password;
    account.version += 1;
    session["password_version"] = account.version;
    session.cycleKey();
    await sessions.endAll(ANN, { except: session });
  }

  /** What each request goes through before its handler. */
  function compareVersions(session: AnySession) {
    if (session["user_id"] !== undefined && session["password_version"] !== account.version) session.flush();
  }

  const cookieAfter = async (handle: (session: AnySession) => unknown, page: Page = {}) =>
    (await request(handle, page)).cookie ?? page.cookie ?? "";
  const whoIs = async (cookie: string, before: (session: AnySession) => void = () => {}) => {
    const { session } = await request(before, { cookie });
    return session.get("user_id");
  };
  const count = async () => {
    let found = 0;
    for await (const _ of sessions.forUser(ANN)) found += 1;
    return found;
  };
  return { ...made, account, logIn, changePassword, compareVersions, cookieAfter, whoIs, count };
}

describe("when the password changes", () => {
  it("every session but the one that changed it is logged out", async () => {
    const { logIn, changePassword, cookieAfter, whoIs } = await app();
    const phone = await cookieAfter((session) => logIn(session, "old"));
    const laptop = await cookieAfter((session) => logIn(session, "old"));
    const renewed = await cookieAfter((session) => changePassword(session, "new"), { cookie: laptop });
    expect(renewed).not.toBe(laptop);
    expect([await whoIs(phone), await whoIs(laptop), await whoIs(renewed)]).toEqual([
      undefined,
      undefined,
      ANN,
    ]);
  });

  it("endAll cannot know which password a login compares, so one with the old password stays", async () => {
    const { logIn, changePassword, cookieAfter, whoIs } = await app();
    const laptop = await cookieAfter((session) => logIn(session, "old"));
    const comparing = Promise.withResolvers<void>();
    const thief = cookieAfter((session) => logIn(session, "old", comparing.promise));
    await cookieAfter((session) => changePassword(session, "new"), { cookie: laptop });
    comparing.resolve();
    expect(await whoIs(await thief)).toBe(ANN);
  });

  it("a version that each request compares ends that login, and no one else's", async () => {
    const { logIn, changePassword, compareVersions, cookieAfter, whoIs, count } = await app();
    const laptop = await cookieAfter((session) => logIn(session, "old"));
    const comparing = Promise.withResolvers<void>();
    const thief = cookieAfter((session) => logIn(session, "old", comparing.promise));
    const renewed = await cookieAfter((session) => changePassword(session, "new"), { cookie: laptop });
    comparing.resolve();
    expect(await whoIs(await thief, compareVersions)).toBeUndefined();
    expect(await whoIs(renewed, compareVersions)).toBe(ANN);
    const phone = await cookieAfter((session) => logIn(session, "new"));
    expect(await whoIs(phone, compareVersions)).toBe(ANN);
    expect(await count()).toBe(2);
  });
});

describe("one device per user", () => {
  const logInAlone =
    ({ sessions, logIn }: Awaited<ReturnType<typeof app>>) =>
    async (session: AnySession) => {
      await logIn(session, "old");
      await session.cycleKey(); // stores it
      await sessions.endAll(ANN, { except: session });
    };

  it("a login ends the one before it, also if the visitor had a session as a guest", async () => {
    const shop = await app();
    const { cookieAfter, whoIs, count } = shop;
    const first = await cookieAfter(logInAlone(shop));
    const guest = await cookieAfter((session) => session.set("cart", ["tea"]));
    const second = await cookieAfter(logInAlone(shop), { cookie: guest });
    expect([await whoIs(first), await whoIs(second), await count()]).toEqual([undefined, ANN, 1]);
  });

  it("of logins at the same time at most one stays", async () => {
    const shop = await app();
    await Promise.all(Array.from({ length: 20 }, () => shop.request(logInAlone(shop))));
    expect(await shop.count()).toBeLessThanOrEqual(1);
  });
});

describe("log out everywhere, here too", () => {
  it("is endAll and flush: the response deletes the cookie", async () => {
    const { sessions, request, logIn, cookieAfter, count } = await app();
    await cookieAfter((session) => logIn(session, "old"));
    const cookie = await cookieAfter((session) => logIn(session, "old"));
    const answer = await request(
      async (session) => {
        await sessions.endAll(Number(session["user_id"]));
        session.flush();
      },
      { cookie },
    );
    expect(answer.instead).toBeNull();
    expect(answer.line).toContain('sessionid=""');
    expect(await count()).toBe(0);
  });

  it("without flush, a request that prolongs the session that it has ended is a 400", async () => {
    const { sessions, request, logIn, cookieAfter, count } = await app();
    const cookie = await cookieAfter((session) => logIn(session, "old"));
    const answer = await request((session) => sessions.endAll(Number(session["user_id"])), { cookie });
    expect(answer.instead?.status).toBe(400);
    expect(await count()).toBe(0);
  });
});
