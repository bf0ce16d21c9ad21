/** Columns of whole numbers that an adapter returns as BigInt: the tab shows them as text. */
import { expect, it } from "vitest";
import { toData } from "../../../server-bridge/src/sources/better-auth/session-data.ts";

it("are shown", () => {
  const tables = { sessionFields: new Map(), userFields: new Map() };
  const session = { token: "t", userId: "123", visits: 7n };
  expect(toData(tables, session, { id: "123", points: 2n ** 60n })).toEqual({
    userId: "123",
    visits: "7",
    user: { id: "123", points: "1152921504606846976" },
  });
});
