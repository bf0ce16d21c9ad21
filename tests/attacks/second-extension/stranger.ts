/** A stranger's extension in the victim's browser, and its page that runs the attacker's code. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserDriver, SitePage } from "../../e2e/driver.ts";
import { makeExtension } from "../../e2e/other-extension.ts";
import type { Stage } from "../../e2e/scenario.ts";

interface Stranger {
  /** The browser that has both extensions. */
  driver: BrowserDriver;
  /** A page of the stranger's extension, with its rights. */
  page: SitePage;
}

interface StrangerOptions {
  /** `permissions`, `host_permissions` and other keys of its manifest. */
  rights: object;
  /** Its files, by name. */
  files?: Record<string, string>;
  /** What its page runs when it opens: a self-contained function, and its string argument. */
  runs?: { script: (argument: string) => unknown; argument: string };
}

/** Starts a browser with ours and the stranger's, and opens the stranger's page. */
export async function startStranger(
  stage: Stage,
  { rights, files = {}, runs }: StrangerOptions,
): Promise<Stranger> {
  const { folder, page } = await makeExtension(stage, rights);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  if (runs !== undefined) {
    await writeFile(
      join(folder, "try.html"),
      '<!doctype html><meta charset="utf-8"><script src="try.js"></script>',
    );
    await writeFile(join(folder, "try.js"), `(${runs.script})(${JSON.stringify(runs.argument)});`);
  }
  const driver = await stage.startBrowser({ others: [folder] });
  const attacker = await driver.newPage();
  await attacker.goto((await driver.originOf(folder)) + page);
  return { driver, page: attacker };
}
