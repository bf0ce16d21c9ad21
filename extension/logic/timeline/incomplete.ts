/** What is said of a trace that may not hold all that its request did to the session: why, and what to do about it. */
import type { Trace } from "session-bridge/protocol";

/** Sentences. */
interface Incomplete {
  sentence: string;
  remedy?: string;
}

const SENTENCES: Record<NonNullable<Trace["incomplete"]>, Incomplete> = {
  late: {
    sentence:
      "Calls of this request may be missing, because the bridge comes after the library that makes the sessions.",
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
      "What the session held is not known, because the bridge could not open its cookie. It has another secret than the cookie was made with, or the cookie's time is over, or it was damaged.",
    remedy: "If the app opens it, give the bridge the very secret or keys that the app has.",
  },
  unfinished: {
    sentence:
      "More may still come, because the response is not over. What is stored at its end shows here then.",
  },
  other: {
    sentence: "Calls of this request may be missing, because the bridge did not see all of them.",
  },
};

/** Null where the trace holds everything. */
export function sayIncomplete({ incomplete }: Trace): Incomplete | null {
  return incomplete === undefined ? null : SENTENCES[incomplete];
}
