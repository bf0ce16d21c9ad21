/** One call of `hello` by `session-bridge doctor`, and what came back. */
import { BRIDGE_PATH, CHALLENGE_HEADER, TOKEN_HEADER } from "../protocol/address.ts";
import { type HelloAnswer, PROTOCOL_VERSION, type Refusal } from "../protocol/messages.ts";
import { parseAnswer, parseRefusal } from "../protocol/parse.ts";
import { askForProof } from "./doctor-proof.ts";
import { type Answer, ask, type Failure, isAnswer, valuesOf } from "./doctor-request.ts";

/**
 * Why a bridge that wants the token did not get it.
 *
 * - `redirected`: the visit was redirected to another port.
 * - `no-trace`: no response named a trace.
 * - `unproven`: it has not proven that it made the trace that was seen.
 * - `two-servers`: it has not proven that it made what the name's other address answers.
 */
export type Withheld = "redirected" | "no-trace" | "unproven" | "two-servers";

/** What one address answered to `hello`. */
export type Greeting = {
  url: URL;
  /** The IP address that the call went to; null if there was no answer. */
  address: string | null;
  wasTokenSent: boolean;
  /** The answer had the right proof. */
  isProven: boolean;
} & (
  | { kind: "answered"; hello: HelloAnswer }
  /** `withheld`: there is a token, the bridge wants it, and it was not sent. */
  | { kind: "refused"; refusal: Refusal; withheld: Withheld | null }
  /** Something else answered: the app, or a proxy. */
  | { kind: "absent"; status: number }
  /** A port that a header named answered without the proof: whatever it says is no bridge of this app's. */
  | { kind: "unproven" }
  | { kind: "failed"; failure: Failure }
);

/** How a call is made. */
interface HelloCall {
  /** The trace to prove; null: no proof is asked for. */
  traceId: string | null;
  /** The IP address to connect to; null: whichever the name leads to. */
  address: string | null;
  token: string | null;
  answerMs: number;
}

/** The Origin of no real extension: bridges answer every one in this form, unless the option `extensionId` names some. */
const ORIGIN = `chrome-extension://${"abcdefghijklmnop".repeat(2)}`;

/** Says hello. */
export async function callHello(
  origin: URL,
  { traceId, address, token, answerMs }: HelloCall,
): Promise<Greeting> {
  const question = traceId === null ? null : askForProof(traceId);
  const body = JSON.stringify({ protocol: PROTOCOL_VERSION });
  const headers = {
    Origin: ORIGIN,
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    "Sec-Fetch-Site": "none",
    ...(question !== null && { [CHALLENGE_HEADER]: question.challenge }),
    ...(token !== null && { [TOKEN_HEADER]: token }),
  };
  const url = new URL(`${BRIDGE_PATH}hello`, origin);
  const outcome = await ask(url, { method: "POST", headers, body, address, answerMs });
  const sent = { url: origin, wasTokenSent: token !== null };
  if (!isAnswer(outcome))
    return { ...sent, address: null, isProven: false, kind: "failed", failure: outcome };
  const from = {
    ...sent,
    address: outcome.address,
    isProven: question?.isProvenBy(outcome) === true,
  };
  const json = parseJson(outcome);
  const hello = outcome.status === 200 ? parseHello(json) : null;
  if (hello !== null) return { ...from, kind: "answered", hello };
  const refusal = outcome.status === 200 ? null : parseRefusal(json);
  if (refusal !== null) return { ...from, kind: "refused", refusal, withheld: null };
  return { ...from, kind: "absent", status: outcome.status };
}

function parseHello(json: unknown): HelloAnswer | null {
  try {
    return parseAnswer("hello", json);
  } catch {
    return null; // an app that answers every path, or a bridge of another version
  }
}

/** Undefined if it is not JSON, or longer than is read. */
function parseJson(answer: Answer): unknown {
  if (!valuesOf(answer, "content-type").some((type) => /^application\/json\b/i.test(type))) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    return undefined;
  }
}
