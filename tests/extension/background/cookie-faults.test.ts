/** A browser whose calls can fail at any time (T24): an edited cookie is never lost. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import { toTabCookie } from "../../../extension/background/to-tab-cookie.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const TAB = 1;
const word = fc.stringMatching(/^[a-z]{1,6}$/);
const edit = fc.record(
  {
    name: word,
    value: word,
    path: fc.constantFrom("/", "/x"),
    httpOnly: fc.boolean(),
    hostOnly: fc.boolean(),
    expiresAt: fc.option(fc.integer({ min: NOW + 1000, max: NOW + 10 ** 9 }), { nil: null }),
  },
  { requiredKeys: [] },
);
/** Up to three calls that fail, each before or after it took effect. */
const faults = fc.dictionary(
  fc.integer({ min: 1, max: 14 }).map(String),
  fc.constantFrom("before", "after"),
  {
    maxKeys: 3,
  },
);

function open() {
  const fake = createFakeJar();
  const old = toTabCookie(fake.put({ name: "old", value: "old" }));
  fake.put({ name: "bystander" });
  return { fake, old, jar: createCookieJar(fake, () => NOW) };
}

function holds(fake: ReturnType<typeof open>["fake"], { name, value, path, httpOnly }: TabCookie): boolean {
  return fake
    .all()
    .some(
      (one) => one.name === name && one.value === value && one.path === path && one.httpOnly === httpOnly,
    );
}

it("after a failure of any call the old or the new cookie is there, and no other was touched", async () => {
  await fc.assert(
    fc.asyncProperty(edit, faults, async (changes, failing) => {
      const { fake, old, jar } = open();
      const wanted = { ...old, ...changes };
      fake.breakAt((call) => failing[call] ?? null);
      await jar.write(TAB, wanted, old).catch(() => "thrown");
      expect(holds(fake, old) || holds(fake, wanted)).toBe(true);
      expect(fake.all().filter(({ name }) => name === "bystander")).toHaveLength(1);
    }),
    { numRuns: 2_000 },
  );
});

it("a write that reports success left the new cookie and not the old one", async () => {
  await fc.assert(
    fc.asyncProperty(edit, faults, async (changes, failing) => {
      const { fake, old, jar } = open();
      const wanted = { ...old, ...changes };
      fake.breakAt((call) => failing[call] ?? null);
      const result = await jar.write(TAB, wanted, old).catch(() => ({ ok: false }) as const);
      if (!result.ok) return;
      expect(holds(fake, wanted)).toBe(true);
      expect(fake.all()).toHaveLength(2);
    }),
    { numRuns: 2_000 },
  );
});

it("a write that reports that it restored the old cookie did restore it", async () => {
  await fc.assert(
    fc.asyncProperty(edit, faults, async (changes, failing) => {
      const { fake, old, jar } = open();
      fake.breakAt((call) => failing[call] ?? null);
      const result = await jar.write(TAB, { ...old, ...changes }, old).catch(() => null);
      if (result?.ok === false && result.restored) expect(holds(fake, old)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it("a partition that cannot be read fails only its own write, and nothing is touched", async () => {
  const { fake, old, jar } = open();
  const { getAll } = fake;
  fake.getAll = async (details) => {
    if (details.partitionKey) throw new Error("Invalid value for CookiePartitionKey.");
    return getAll(details);
  };
  const before = fake.all();
  for (const topLevelSite of ["example.com", "https://a.test"]) {
    const wanted = { ...old, secure: true, partitionKey: { topLevelSite } };
    expect(await jar.write(TAB, wanted, null)).toMatchObject({ ok: false, restored: true });
    expect(await jar.restore(TAB, wanted)).toMatchObject({ ok: false, restored: true });
  }
  expect(fake.all()).toEqual(before);
});
