/** The mutants of the field suite `mutations`: which changes are made, and how functions are marked. */
import { runInThisContext } from "node:vm";
import { expect, it } from "vitest";
import { findMutants, markFunctions, mutate } from "../field/mutations/mutants.ts";

const SOURCE = `
import { a } from "./a.ts";
type Kind = "one" | "two";
export async function check(value: number, kind: Kind = "one"): Promise<boolean> {
  if (!value) return;
  await a(value);
  log("read");
  return value < 2 && { 3: kind ?? "" };
}
const twice = (n: number) => n * 2;
`;

it("changes code one place at a time, but neither types nor what people read", () => {
  const found = findMutants("check.ts", SOURCE).map(({ line, kind, before, after }) => {
    return `${line} ${kind}: ${before} → ${after}`;
  });
  expect(found).toEqual([
    '4 empty: "one" → ""',
    "4 return early: { → { return;",
    "5 negate: !value → !(!value)",
    "5 drop !: !value → value",
    "5 drop the return: return; → ;",
    "6 drop the call: await a(value); → ;",
    "6 drop await: await a(value) → a(value)",
    "8 swap: < → <=",
    "8 one more: 2 → (2 + 1)",
    "8 swap: && → ||",
    '8 drop the fallback: kind ?? "" → kind',
    "10 swap: * → /",
    "10 one more: 2 → (2 + 1)",
  ]);
});

it("each is the source with that change, and belongs to the function around it", () => {
  const mutants = findMutants("check.ts", SOURCE);
  expect(new Set(mutants.map((mutant) => mutate(SOURCE, mutant))).size).toBe(mutants.length);
  expect(mutants.map(({ inside }) => inside)).toEqual([...Array(11).fill(0), 1, 1]);
});

it("marked functions note that they ran", () => {
  const marked = markFunctions(
    "twice.ts",
    "globalThis.got = ((n) => ({ n }))(2); function never() { return 1; }",
  );
  runInThisContext(marked);
  expect(Reflect.get(globalThis, "got")).toEqual({ n: 2 });
  expect([...(Reflect.get(globalThis, "ranFunctions") as Set<string>)]).toEqual(["twice.ts#0", "twice.ts#"]);
});
