/** What can go wrong between the panel and a bridge, and the sentences that report it. */
import type { Refusal } from "session-bridge/protocol";
import { showUnruly } from "./show-unseen.ts";

/** The port that the page's responses named was called, too, and is no bridge of this page as far as is known. */
export interface FailedPlace {
  /** `http://localhost:3000`. */
  url: string;
  why: "unreachable" | "unproven" | "absent";
}

/** Why a call to the bridge got no answer. */
export type BridgeProblem =
  | { kind: "unreachable"; detail: string }
  | { kind: "absent"; status: number; at?: FailedPlace }
  /** It answers where the bridge was, and has not proven that it is the bridge of this page. */
  | { kind: "unproven"; url: string }
  | { kind: "refused"; status: number; refusal: Refusal }
  | { kind: "no-access"; origin: string }
  | { kind: "malformed"; detail: string };

/** What went wrong, ending with a full stop or the code. */
export function problemText(problem: BridgeProblem): string {
  switch (problem.kind) {
    case "unreachable":
      return "The server does not answer.";
    case "unproven":
      return `${problem.url} answers, but has not shown that it is this page's server.`;
    case "absent":
      return "There is no longer a bridge at this address.";
    case "no-access":
      return `The panel has no access to ${problem.origin}.`;
    case "malformed":
      return `The panel could not read the server's answer: ${problem.detail}`;
    case "refused":
      return problem.refusal.code === "gone" ? "The session is gone." : refusalText(problem.refusal);
  }
}

/** Longest sentence from a server that is shown. */
const MAX_WORDS = 300;

/** A server's own message, marked as its words: any server may have written it. */
export function serverWords(text: string): string {
  const words = showUnruly(text.replace(/\s+/g, " ").trim());
  return `The server says: “${words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words}”`;
}

/** A refusal as a sentence. */
export function refusalText({ code, message }: Refusal): string {
  const words = message === "" ? "The server refused." : serverWords(message);
  return code === "other" ? words : `${words} (${code})`;
}
