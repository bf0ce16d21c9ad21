/** Random histories of the sessions of some users. */
import fc from "fast-check";
import type { Loss } from "./devices-faults.ts";

const KINDS = [
  "login",
  "loginCycle",
  "loginFlush",
  "relogin",
  "flush",
  "forget",
  "clear",
  "regenerate",
  "save",
  "cycle",
  "shortly",
  "wait",
  "endAll",
  "endOthers",
  "endOne",
  "reindex",
  "clearExpired",
  "bridgeReplace",
  "bridgeCycle",
  "bridgeFlush",
  "bridgeExpiry",
  "bridgeRestore",
  "foreignLogin",
  "foreignLogout",
] as const;

const act = fc.record({
  kind: fc.constantFrom(...KINDS),
  jar: fc.nat(3),
  user: fc.nat(2),
  process: fc.nat(1),
});
/** What one of two processes does with one of four browsers, as one of three users. */
export type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

const fault = fc.record({ steps: fc.nat(9), loss: fc.constantFrom<Loss>("before", "after", "killed") });

/** What happens one after another; the acts of one turn at once, with a fault in one process. */
export const history = fc.array(
  fc.record({
    acts: fc.array(act, { minLength: 1, maxLength: 3 }),
    fault: fc.option(fault, { freq: 4 }),
  }),
  { minLength: 1, maxLength: 25 },
);
/** One history. */
export type History = typeof history extends fc.Arbitrary<infer One> ? One : never;
