/**
 * A storage method's promise that knows whether anyone waits for it. Those that nobody waits for are waited for by the
 * response, which fails if they fail.
 */

/** A promise that remembers being awaited. */
export class Operation extends Promise<void> {
  /** True once the handler awaited it, and so has its failure in hand. */
  awaited = false;

  /** Derived promises are ordinary ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: seeing `then` called is what this class is for
  override then<Value = void, Other = never>(
    // biome-ignore lint/suspicious/noConfusingVoidType: it is what Promise<void> resolves with
    done?: ((value: void) => Value | PromiseLike<Value>) | null,
    failed?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Value | Other> {
    this.awaited = true;
    return super.then(done, failed);
  }
}

/** The storage operations of one session, one after another. */
export class OperationQueue {
  #tail: Promise<void> | null = null;
  #pending = 0;
  #operations: Operation[] = [];
  #failures = new Map<Operation, unknown>();

  /** True while something is under way. */
  get busy(): boolean {
    return this.#tail !== null;
  }

  /** How many have not ended. */
  get pending(): number {
    return this.#pending;
  }

  /** Begins `work` at once when nothing is under way, else after that. */
  run(work: () => Promise<void>): Operation {
    this.#pending++;
    const before = this.#tail;
    const begun = before === null ? begin(work) : before.then(work);
    const operation = new Operation((resolve) => resolve(begun));
    const settled = begun.then(undefined, (error: unknown) => {
      this.#failures.set(operation, error);
    });
    operation.catch(() => {}); // whoever does not await it hears of its failure from `drain`
    operation.awaited = false;
    this.#operations.push(operation);
    this.#tail = settled;
    void settled.then(() => {
      this.#pending--;
      if (this.#tail === settled) this.#tail = null;
    });
    return operation;
  }

  /** Waits for everything; rejects with the first failure that nobody awaited. */
  async drain(): Promise<void> {
    while (this.#tail !== null) await this.#tail;
    for (const operation of this.#operations) {
      if (!operation.awaited && this.#failures.has(operation)) throw this.#failures.get(operation);
    }
    this.#operations = [];
    this.#failures.clear();
  }
}

/** A throw before the first await is a rejection too. */
async function begin(work: () => Promise<void>): Promise<void> {
  await work();
}
