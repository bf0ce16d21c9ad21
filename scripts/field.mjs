/** `npm run test:field`: the tests that take too long for `npm test`. */
import { runMain } from "./bootstrap.mjs";

runMain("scripts/test/field.ts");
