/** `npm run words`: writes the page of everything that the panel says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./files.ts";
import { SCREEN_TEXT_PAGE, screenTextPage } from "./screen-text.ts";

writeFileSync(join(ROOT, SCREEN_TEXT_PAGE), screenTextPage());
