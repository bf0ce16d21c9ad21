/** Sessions without USE_TZ around the hours that clocks repeat or skip: every place that gives the expiry gives the same. */
import { createSessions, database, file, type Sessions } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import { makeDirectory } from "../engines/servers.ts";

const opened: Sessions[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((sessions) => sessions.close()));
});

async function library(timeZone: string, now: string): Promise<Sessions> {
  const sessions = createSessions({
    secretKey: "local times",
    engine: database("sqlite::memory:"),
    useTz: false,
    timeZone,
    clock: () => Date.parse(now),
    log: () => {},
  });
  opened.push(sessions);
  await sessions.migrate();
  return sessions;
}

/** The expiry according to the session, to the data as a bridge reads them, and to the row. */
async function endsOf(timeZone: string, now: string, expiry: Date | number | null) {
  const sessions = await library(timeZone, now);
  const session = sessions.open();
  session.setExpiry(expiry);
  const told = session.getExpiryDate().toISOString();
  await session.save();
  const stored = await sessions.engine.load(session.sessionKey ?? "");
  const row = stored === null || stored === "expired" ? Number.NaN : (stored.expiresAtMs ?? Number.NaN);
  const { expiresAtMs } = sessions.expiryOf(JSON.stringify(session));
  return { told, data: new Date(expiresAtMs).toISOString(), row: new Date(row).toISOString() };
}

const all = (moment: string) => ({ told: moment, data: moment, row: moment });

describe("without USE_TZ, the session, its data and its row expire at the same time", () => {
  it.each([
    ["Europe/Berlin", "2026-10-25T00:30:00.000Z"],
    ["America/New_York", "2026-11-01T05:30:00.000Z"],
    ["Australia/Lord_Howe", "2026-04-04T14:45:00.000Z"],
  ])("in %s, when the clocks show a repeated hour for the first time", async (zone, moment) => {
    expect(await endsOf(zone, "2026-01-01T00:00:00Z", new Date(moment))).toEqual(all(moment));
  });

  it.each([
    ["Europe/Berlin", "2026-10-25T01:30:00.000Z", "2026-10-25T00:30:00.000Z"],
    ["America/New_York", "2026-11-01T06:30:00.000Z", "2026-11-01T05:30:00.000Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:15:00.000Z", "2026-04-04T14:45:00.000Z"],
  ])(
    "in %s, when they show it again: Django's naive time is ambiguous, and the first counts",
    async (zone, moment, first) => {
      expect(await endsOf(zone, "2026-01-01T00:00:00Z", new Date(moment))).toEqual(all(first));
    },
  );

  it.each([
    ["Europe/Berlin", "2026-03-29T01:00:00.000Z"],
    ["America/New_York", "2026-03-08T07:00:00.000Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"],
  ])("in %s, when the clocks have just skipped an hour", async (zone, moment) => {
    expect(await endsOf(zone, "2026-01-01T00:00:00Z", new Date(moment))).toEqual(all(moment));
  });

  it.each([
    // what Django writes: datetime.now() in the zone, plus a timedelta
    ["two weeks on the clocks", "2026-10-20T10:00:00Z", null, "2026-11-03T11:00:00.000Z"],
    [
      "ten minutes on the clocks, which take an hour",
      "2026-10-25T00:50:00Z",
      600,
      "2026-10-25T02:00:00.000Z",
    ],
    ["ten minutes after the hour shown twice", "2026-10-25T01:50:00Z", 600, "2026-10-25T02:00:00.000Z"],
    ["twenty minutes into the skipped hour", "2026-03-29T00:50:00Z", 1200, "2026-03-29T01:10:00.000Z"],
  ])("after %s, if the expiry is in seconds", async (_, now, seconds, end) => {
    expect(await endsOf("Europe/Berlin", now, seconds)).toEqual(all(end));
  });

  it("except for an expiry in the second of two hours, which the row stores as the first; the session stays valid", async () => {
    const { told, data, row } = await endsOf("Europe/Berlin", "2026-10-25T01:20:00Z", 600);
    expect({ told, data }).toEqual({ told: "2026-10-25T01:30:00.000Z", data: "2026-10-25T01:30:00.000Z" });
    expect(row).toBe("2026-10-25T00:30:00.000Z"); // loaded, so alive: rows are compared as local times
  });

  it("also after seconds with a fraction smaller than a microsecond", async () => {
    const { told, data } = await endsOf("Europe/Berlin", "2026-10-25T01:20:00Z", 600.000_000_4);
    expect([told, data]).toEqual(["2026-10-25T01:30:00.000Z", "2026-10-25T01:30:00.000Z"]);
  });

  it("or is cut if the data have more seconds than any date", async () => {
    const sessions = await library("Europe/Berlin", "2026-10-20T10:00:00Z");
    const session = sessions.open();
    session.set("_session_expiry", 1e18);
    await session.save();
    expect(await sessions.engine.load(session.sessionKey ?? "")).not.toBeNull();
  });
});

describe("without USE_TZ, a session file", () => {
  it("that expires in some minutes is valid in both hours that clocks repeat", async () => {
    const place = await makeDirectory();
    for (const now of ["2026-10-25T00:20:00Z", "2026-10-25T00:50:00Z", "2026-10-25T01:20:00Z"]) {
      const sessions = createSessions({
        secretKey: "local times",
        engine: file(place.address),
        useTz: false,
        timeZone: "Europe/Berlin",
        cookieAge: 600,
        clock: () => Date.parse(now),
      });
      const session = sessions.open();
      session.set("a", 1);
      await session.save();
      expect(await sessions.engine.load(session.sessionKey ?? ""), now).toMatchObject({
        text: expect.any(String),
      });
    }
    await place.remove();
  });
});
