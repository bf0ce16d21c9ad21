/** `npm run words`: writes the pages that are made from what the panel says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONNECT_PAGE, connectPage } from "./connect-page.ts";
import { ROOT } from "./files.ts";
import { SCREEN_TEXT_PAGE, screenTextPage } from "./screen-text.ts";

writeFileSync(join(ROOT, SCREEN_TEXT_PAGE), screenTextPage());
writeFileSync(join(ROOT, CONNECT_PAGE), connectPage());
