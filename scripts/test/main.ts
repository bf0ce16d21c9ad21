/** `npm test [-- <suite>… [-- <arguments of its runner>]]`: runs the suites one after another. */
import { runCommand } from "../machine/failure.ts";
import { stopPrograms } from "../machine/program.ts";
import { runSuites } from "./run-suites.ts";
import { SUITES } from "./suites.ts";

await runCommand(async (later) => {
  later(stopPrograms);
  return runSuites(SUITES, process.argv.slice(2), later);
});
