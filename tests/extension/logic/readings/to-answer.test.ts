/** When a request ran, as far as readings know, and when its response counts as reported. */
import { expect, it } from "vitest";
import { toAnswer } from "../../../../extension/logic/readings/to-answer.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const names = ["sessionid"];
const login = fillRequest({ id: "login", at: 1000, durationMs: 100, status: 302, setCookies: [] });

it("counts as reported once its cookies are, if the browser reports those late", () => {
  const bare = toAnswer(login, names, undefined, 1110);
  const late = toAnswer({ ...login, setCookies: ["sessionid=new; Path=/"] }, names, bare, 1400);
  expect([bare.toldAt, late.toldAt]).toEqual([1110, 1400]);
  expect(toAnswer(login, names, bare, 1700).toldAt).toBe(1110);
});

it("may have ended until two sources' clocks agree that it had, and no later than it was reported", () => {
  expect(toAnswer(login, names, undefined, 1900).endedAt).toBe(1200);
  expect(toAnswer(login, names, undefined, 1110).endedAt).toBe(1110);
});
