/** Counts the visits of the request's session, and makes a body that is worth compressing. */

/** Counts one more visit; returns the number. */
export function countVisit() {
  const session = globalThis.currentSession.getStore();
  session.visits = (session.visits ?? 0) + 1;
  return session.visits;
}

/** Four kibibytes of text. Next compresses from one on. */
export const FILLING = "All work and no play makes Jack a dull boy. ".repeat(94);
