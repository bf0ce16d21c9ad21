/**
 * Sessions of Starlette's SessionMiddleware, which FastAPI uses too: base64 of JSON with padding, signed by
 * itsdangerous.
 *
 * If the payload needs no padding, it looks like Flask's. Then the spaces in its JSON tell them apart: Starlette uses
 * Python's defaults, `{"a": 1}`, while Flask writes no spaces.
 *
 * @source starlette/middleware/sessions.py
 */
import { readBase64, readPythonJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";
import { readTimeSigned } from "./itsdangerous.ts";

/** Decodes a Starlette session cookie. */
export async function decodeStarlette({ value }: Encoded): Promise<Decoded | null> {
  const signed = readTimeSigned(value);
  if (signed === null || signed.payload.length % 4 !== 0) return null;
  const bytes = readBase64(signed.payload);
  const json = bytes && readPythonJsonText(readUtf8(bytes));
  if (json === null || !/^\{"(?:[^"\\]|\\.)*": /.test(json)) return null;
  return { format: "Starlette", json, issuedAt: signed.issuedAt, expiresAt: null, notes: [UNVERIFIED] };
}
