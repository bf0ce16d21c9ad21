/** `npm test`: every check of the repository. */
import { runMain } from "./bootstrap.mjs";

runMain("scripts/test/main.ts");
