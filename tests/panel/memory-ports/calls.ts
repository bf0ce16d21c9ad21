/** What tests take from the server in memory. */

/** One side of a trace for a stored session. */
export { sideOf } from "../../../extension/demo/calls.ts";
