/** From a running app to its page, DevTools on it, and the panel. */
import type { SitePage, Surface } from "../e2e/driver.ts";
import { expectPage } from "../e2e/panel.ts";
import type { Stage } from "../e2e/scenario.ts";

/** An app that a scenario has started. */
interface RunningApp {
  url: string;
  stop(): Promise<unknown>;
}

/** What a scenario works in. */
interface Opened {
  page: SitePage;
  panel: Surface;
  url: string;
}

/** Opens the app, waits until its page greets, and shows the panel. The app is stopped at the end of the scenario. */
export async function openApp(stage: Stage, { url, stop }: RunningApp, greeting: RegExp): Promise<Opened> {
  stage.later(stop);
  const page = await stage.newPage();
  await page.goto(`${url}/`);
  await expectPage(page, greeting);
  return { page, panel: await (await page.openTools()).showPanel(), url };
}
