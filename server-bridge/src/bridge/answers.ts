/**
 * The bridge's HTTP answers: JSON, never cached, never readable by a page. They never have an `Access-Control-*`
 * header.
 */
import { PROTOCOL_VERSION, type Refusal, type RefusalCode, type SessionState } from "../protocol/messages.ts";
import type { HttpAnswer } from "./http.ts";

const HEADERS: HttpAnswer["headers"] = [
  // no-transform: a compressing middleware would hold a stream back
  ["cache-control", "no-store, no-transform"],
  ["x-content-type-options", "nosniff"],
];

/** An answer whose whole body is known. */
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

/** An answer whose JSON lines are sent as they become available. */
export function streamAnswer(lines: AsyncIterable<string>): HttpAnswer {
  return {
    status: 200,
    headers: [...HEADERS, ["content-type", "application/x-ndjson; charset=utf-8"]],
    body: lines,
  };
}

/** Why a call was refused: thrown inside the bridge, sent to the panel. */
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

/** The refusal of a call whose body other middleware read and did not keep. */
export function bodyGone(): Refused {
  return new Refused(
    "malformed",
    "The body was read before the bridge saw the request. Put the bridge before any middleware that reads bodies.",
  );
}

/** 409 for a conflict, 500 if the store failed, otherwise 403. */
export function refusalAnswer({
  code,
  message,
  session,
}: Pick<Refused, "code" | "message" | "session">): HttpAnswer {
  const refusal: Refusal = { code, message, protocol: PROTOCOL_VERSION };
  const status = code === "conflict" ? 409 : code === "failed" ? 500 : 403;
  return jsonAnswer(status, session === undefined ? refusal : { ...refusal, session });
}
