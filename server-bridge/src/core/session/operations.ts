/**
 * A storage method's promise that knows whether it is awaited. The response waits for those that are not, and fails if they
 * fail.
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
  #failures: Map<Operation, unknown> | null = null;

  /** True while something is under way, or failed and `drain` has not told. */
  get busy(): boolean {
    return this.#tail !== null || this.#failures !== null;
  }

  /** How many have not ended. */
  get pending(): number {
    return this.#pending;
  }

  /** Begins `work`, which is asynchronous and does not throw, at once when nothing is under way, else after that. */
  run(work: () => Promise<void>): Operation {
    const before = this.#tail;
    const begun = before === null ? work() : before.then(work);
    const { operation, resolve, reject } = createOperation();
    this.#pending++;
    const settled = begun.then(
      () => {
        this.#leave(settled);
        resolve();
      },
      (error: unknown) => {
        this.#leave(settled);
        this.#failures ??= new Map();
        this.#failures.set(operation, error);
        reject(error);
      },
    );
    this.#tail = settled;
    return operation;
  }

  #leave(settled: Promise<void>): void {
    this.#pending--;
    if (this.#tail === settled) this.#tail = null;
  }

  /** Waits for everything; rejects with the first failure that was not awaited. */
  async drain(): Promise<void> {
    while (this.#tail !== null) await this.#tail;
    for (const [operation, error] of this.#failures ?? []) {
      if (!operation.awaited) throw error;
    }
    this.#failures = null;
  }
}

function createOperation(): { operation: Operation; resolve: () => void; reject: (error: unknown) => void } {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const operation = new Operation((done, failed) => {
    resolve = done;
    reject = failed;
  });
  // `drain` reports its failure where it is not awaited; called past `then` above, which would count as awaiting
  Promise.prototype.then.call(operation, undefined, ignore);
  return { operation, resolve, reject };
}

function ignore(): void {}
