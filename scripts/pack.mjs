/** `npm run pack`: the library as a file that npm installs. */
import { runMain } from "./bootstrap.mjs";

runMain("scripts/pack/main.ts");
