/** Shows that a request has a deadline, without measuring time. */

/**
 * What `work` resolves with; `late` if a timer of this process that started with it fires first. If the machine is slow,
 * the timer that ends the work is as late as this one, and both still fire in their order.
 *
 * @param limitSeconds the setting `storeTimeout`; the bound is longer, because the request's deadline is counted in ticks
 */
export async function inTime(limitSeconds: number, work: () => Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("late"), (2 * limitSeconds + 1) * 1000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
