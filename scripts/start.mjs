/** `npm start`: the demo site in a browser with the Sessions tab open. */
import { runMain } from "./bootstrap.mjs";

runMain("scripts/start/main.ts");
