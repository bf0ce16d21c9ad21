// @vitest-environment happy-dom
/** The lines above the session's contents: which row is shown, and when the session expires. They claim only what is known. */
import { cleanup, screen } from "@testing-library/preact";
import type { Deadlines, Trace, TraceCookie, TraceSide } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { formatMoment } from "../../../extension/logic/time-text.ts";
import { rowNumber } from "../harness/steps.ts";
import { KEY, play, playStory, storyCookies } from "../harness/story.ts";
import { createMemoryServer } from "../memory-ports/server.ts";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const START = Date.UTC(2026, 10, 23, 9, 0, 0);
const LATER = Date.UTC(2026, 10, 24, 9, 0, 0);
const HOUR = 3600_000;
const SIDE: TraceSide = {
  key: "k3v9…x0q2",
  keyId: KEY,
  dataJson: "{}",
  version: "1",
  expiresAt: null,
  truncated: false,
};
const SET_COOKIE: TraceCookie = {
  name: "sessionid",
  action: "set",
  maxAge: null,
  expiresAt: null,
  path: "/",
  domain: null,
  secure: false,
  httpOnly: true,
  sameSite: "Lax",
};

interface Expiries {
  /** As the server stores it; null: the store keeps none. */
  session: number | null;
  /** As the browser holds it; null: when the browser closes. */
  cookie: number | null;
  /** Default: one with a store. */
  engine?: string;
  /** The server's clock minus the browser's. */
  aheadMs?: number;
}

async function expiryShown({ session, cookie, engine, aheadMs = 0 }: Expiries): Promise<string> {
  const world = createMemoryWorld();
  world.server = createMemoryServer(() => world.now() + aheadMs);
  if (engine !== undefined) world.server.hello.engine = engine;
  world.server.put(KEY, { user_id: 123 }, session);
  world.setCookies([fillCookie({ value: KEY, expiresAt: cookie })]);
  openPanel(world);
  await turns();
  return shown();
}

/** The words after "Expires". */
const shown = (): string =>
  screen.getByText("Expires", { selector: ".summary dt" }).nextSibling?.textContent ?? "";

async function storyShown(
  choose: (world: MemoryWorld) => string,
  more?: (world: MemoryWorld) => void,
  { aheadMs = 0 } = {},
) {
  const world = createMemoryWorld();
  world.server = createMemoryServer(() => world.now() + aheadMs);
  storyCookies(world);
  const models = openPanel(world);
  playStory(world, false);
  more?.(world);
  await turns();
  world.advance(2000);
  await turns();
  const id =
    choose(world) === "outside" ? models.view.rows.peek().find(({ type }) => type === "outside")?.id : null;
  models.view.select(id ?? rowNumber(models, Number(choose(world))));
  await turns();
  return models;
}

it("says when the session expires, and how long that is from now", async () => {
  expect(await expiryShown({ session: LATER, cookie: LATER })).toMatch(/2026.* \(in 1d 00:00:00\)$/);
});

it("says that a session ends when the browser closes, too, if its cookie has no expiry", async () => {
  expect(await expiryShown({ session: LATER, cookie: null })).toMatch(/2026.*, or when the browser closes$/);
});

it.each(["signed_cookies", "cookie-session", "iron-session", "@fastify/secure-session"])(
  "says that a session without an expiry, which %s keeps in a cookie without one, ends when the browser closes",
  async (engine) => {
    expect(await expiryShown({ session: null, cookie: null, engine })).toBe("when the browser closes");
  },
);

it("says that a store may drop a session without an expiry before that: many stores have their own", async () => {
  const expected = "when the browser closes, or when its store drops it";
  expect(await expiryShown({ session: null, cookie: null, engine: "express-session" })).toBe(expected);
});

it("says that a session without an expiry expires with its cookie if that has one", async () => {
  expect(await expiryShown({ session: null, cookie: LATER, engine: "cookie-session" })).toMatch(
    /^with its cookie, .*2026.* \(in 1d 00:00:00\)$/,
  );
  cleanup();
  expect(await expiryShown({ session: null, cookie: LATER })).toMatch(
    /^with its cookie, .*2026.* \(in 1d 00:00:00\), or when its store drops it$/,
  );
});

it("shows the cookie's expiry if that is the earlier one, and says so", async () => {
  expect(await expiryShown({ session: LATER + HOUR, cookie: LATER })).toMatch(
    /^with its cookie, .*2026.* \(in 1d 00:00:00\)$/,
  );
});

it("shows the session's expiry if the cookie expires later, or at the same time within a second", async () => {
  expect(await expiryShown({ session: LATER, cookie: LATER + HOUR })).toMatch(/^[^w].* \(in 1d 00:00:00\)$/);
  cleanup();
  expect(await expiryShown({ session: LATER, cookie: LATER - 1000 })).toMatch(/^[^w].* \(in 1d 00:00:00\)$/);
});

it.each([
  ["a server that is ahead by an hour", HOUR],
  ["a server that is behind by an hour", -HOUR],
])("shows each expiry's date and the time left by the browser's clock, with %s", async (_, aheadMs) => {
  const day = `${formatMoment(LATER)} (in 1d 00:00:00)`;
  expect(await expiryShown({ session: null, cookie: LATER, engine: "cookie-session", aheadMs })).toBe(
    `with its cookie, ${day}`,
  );
  cleanup();
  expect(await expiryShown({ session: LATER + aheadMs, cookie: LATER + HOUR, aheadMs })).toBe(day);
  cleanup();
  expect(await expiryShown({ session: LATER + aheadMs + HOUR, cookie: LATER, aheadMs })).toBe(
    `with its cookie, ${day}`,
  );
});

it("shows a past row's expiry by the browser's clock, too", async () => {
  const [side, from] = [{ ...SIDE, expiresAt: START + 2 * HOUR }, { aheadMs: HOUR }];
  expect(await pastExpiry(null, { after: side, seen: "cookie" }, from)).toBe(formatMoment(START + HOUR));
  cleanup();
  expect(await pastExpiry({ expiresAt: START + 2 * HOUR }, { seen: "cookie" }, from)).toBe(
    `with its cookie, ${formatMoment(START + HOUR)}`,
  );
});

it("says of a row in a history file that its expiry is by the server's clock: how wrong that was is not known", async () => {
  const models = await storyShown(() => "3");
  await models.exchange.open(models.exchange.history().text);
  models.view.select(rowNumber(models, 3));
  await turns();
  expect(shown()).toMatch(/2026.* by the server's clock$/);
});

it("compares the two expiries by one clock: with a server ahead by an hour, a cookie's comes an hour later", async () => {
  expect(await expiryShown({ session: LATER + HOUR / 2, cookie: LATER, aheadMs: HOUR })).toMatch(
    /^[^w].* \(in 23:30:00\)$/,
  );
});

/** The expiry of a past row without one in its session, by its Set-Cookie's attributes. */
async function pastExpiry(
  cookie: Partial<TraceCookie> | null,
  trace: Partial<Trace> = {},
  { aheadMs = 0 } = {},
): Promise<string> {
  await storyShown(
    () => "9",
    (world) => {
      play(world, {
        path: "/none",
        trace: { at: START, after: SIDE, cookie: cookie && { ...SET_COOKIE, ...cookie }, ...trace },
      });
    },
    { aheadMs },
  );
  return shown();
}

it("says of a past row without an expiry only what its Set-Cookie said", async () => {
  expect(await pastExpiry({})).toBe("when the browser closes, or when its store drops it");
});

it("says of a past row whose session was in its cookie that it ends when the browser closes", async () => {
  expect(await pastExpiry({}, { seen: "cookie" })).toBe("when the browser closes");
});

it("counts a past row's Max-Age from its response, for it wins over Expires", async () => {
  const inAnHour = formatMoment(START + HOUR);
  expect(await pastExpiry({ maxAge: 3600 }, { seen: "cookie" })).toBe(`with its cookie, ${inAnHour}`);
  cleanup();
  expect(await pastExpiry({ maxAge: 3600, expiresAt: LATER }, { seen: "cookie" })).toBe(
    `with its cookie, ${inAnHour}`,
  );
});

it("counts Max-Age from the response, not from the request's arrival", async () => {
  const request = { method: "GET", path: "/none", status: 200, durationMs: 60_000 };
  expect(await pastExpiry({ maxAge: 3600 }, { seen: "cookie", request })).toBe(
    `with its cookie, ${formatMoment(START + HOUR + 60_000)}`,
  );
});

it("takes a past row's Expires if there is no Max-Age", async () => {
  expect(await pastExpiry({ expiresAt: LATER }, { seen: "cookie" })).toBe(
    `with its cookie, ${formatMoment(LATER)}`,
  );
});

it("says that a past row's expiry is not known if nothing says it", async () => {
  expect(await pastExpiry(null, { before: SIDE })).toBe("not known");
});

it("names the request whose session is shown by its number, its method and its path", async () => {
  await storyShown(() => "3");
  expect(document.querySelector(".shown-row")?.textContent).toBe("NowAfter request 3 · POST /login");
});

it("names a change that no request of this tab made as one from outside", async () => {
  await storyShown(() => "outside");
  expect(document.querySelector(".shown-row")?.textContent).toBe("NowAfter GET /inbox, outside this tab");
});

it("names both rows of a comparison, the earlier first", async () => {
  const models = await storyShown(() => "8");
  models.view.select(rowNumber(models, 8));
  models.view.extend(rowNumber(models, 3));
  await turns();
  expect(document.querySelector(".shown-row")?.textContent).toBe(
    "NowFrom request 3 · POST /login to request 8 · GET /cart",
  );
});

describe("with absoluteAge and idleAge", () => {
  const open = async (deadlines: Deadlines | undefined, session: number, { aheadMs = 0 } = {}) => {
    const world = createMemoryWorld();
    world.server = createMemoryServer(() => world.now() + aheadMs);
    world.server.put(KEY, { user_id: 123 }, session);
    world.server.know(KEY, deadlines === undefined ? {} : { deadlines });
    world.setCookies([fillCookie({ value: KEY, expiresAt: START + 48 * HOUR })]);
    openPanel(world);
    await turns();
    return world;
  };
  const fact = (name: string) =>
    screen.queryByText(name, { selector: ".summary dt" })?.nextSibling?.textContent ?? null;

  it("counts both down, and says that the sooner one ends the session", async () => {
    const world = await open({ absolute: START + 8 * HOUR, idle: START + HOUR / 4 }, START + HOUR / 4);
    expect(shown()).toMatch(/ \(in 00:15:00\) by idleAge$/);
    expect(fact("absoluteAge")).toMatch(/ \(in 08:00:00\), however it is used$/);
    expect(fact("idleAge")).toMatch(/ \(in 00:15:00\), if it is not used$/);
    world.advance(1000);
    await turns();
    expect(fact("absoluteAge")).toContain("07:59:59");
    expect(fact("idleAge")).toContain("00:14:59");
    world.advance(HOUR / 4);
    await turns();
    expect(fact("idleAge")).toMatch(/ \(expired\), if it is not used$/);
  });

  it("says that the absolute one ends it if that comes first, and shows no idle one that cannot come", async () => {
    await open({ absolute: START + 60_000, idle: null }, START + 60_000);
    expect(shown()).toMatch(/ \(in 00:01:00\) by absoluteAge$/);
    expect(fact("idleAge")).toBeNull();
  });

  it("says that the absolute one ends it if both come at once, because no use moves that", async () => {
    await open({ absolute: START + 60_000, idle: START + 60_000 }, START + 60_000);
    expect(shown()).toMatch(/ \(in 00:01:00\) by absoluteAge$/);
  });

  it("blames neither if the session's own expiry comes first", async () => {
    await open({ absolute: START + 8 * HOUR, idle: null }, START + 60_000);
    expect(shown()).toMatch(/ \(in 00:01:00\)$/);
  });

  it("counts them by the browser's clock", async () => {
    await open({ absolute: START + 9 * HOUR, idle: null }, START + 9 * HOUR, { aheadMs: HOUR });
    expect(fact("absoluteAge")).toContain("(in 08:00:00)");
  });

  it("shows neither if the bridge reports none", async () => {
    await open(undefined, START + HOUR);
    expect([fact("absoluteAge"), fact("idleAge")]).toEqual([null, null]);
    expect(shown()).not.toContain(" by ");
  });
});
