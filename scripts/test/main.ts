/** `npm test [-- <suite>… [-- <arguments of its runner>]]`: runs the suites one after another. */
import { join } from "node:path";
import { runCommand } from "../machine/failure.ts";
import { stopPrograms } from "../machine/program.ts";
import { runSuites } from "./run-suites.ts";
import { OUT, SUITES } from "./suites.ts";

// The tests start a thousand servers and command lines from the same sources. With this, Node compiles each source once.
process.env["NODE_COMPILE_CACHE"] ??= join(OUT, "compiled");

await runCommand(async (later) => {
  later(stopPrograms);
  return runSuites(SUITES, process.argv.slice(2), later);
});
