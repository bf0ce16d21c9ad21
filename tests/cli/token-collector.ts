/** A server that asks for the token of `session-bridge doctor`, proves the traces that it makes up, and collects what it is sent. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { CHALLENGE_HEADER, PROOF_HEADER, proofText, readCall, readChallenge } from "session-bridge/protocol";

/** What a hostile server does with a call; the default: it asks for the token, and proves its own trace. */
export type OnCall = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that collects tokens. */
interface Collector {
  listener: RequestListener;
  /** The tokens that it was sent. */
  tokens: unknown[];
  /** How many calls came. */
  calls(): number;
  id: string;
}

/** A new one. @param mark what follows the id in its header */
export function collector({ mark = "", onCall }: { mark?: string; onCall?: OnCall } = {}): Collector {
  const id = randomBytes(16).toString("base64url");
  const tokens: unknown[] = [];
  let calls = 0;
  const listener: RequestListener = async (request, response) => {
    const token = request.headers["session-bridge-token"];
    if (token !== undefined) tokens.push(token);
    if (readCall(request.url ?? "") === null) {
      response.writeHead(200, { "Session-Trace": `v=1;id=${id}${mark}` }).end("Hello.");
      return;
    }
    calls += 1;
    const proof = proofOf(request, id);
    if (proof !== null) response.setHeader(PROOF_HEADER, proof);
    await onCall?.(request, response);
    if (!response.writableEnded) askForToken(response);
  };
  return { listener, tokens, calls: () => calls, id };
}

function askForToken(response: ServerResponse): void {
  response.writeHead(403, { "Content-Type": "application/json" });
  response.end('{"code":"token-missing","message":"It needs a token.","protocol":1}');
}

/** The right proof, if the challenge is about this id. */
export function proofOf({ headers }: IncomingMessage, id: string): string | null {
  const challenge = readChallenge(String(headers[CHALLENGE_HEADER.toLowerCase()]));
  if (challenge?.digest !== createHash("sha256").update(id).digest("base64url")) return null;
  return createHmac("sha256", id).update(proofText(challenge.nonce)).digest("base64url");
}
