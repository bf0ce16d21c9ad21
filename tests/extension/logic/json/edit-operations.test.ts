/** Edits as operations: nothing that was changed is left out, however much of it there is. */
import { expect, it } from "vitest";
import { operationsBetween } from "../../../../extension/logic/json/edit-operations.ts";

it("finds a change behind thousands of others", () => {
  const many = (from: number) => JSON.stringify(Array.from({ length: 3000 }, (_, at) => from + at));
  const operations = operationsBetween(`{"a":${many(0)},"b":1}`, `{"a":${many(1)},"b":2}`);
  expect(operations.map(({ path }) => path)).toEqual([["a"], ["b"]]);
});
