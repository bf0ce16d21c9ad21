/**
 * The law in `docs/engines.md`, "When two requests change one session", on random stories: what every request wrote is
 * there at the end unless another wrote the same, nothing is there twice, and no one gets another user's role.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Login, type Played, play, steps, thingsIn, userIn } from "./merge-story.ts";

/** A few in `npm test`, many in `npm run test:field`. */
const numRuns = process.env["SESSIONS_FIELD"] === "true" ? 10_000 : 200;
const ONE_TEST_MS = 600_000;
const LOGINS: readonly Login[] = ["object", "number", "django"];

type Note = Played["notes"][number];

describe("requests that change one session at the same time, and some writes of which the answer is lost", () => {
  it(
    "each find what they wrote inside values, unless another wrote the same place",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          const played = play(story, "object");
          const end = played.versions.at(-1) ?? {};
          expect(played.refused.size).toBe(0);
          for (const note of played.notes) {
            if (!isUndisputed(note, played.notes)) continue;
            if (note.kind === "put") expect([note, valueAt(end, note.path)]).toEqual([note, note.token]);
            if (note.kind === "remove") expect([note, valueAt(end, note.path)]).toEqual([note, undefined]);
          }
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it(
    "each find every element that they appended once, in the order in which they appended them",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          const played = play(story, "object");
          const end = played.versions.at(-1) ?? {};
          const leaves = leavesOf(end);
          const pushes = played.notes.filter(({ kind }) => kind === "push");
          for (const { token } of pushes)
            expect(leaves.filter((leaf) => leaf === token).length).toBeLessThan(2);
          const whole = pushes.filter(
            (push) => !played.notes.some((note) => note.kind !== "push" && meets(push, note)),
          );
          for (const note of whole) {
            const items = valueAt(end, note.path);
            const own = whole.filter(
              ({ writer, path }) => writer === note.writer && `${path}` === `${note.path}`,
            );
            const tokens = own.map(({ token }) => token);
            expect(Array.isArray(items) && items.filter((item) => tokens.includes(item))).toEqual(tokens);
          }
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it(
    "never end with a value that none of them wrote there",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          const played = play(story, "object");
          const known = new Set(played.notes.map(({ token }) => token));
          const { things: _, ...end } = played.versions.at(-1) ?? {};
          for (const leaf of leavesOf(end))
            expect(typeof leaf !== "string" || known.has(leaf) || leaf === "0" || leaf === "r0@1").toBe(true);
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it(
    "leave numbers that only Python writes as they are, where none of them wrote",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          const { json, notes } = play(story, "object");
          const number = story.length % 2 === 0 ? '"float":0' : '"float":1.0';
          const place: Note = { writer: -1, path: ["b", "z", "float"], kind: "put", token: "" };
          const isKept = !notes.some((note) => meets(note, place));
          expect(json.split(number).length).toBeGreaterThanOrEqual(isKept ? 3 : 2);
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it(
    "count with change as often as they counted, if every answer arrives",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          const { versions, counted, hadDoubt } = play(story, "object");
          if (!hadDoubt) expect(versions.at(-1)?.["n"]).toBe(counted);
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it(
    "never store what was written for one thing in another that took its place",
    () => {
      fc.assert(
        fc.property(steps(false), (story) => {
          for (const version of play(story, "object").versions)
            for (const { id, tag } of thingsIn(version)) expect(String(tag)).toMatch(new RegExp(`@${id}$`));
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );

  it.each(LOGINS)(
    "never store a role for another user than the one for whom it was written (login key: %s)",
    (login) => {
      fc.assert(
        fc.property(steps(true), (story) => {
          for (const version of play(story, login).versions) {
            const user = userIn(version, login);
            const roles = [version["apart"], user === null ? version["role"] : user.role];
            for (const role of roles) {
              if (user === null) expect(role).toBeUndefined();
              else expect(String(role)).toMatch(new RegExp(`@${user.id}$`));
            }
          }
        }),
        { numRuns },
      );
    },
    ONE_TEST_MS,
  );
});

/** True if no one else wrote this place, or one above or below it, and its writer did not do so again. */
function isUndisputed(note: Note, notes: readonly Note[]): boolean {
  const at = notes.indexOf(note);
  return notes.every((other, index) => {
    if (index === at || !meets(note, other)) return true;
    // a change inside an object, after its writer put that object there, is its part
    return other.writer === note.writer && index < at;
  });
}

function meets(one: Note, other: Note): boolean {
  const length = Math.min(one.path.length, other.path.length);
  return one.path.slice(0, length).every((step, at) => step === other.path[at]);
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? Reflect.get(value, step)
        : undefined,
    data,
  );
}

function leavesOf(data: unknown): unknown[] {
  return typeof data === "object" && data !== null ? Object.values(data).flatMap(leavesOf) : [data];
}
