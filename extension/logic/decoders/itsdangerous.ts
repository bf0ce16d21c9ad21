/**
 * The form in which itsdangerous signs a payload: `payload.timestamp.signature`. Flask and Starlette both write it,
 * each with a different form of payload.
 *
 * @source itsdangerous/timed.py (timestamp: base64url of big-endian seconds since 1970)
 */
import { isBase64Url, readBase64 } from "./bytes.ts";

interface TimeSigned {
  payload: string;
  /** Milliseconds since 1970. */
  issuedAt: number;
}

/** Splits such a value; null if it is not one. The payload may have any form without a dot. */
export function readTimeSigned(value: string): TimeSigned | null {
  const [payload, stamp, signature, ...more] = value.split(".");
  if (more.length > 0 || payload === undefined || payload === "") return null;
  if (!isBase64Url(stamp, 5, 6, 7, 8) || !isBase64Url(signature, 27, 43, 86)) return null;
  const moment = readBase64(stamp);
  if (moment === null) return null;
  return { payload, issuedAt: moment.reduce((sum, byte) => sum * 256 + byte, 0) * 1000 };
}
