/** Lets the promises of a simulated world run; its clock does not move. */
import type { MemoryWorld } from "./world.ts";

/** Waits until everything that was started has settled. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setTimeout(resolve));
}

/** Moves the clock in steps of a second, letting promises run in between. */
export async function pass(world: MemoryWorld, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    world.advance(Math.min(1000, left));
    await turns();
  }
}
