/** A reading is not believed on the word of a list that is behind: a logout's deletion may come to it after the next login's response. */
import { expect, it } from "vitest";
import type { Answer, Known, SessionReading } from "../../../../extension/logic/readings/known.ts";
import { settle } from "../../../../extension/logic/readings/settle.ts";

const answer = (id: string, startedAt: number, toldAt: number, value: string): Answer => ({
  id,
  startedAt,
  toldAt,
  endedAt: toldAt,
  sets: [{ value, maxAgeMs: null }],
  isBareRedirect: false,
  isFailed: false,
  method: "POST",
  path: `/${id}`,
});
const state = (seenAt: number, value: string) => ({ seenAt, value, endsAt: null });
const reading: SessionReading = {
  askedAt: 1400,
  answeredAt: 1400,
  cookie: "",
  found: null,
  isEdit: false,
};
const used = (known: Pick<Known, "answers" | "jar">) => {
  const { readings, isVoid } = settle({ readings: [reading], ...known }, 5000);
  return { isUsed: readings.length === 1, isVoid };
};
const logout = answer("logout", 1000, 1100, "");
const login = answer("login", 1150, 1250, "new");

it("of no cookie, where the list has not shown yet what a login set", () => {
  const jar = [state(0, "old"), state(1300, "")];
  expect(used({ answers: [logout, login], jar })).toEqual({ isUsed: false, isVoid: true });
});

it("is believed where the list showed the login's cookie, and then none", () => {
  const jar = [state(0, "old"), state(1200, ""), state(1260, "new"), state(1390, "")];
  const second = answer("second-logout", 1300, 1380, "");
  expect(used({ answers: [logout, login, second], jar }).isUsed).toBe(true);
});

it("is believed where a request that began after the login's response deleted the cookie", () => {
  const second = answer("second-logout", 1300, 1380, "");
  expect(used({ answers: [login, second], jar: [state(0, "old"), state(1390, "")] }).isUsed).toBe(true);
});

it("is believed after a while where the browser never shows what a response set: it refused that", () => {
  const early = { ...login, startedAt: -1000, toldAt: -900, endedAt: -900 };
  expect(used({ answers: [early], jar: [state(0, "old"), state(1300, "")] }).isUsed).toBe(true);
});
