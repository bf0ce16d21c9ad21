/** How long a call from the panel waits for the session store: a store that has stopped must not hold the call, or later ones. */
import { Refused } from "../answers.ts";

/** Milliseconds. */
const STORE_LIMIT_MS = 5_000;

const NO_ANSWER = `The session store did not answer for ${STORE_LIMIT_MS / 1000} seconds. Check that its server is running, then reload the session`;

/** What the call wants from the store. After `write`, the store may still make the change. */
type Wanted = "read" | "write";

/** The store's answer. Rejects with `Refused("failed")` if there is none in time; what the store does later is ignored. */
export async function withinStoreLimit<Answer>(answer: Promise<Answer>, wanted: Wanted): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const message = wanted === "read" ? `${NO_ANSWER}.` : `${NO_ANSWER}: this change may be in it.`;
    timer = setTimeout(() => reject(new Refused("failed", message)), STORE_LIMIT_MS);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
