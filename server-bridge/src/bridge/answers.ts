/** The bridge's HTTP answers: JSON, never cached, never readable by a page. No `Access-Control-*` header is ever among them. */
import { PROTOCOL_VERSION, type Refusal, type RefusalCode, type SessionState } from "../protocol/messages.ts";
import type { HttpAnswer } from "./http.ts";

const HEADERS: HttpAnswer["headers"] = [
  // no-transform: a compressing middleware would hold a stream back
  ["cache-control", "no-store, no-transform"],
  ["x-content-type-options", "nosniff"],
];

/** An answer with a body that is known whole. */
export function jsonAnswer(status: number, body: object): HttpAnswer {
  const text = JSON.stringify(body);
  return {
    status,
    headers: [
      ...HEADERS,
      ["content-type", "application/json; charset=utf-8"],
      ["content-length", String(Buffer.byteLength(text))],
    ],
    body: text,
  };
}

/** An answer whose lines of JSON are sent as they come. */
export function streamAnswer(lines: AsyncIterable<string>): HttpAnswer {
  return {
    status: 200,
    headers: [...HEADERS, ["content-type", "application/x-ndjson; charset=utf-8"]],
    body: lines,
  };
}

/** Why a call was not answered: thrown inside the bridge, sent to the panel. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: RefusalCode;
  readonly session: SessionState | undefined;

  constructor(code: RefusalCode, message: string, session?: SessionState) {
    super(message);
    this.code = code;
    this.session = session;
  }
}

/** The refusal of a call whose body other middleware has read and not kept. */
export function bodyGone(): Refused {
  return new Refused(
    "malformed",
    "The body was read before the bridge saw the request. Put the bridge before whatever reads bodies.",
  );
}

/** 409 for a conflict, 500 when the store failed, else 403. */
export function refusalAnswer({
  code,
  message,
  session,
}: Pick<Refused, "code" | "message" | "session">): HttpAnswer {
  const refusal: Refusal = { code, message, protocol: PROTOCOL_VERSION };
  const status = code === "conflict" ? 409 : code === "failed" ? 500 : 403;
  return jsonAnswer(status, session === undefined ? refusal : { ...refusal, session });
}
