/**
 * A storage method's promise, which knows whether it is awaited. The response waits for those that are not, and fails
 * if they fail.
 */

/** A promise that remembers being awaited. */
export class Operation extends Promise<void> {
  /** True once the handler awaited it and so receives its failure. */
  awaited = false;

  /** Derived promises are ordinary ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: seeing `then` called is what this class is for
  override then<Value = void, Other = never>(
    // biome-ignore lint/suspicious/noConfusingVoidType: Promise<void> resolves with it
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

  /** True while an operation is running, or one failed and `drain` has not reported it. */
  get busy(): boolean {
    return this.#tail !== null || this.#failures !== null;
  }

  /** How many operations have not finished. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Starts `work`, which is asynchronous and does not throw: at once if no operation is running, otherwise after the
   * last one.
   */
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
  // `drain` reports its failure if no one awaits it; `then` is called on the prototype, because the override above
  // would count it as awaited
  Promise.prototype.then.call(operation, undefined, ignore);
  return { operation, resolve, reject };
}

function ignore(): void {}
