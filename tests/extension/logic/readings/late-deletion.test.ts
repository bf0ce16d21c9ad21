/** A reading is not trusted while the cookie list is behind: a logout's deletion may reach the list after the next login's response. */
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

it("of no cookie is not trusted while the list has not shown a login's cookie yet", () => {
  const jar = [state(0, "old"), state(1300, "")];
  expect(used({ answers: [logout, login], jar })).toEqual({ isUsed: false, isVoid: true });
});

it("is trusted if the list showed the login's cookie, and then none", () => {
  const jar = [state(0, "old"), state(1200, ""), state(1260, "new"), state(1390, "")];
  const second = answer("second-logout", 1300, 1380, "");
  expect(used({ answers: [logout, login, second], jar }).isUsed).toBe(true);
});

it("is trusted if a request that began after the login's response deleted the cookie", () => {
  const second = answer("second-logout", 1300, 1380, "");
  expect(used({ answers: [login, second], jar: [state(0, "old"), state(1390, "")] }).isUsed).toBe(true);
});

it("is trusted after a while if the browser never shows what a response set, because it refused it", () => {
  const early = { ...login, startedAt: -1000, toldAt: -900, endedAt: -900 };
  expect(used({ answers: [early], jar: [state(0, "old"), state(1300, "")] }).isUsed).toBe(true);
});
