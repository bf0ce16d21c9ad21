/** The text about a trace that may not contain everything its request did to the session: why, and what to do about it. */
import type { Trace } from "session-bridge/protocol";

/** Sentences. */
interface Incomplete {
  sentence: string;
  remedy?: string;
}

const SENTENCES: Record<NonNullable<Trace["incomplete"]>, Incomplete> = {
  late: {
    sentence:
      "Calls of this request may be missing, because the bridge is mounted after the session library.",
    remedy: "Put app.use(openBridge(…)) before app.use(session(…)).",
  },
  contexts: {
    sentence:
      "Calls of this request may be missing, because the store was called for its session and the bridge could not tell by which request.",
    remedy:
      "A driver or a pool that calls back in another request's asynchronous context does this. Its promises keep the context, and so does AsyncResource.bind.",
  },
  unopened: {
    sentence:
      "What the session held is not known, because the bridge could not open its cookie. Its secret is not the one that the cookie was made with, or the cookie has expired, or it was damaged.",
    remedy: "If the app opens it, give the bridge the same secret or keys as the app.",
  },
  unfinished: {
    sentence:
      "More may follow, because the response has not ended. What is stored when it ends will appear here.",
  },
  other: {
    sentence: "Calls of this request may be missing, because the bridge did not see all of them.",
  },
};

/** Null if the trace contains everything. */
export function sayIncomplete({ incomplete }: Trace): Incomplete | null {
  return incomplete === undefined ? null : SENTENCES[incomplete];
}
