/** Which response a difference between two readings is attributed to, and when it is only a span. */
import { describe, expect, it } from "vitest";
import { attribute } from "../../../../extension/logic/readings/attribute.ts";
import type { Answer, Known, SessionReading } from "../../../../extension/logic/readings/known.ts";
import { settle } from "../../../../extension/logic/readings/settle.ts";

/** A reading that took 10 ms; null for no session. */
const read = (at: number, data: object | null, changes: Partial<SessionReading> = {}): SessionReading => {
  const cookie = changes.cookie ?? (data === null ? "" : "key");
  return {
    askedAt: at,
    answeredAt: at + 10,
    cookie,
    found: data === null ? null : { dataJson: JSON.stringify(data), keyId: cookie },
    isEdit: false,
    ...changes,
  };
};

const answer = (
  id: string,
  startedAt: number,
  toldAt: number | null,
  changes: Partial<Answer> = {},
): Answer => ({
  id,
  startedAt,
  toldAt,
  endedAt: toldAt,
  sets: [],
  isBareRedirect: false,
  isFailed: false,
  method: "POST",
  path: `/${id}`,
  ...changes,
});

const sets = (value: string) => ({ sets: [{ value, maxAgeMs: null }] });
const jar = (seenAt: number, value: string, endsAt: number | null = null): Known["jar"][number] => ({
  seenAt,
  value,
  endsAt,
});
const held = jar(0, "key");

function say(known: Partial<Known>, carried = false, isSilent = false) {
  const site = { carried, isSilent };
  const { credits, spans } = attribute({ readings: [], answers: [], jar: [held], ...known }, site);
  return {
    credits: Object.fromEntries([...credits].map(([id, { reading }]) => [id, reading])),
    spans: spans.map(({ from, to, candidates, reading }) => ({
      from,
      to,
      by: candidates.map(({ path }) => path),
      reading,
    })),
  };
}

const before = '{"n":1}';
const after = '{"n":2}';

describe("a difference between two readings", () => {
  const readings = [read(1000, { n: 1 }), read(2000, { n: 2 })];

  it("belongs to the one response that set the cookie, not to those next to it", () => {
    const answers = [answer("save", 1200, 1400, sets("key")), answer("home", 1450, 1600)];
    expect(say({ readings, answers })).toEqual({ credits: { save: { before, after } }, spans: [] });
  });

  it("is a span if no response set the cookie", () => {
    const answers = [answer("home", 1450, 1600)];
    expect(say({ readings, answers })).toEqual({
      credits: {},
      spans: [{ from: 1000, to: 2010, by: [], reading: { before, after } }],
    });
  });

  it("is a span if two set it", () => {
    const answers = [answer("one", 1200, 1400, sets("key")), answer("two", 1300, 1600, sets("key"))];
    expect(say({ readings, answers })).toMatchObject({ credits: {}, spans: [{ by: ["/one", "/two"] }] });
  });

  it("is a span if another request failed, because it is not known whether the server saved", () => {
    const answers = [
      answer("save", 1200, 1400, sets("key")),
      answer("aborted", 1300, 1600, { isFailed: true }),
    ];
    expect(say({ readings, answers })).toMatchObject({ credits: {}, spans: [{ by: ["/save", "/aborted"] }] });
  });

  it("is a span if the browser has another cookie than the one response set", () => {
    const answers = [answer("save", 1200, 1400, sets("refused"))];
    expect(say({ readings, answers })).toMatchObject({ credits: {}, spans: [{ by: ["/save"] }] });
  });

  it("is not computed for a reading of the old cookie, made before the panel knew of the response", () => {
    const old = { cookie: "old" };
    const between = [
      read(1000, { n: 1 }, old),
      read(1350, { n: 1 }, old),
      read(2000, { n: 2 }, { cookie: "new" }),
    ];
    const answers = [answer("login", 1200, 1400, { ...sets("new"), endedAt: 1300 })];
    const known = { readings: between, answers, jar: [jar(0, "old"), jar(1390, "new")] };
    expect(say(known)).toEqual({ credits: { login: { before, after, newKey: true } }, spans: [] });
  });

  it("is a span if something else also changed the browser's cookie", () => {
    const answers = [answer("save", 1200, 1400, sets("key"))];
    expect(say({ readings, answers, jar: [held, jar(1700, "key", 9_000_000)] }).credits).toHaveProperty(
      "save",
    );
    const withAge = [answer("save", 1200, 1400, { sets: [{ value: "key", maxAgeMs: 3_600_000 }] })];
    const others = [held, jar(1450, "key", 3_601_390), jar(1990, "key", 3_601_950)];
    expect(say({ readings, answers: withAge, jar: others.slice(0, 2) }).credits).toHaveProperty("save");
    expect(say({ readings, answers: withAge, jar: others })).toMatchObject({
      credits: {},
      spans: [{ by: ["/save"] }],
    });
  });

  it("belongs to a response whose cookie the browser stored only after it reported the response", () => {
    const answers = [answer("save", 1200, 1400, { sets: [{ value: "key", maxAgeMs: 3_600_000 }] })];
    const late = [held, jar(1700, "key", 3_601_463)];
    expect(say({ readings, answers, jar: late }).credits).toHaveProperty("save");
  });

  it("is not computed for a reading that may have been before or after a save", () => {
    const during = [read(1000, { n: 1 }), read(1300, { n: 2 }), read(2000, { n: 2 })];
    const answers = [answer("save", 1200, 1400, sets("key"))];
    expect(say({ readings: during, answers })).toEqual({ credits: { save: { before, after } }, spans: [] });
  });

  it("is attributed again when a slow request turns out to have set the cookie", () => {
    const slow = answer("slow", 900, null);
    const save = answer("save", 1200, 1400, sets("key"));
    expect(say({ readings, answers: [slow, save] }).credits).toHaveProperty("save");
    const late = { ...slow, toldAt: 5000, endedAt: 5000, ...sets("key") };
    const more = [read(500, { n: 1 }), ...readings, read(6000, { n: 2 })];
    expect(say({ readings: more, answers: [late, save] })).toMatchObject({
      credits: {},
      spans: [{ by: ["/slow", "/save"] }],
    });
  });

  it("is neither a request's nor a span if the panel's edit made it", () => {
    const edited = [read(1000, { n: 1 }), read(1500, { n: 2 }, { isEdit: true }), read(2000, { n: 2 })];
    const answers = [answer("home", 1600, 1700)];
    expect(say({ readings: edited, answers })).toEqual({
      credits: { home: { before: after, after } },
      spans: [],
    });
  });

  it("is a span if the response that set the cookie overlaps an edit by the panel", () => {
    const edited = [read(1000, { n: 1 }), read(1500, { n: 2 }, { isEdit: true }), read(2000, { n: 3 })];
    for (const startedAt of [1450, 1505]) {
      const answers = [answer("save", startedAt, 1700, sets("key"))];
      expect(say({ readings: edited, answers })).toMatchObject({ credits: {}, spans: [{ by: ["/save"] }] });
    }
  });

  it("is empty if a save changed nothing", () => {
    const same = [read(1000, { n: 1 }), read(2000, { n: 1 })];
    const answers = [answer("save", 1200, 1400, sets("key")), answer("home", 1450, 1600)];
    expect(say({ readings: same, answers })).toEqual({
      credits: { save: { before, after: before }, home: { before, after: before } },
      spans: [],
    });
  });

  it("says nothing about a request whose change something else may have undone", () => {
    const same = [read(1000, { n: 1 }), read(2000, { n: 1 })];
    const answers = [answer("save", 1200, 1400, { sets: [{ value: "key", maxAgeMs: 3_600_000 }] })];
    const others = [held, jar(1450, "key", 3_601_390), jar(1990, "key", 3_601_950)];
    expect(say({ readings: same, answers, jar: others.slice(0, 2) }).credits).toHaveProperty("save");
    expect(say({ readings: same, answers, jar: others })).toEqual({ credits: {}, spans: [] });
  });

  it("says nothing about two requests that may have undone each other's changes", () => {
    const same = [read(1000, { n: 1 }), read(2000, { n: 1 })];
    const answers = [answer("one", 1200, 1400, sets("key")), answer("two", 1300, 1600, sets("key"))];
    expect(say({ readings: same, answers })).toEqual({ credits: {}, spans: [] });
  });
});

describe("a key", () => {
  const cycled = {
    readings: [read(1000, { n: 1 }, { cookie: "old" }), read(2000, { n: 1, user_id: 7 }, { cookie: "new" })],
    answers: [answer("login", 1200, 1400, sets("new"))],
    jar: [jar(0, "old"), jar(1350, "new")],
  };

  it("is new if the response set another one, and both belong to a session", () => {
    expect(say(cycled).credits["login"]).toEqual({ before, after: '{"n":1,"user_id":7}', newKey: true });
  });

  it("is not new if the whole session is in the cookie", () => {
    expect(say(cycled, true).credits["login"]).toEqual({ before, after: '{"n":1,"user_id":7}' });
  });

  it("that a login kept is reported, and one that was replaced before is not", () => {
    const login = (from: object, to: object) =>
      say({
        readings: [read(1000, from), read(2000, to)],
        answers: [answer("login", 1200, 1400, sets("key"))],
      }).credits["login"]?.findings;
    expect(login({ n: 1 }, { n: 1, user_id: 7 })).toEqual([
      { code: "login-without-new-key", keys: ["user_id"] },
    ]);
    expect(login({ user_id: null }, { user_id: 7 })).toHaveLength(1);
    expect(login({ username: "ada" }, { username: "byron" })).toBeUndefined(); // a new name is not a login
    expect(login({ user_id: 7 }, {})).toBeUndefined();
    expect(login({ n: 1 }, { n: 2 })).toBeUndefined();
    expect(say(cycled).credits["login"]?.findings).toBeUndefined();
  });
});

describe("a session that is gone", () => {
  const gone = (known: Partial<Known>) => {
    const { credits, spans } = say(known);
    return credits["logout"]?.gone ?? spans[0]?.reading.gone;
  };

  it("was deleted if a response deleted its cookie", () => {
    const readings = [read(1000, { n: 1 }), read(2000, null)];
    const answers = [answer("logout", 1200, 1400, sets(""))];
    expect(gone({ readings, answers, jar: [held, jar(1350, "")] })).toBe("deleted");
    expect(gone({ readings, answers: [], jar: [held, jar(1800, "")] })).toBe("no-cookie");
  });

  it("has ended if the browser still has the cookie", () => {
    const readings = [read(1000, { n: 1 }), read(2000, null, { cookie: "key" })];
    expect(gone({ readings })).toBe("ended");
    const other = [read(1000, { n: 1 }), read(2000, null, { cookie: "other" })];
    expect(gone({ readings: other, jar: [held, jar(1800, "other")] })).toBe("other-cookie");
  });
});

describe("a reading", () => {
  const settled = (known: Partial<Known>, now: number) => {
    const { readings, ...rest } = settle({ readings: [], answers: [], jar: [held], ...known }, now);
    return { used: readings.map(({ askedAt }) => askedAt), ...rest };
  };

  it("is used once the browser's list has had time to update", () => {
    const readings = [read(1000, { n: 1 })];
    expect(settled({ readings }, 1200)).toEqual({ used: [], isWaiting: true, isVoid: false });
    expect(settled({ readings }, 1600)).toEqual({ used: [1000], isWaiting: false, isVoid: false });
  });

  it("waits for a redirect that may have cookies that the browser reports late", () => {
    const readings = [read(1000, { n: 1 })];
    const answers = [answer("login", 900, 950, { isBareRedirect: true })];
    expect(settled({ readings, answers }, 1600).used).toEqual([]);
    expect(
      settled({ readings, answers: [{ ...answers[0], isBareRedirect: false } as Answer] }, 1600).used,
    ).toEqual([1000]);
    expect(settled({ readings, answers }, 2000).used).toEqual([1000]);
  });

  it("waits three seconds for a pending request", () => {
    const readings = [read(1000, { n: 1 })];
    const answers = [answer("slow", 900, null)];
    expect(settled({ readings, answers }, 3800).used).toEqual([]);
    expect(settled({ readings, answers }, 4000).used).toEqual([1000]);
  });

  it("waits a second for the response that gave the browser another cookie", () => {
    const readings = [read(1000, { n: 1 }, { cookie: "new" })];
    const known = { readings, jar: [held, jar(990, "new")] };
    expect(settled(known, 1900).used).toEqual([]);
    expect(settled(known, 2000).used).toEqual([1000]);
  });

  it("is void if the browser no longer had the cookie that was read", () => {
    const readings = [read(1000, null, { cookie: "key" })];
    const answers = [answer("login", 900, 950, sets("new"))];
    expect(settled({ readings, answers, jar: [held, jar(1100, "new")] }, 1600)).toEqual({
      used: [],
      isWaiting: false,
      isVoid: true,
    });
  });

  it("is not void if only a later request's response set another", () => {
    const readings = [read(1000, { n: 1 })];
    const answers = [answer("login", 1100, 1200, sets("new"))];
    expect(settled({ readings, answers, jar: [held, jar(1190, "new")] }, 1600).used).toEqual([1000]);
  });
});

describe("at a site that may save without setting the cookie", () => {
  const silently = (known: Partial<Known>) => say(known, false, true);
  const readings = [read(1000, { n: 1 }), read(2000, { n: 2 })];

  it("a difference is a span with all requests in it, even if one of them set the same cookie again", () => {
    const answers = [answer("save", 1200, 1400), answer("home", 1450, 1600, sets("key"))];
    expect(silently({ readings, answers })).toEqual({
      credits: {},
      spans: [{ from: 1000, to: 2010, by: ["/save", "/home"], reading: { before, after } }],
    });
  });

  it("a new cookie belongs to the one response that set it", () => {
    const login = [read(1000, null), read(2000, { n: 2 }, { cookie: "new" })];
    const answers = [answer("login", 1200, 1400, sets("new"))];
    const jars = [jar(0, ""), jar(1400, "new")];
    expect(silently({ readings: login, answers, jar: jars })).toMatchObject({
      credits: { login: { after } },
      spans: [],
    });
  });

  it("a request during a reading is not said to have changed nothing", () => {
    const same = [read(1000, { n: 1 }), read(2000, { n: 1 })];
    const [during, between] = [answer("during", 900, 1300), answer("between", 1200, 1400)];
    expect(Object.keys(silently({ readings: same, answers: [during, between] }).credits)).toEqual([
      "between",
    ]);
    expect(Object.keys(say({ readings: same, answers: [during, between] }).credits)).toEqual([
      "during",
      "between",
    ]);
  });
});
