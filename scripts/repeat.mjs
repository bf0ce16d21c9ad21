/** `npm run test:repeat`: the end-to-end tests, ten times in each browser. */
import { runMain } from "./bootstrap.mjs";

runMain("scripts/test/repeat.ts");
