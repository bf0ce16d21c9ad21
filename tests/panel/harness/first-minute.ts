/** A page on Express that has no bridge yet, and the demo that is opened from there. */
import { pass } from "../memory-ports/turns.ts";
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

/** The two states. */
export const FIRST_MINUTE = {
  "no-bridge-line": { before: expressWithoutBridge, after: answersAsExpress },
  "try-demo": { before: expressWithoutBridge, after: openDemoOverIt },
} as const;

/** Before the models are made. */
function expressWithoutBridge(world: MemoryWorld): void {
  world.setCookies([
    fillCookie({
      name: "connect.sid",
      value: "s%3Aabc.def",
      expiresAt: world.now() + 3_600_000,
      recognised: { framework: "Express", role: "session" },
    }),
  ]);
  world.server.setMood("absent");
}

/** The page's response says what its server is. */
async function answersAsExpress(world: MemoryWorld): Promise<void> {
  world.request({ server: ["x-powered-by: Express"] });
  await pass(world, 1000);
}

/** The demo, at the end of its story. */
async function openDemoOverIt(world: MemoryWorld): Promise<void> {
  await answersAsExpress(world);
  for (const button of document.querySelectorAll("button"))
    if (button.textContent === "Try it with a demo session") button.click();
  // its code is loaded now, over the network of the test
  while (document.querySelector(".demo-frame") === null) await new Promise((resolve) => setTimeout(resolve));
  await pass(world, 16_000);
}
