/** Steps of a store that fail, or whose answer is lost, at a chosen place; and processes that are killed there. */

/** What happens at the chosen step. `killed`: the step is taken, and the process does nothing more. */
export type Loss = "before" | "after" | "killed";

/** The steps of one process. */
export class Faults {
  #left: number | null = null;
  #loss: Loss = "before";
  #isDead = false;
  /** True if the fault happened. */
  hasStruck = false;

  /** Lets the step after `steps` others fail. */
  arm(steps: number, loss: Loss): void {
    this.#left = steps;
    this.#loss = loss;
    this.hasStruck = false;
  }

  /** The process, or the one that takes its place, works again. */
  disarm(): void {
    this.#left = null;
    this.#isDead = false;
  }

  /** Counts calls of these methods as steps. */
  watch(target: object | undefined, names: readonly string[]): void {
    const methods = target as Record<string, unknown> | undefined; // any object's
    for (const name of names) {
      const method = methods?.[name];
      if (methods === undefined || typeof method !== "function") continue;
      methods[name] = (...given: unknown[]) => this.#take(() => method.apply(target, given));
    }
  }

  async #take(step: () => unknown): Promise<unknown> {
    if (this.#isDead) return this.#fail();
    if (this.#left === null) return step();
    this.#left -= 1;
    if (this.#left >= 0) return step();
    this.#left = null;
    this.hasStruck = true;
    if (this.#loss !== "before") await step();
    this.#isDead = this.#loss === "killed";
    return this.#fail();
  }

  #fail(): never {
    throw new Error("[tests] the connection was closed");
  }
}
