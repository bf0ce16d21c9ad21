/** Edits as operations: no change is left out, even if there are many. */
import { expect, it } from "vitest";
import { inverseOf, operationsBetween, textFault } from "../../../../extension/logic/json/edit-operations.ts";

it("finds a change behind thousands of others", () => {
  const many = (from: number) => JSON.stringify(Array.from({ length: 3000 }, (_, at) => from + at));
  const operations = operationsBetween(`{"a":${many(0)},"b":1}`, `{"a":${many(1)},"b":2}`);
  expect(operations.map(({ path }) => path)).toEqual([["a"], ["b"]]);
});

it("removes the last entries of a list first, so that earlier ones keep their positions", () => {
  const operations = operationsBetween('{"list":[NaN,1,2,3]}', '{"list":[NaN,1]}');
  expect(operations).toEqual([
    { op: "delete", path: ["list", 3] },
    { op: "delete", path: ["list", 2] },
  ]);
});

it("undoes the last of several first, so that the place where it was made still exists", () => {
  const made = [
    { op: "set" as const, path: ["cart"], valueJson: "{}" },
    { op: "set" as const, path: ["cart", "total"], valueJson: "1" },
  ];
  expect(inverseOf('{"a":1}', made)).toEqual([
    { op: "delete", path: ["cart", "total"] },
    { op: "delete", path: ["cart"] },
  ]);
});

it("names the position of a mistake inside a value, not that of the value", () => {
  expect(textFault('{"a":1}', '{"a":[1, NaN]}', [])).toMatchObject({ line: 1, column: 10 });
});
