/** `npm run test:field [-- <suite>… [-- <arguments of its runner>]]`: whole matrices, production builds, kills, fills, repeats. */
import { runCommand } from "../machine/failure.ts";
import { stopPrograms } from "../machine/program.ts";
import { FIELD_SUITES } from "./field-suites.ts";
import { runSuites } from "./run-suites.ts";

await runCommand(async (later) => {
  later(stopPrograms);
  return runSuites(FIELD_SUITES, process.argv.slice(2), later);
});
