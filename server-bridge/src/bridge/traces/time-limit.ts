/** A limit for waiting. */
import { SessionError } from "../../core/errors.ts";

/**
 * The result of `work`, or a `SessionError("engine")` if it takes longer. The work itself continues; its late result is
 * dropped.
 *
 * @param limitMs milliseconds
 * @param givenUp is called with the error when the time is over, before the promise rejects
 */
export function within<Result>(
  limitMs: number,
  work: Promise<Result>,
  givenUp?: (error: SessionError) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new SessionError("engine", `Redis did not answer for ${limitMs / 1000} seconds.`);
      givenUp?.(error);
      reject(error);
    }, limitMs).unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
