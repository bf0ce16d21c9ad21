/** What a named state of the harness page does. */
import type { Models } from "../../../extension/models/index.ts";
import type { MemoryWorld } from "../memory-ports/world.ts";

export interface HarnessState {
  /** Before the models are made. */
  before?: (world: MemoryWorld) => void;
  /** When the panel stands. */
  after?: (world: MemoryWorld, models: Models) => void | Promise<void>;
}
