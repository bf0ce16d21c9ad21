/** How the commands end: in one clear sentence, and with nothing left running. */

/** A failure that is said in one sentence, with what to do; its stack would help no one. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Undone in reverse order when the command ends, however it ends. */
export type Undo = () => void | Promise<void>;

/**
 * Runs a command's main and exits with the code it gives.
 *
 * A `Failure` is printed as its sentence, anything else with its stack; both exit 1. The first Ctrl-C (or TERM, or a
 * closed terminal) undoes everything and exits 130; further ones are ignored, since a second copy of the same signal
 * is usual.
 *
 * @param main gets `later`, which registers an undoing
 */
export async function runCommand(main: (later: (undo: Undo) => void) => Promise<number>): Promise<never> {
  const undoings: Undo[] = [];
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(130));
  });
  let code = 1;
  try {
    code = await Promise.race([main((undo) => undoings.push(undo)), interrupted]);
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
  }
  for (const undo of undoings.reverse()) {
    try {
      await undo();
    } catch (error) {
      console.error(error);
    }
  }
  process.exit(code);
}
