/**
 * The panel's calls to the background: one question, one answer.
 *
 * The background may be stopped while it works; then the question is sent once more, which wakes it again. Every question can be
 * asked twice without harm.
 */
import { parseAnswer, type Question } from "../messages/background-messages.ts";

/** Asks the background. Throws with the background's sentence if it could not do it. */
export type Ask = (question: Question) => Promise<unknown>;

/** @param send `runtime.sendMessage` */
export function createAsk(send: (message: unknown) => Promise<unknown>): Ask {
  async function put(question: Question): Promise<unknown> {
    const reply = await send(question);
    if (reply === undefined || reply === null) throw new Error("[panel] The background gave no answer.");
    return reply;
  }

  return async (question) => {
    const reply = parseAnswer(await put(question).catch(() => put(question)));
    if (reply.ok) return reply.answer;
    throw new Error(reply.error);
  };
}
