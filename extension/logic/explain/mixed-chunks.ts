/**
 * Parts of a session cookie that no single response has set: two responses that overlapped, or a chunk of an earlier, longer
 * value that was left over, also next to a cookie NAME for a library that joins both. Only the Set-Cookie lines that were seen show it, and only if the server cannot open the whole.
 */

import type { TabCookie } from "../../messages/tab-cookie.ts";
import { chunksOf } from "../chunked-cookies.ts";
import type { Entry, RequestEntry } from "../timeline/entry.ts";
import { identityOf, isSameCookie } from "./cookie-identity.ts";
import type { ChunkOrigin } from "./facts.ts";
import { sayRow } from "./say-row.ts";
import { addressOf, readSetByName } from "./sent-cookies.ts";
import { setsCookie } from "./setters.ts";

/** The chunks with their origins, and the last of the rows. */
interface Mixed {
  chunks: readonly ChunkOrigin[];
  lastRow: string;
}

/** Rows before these are too old to say where a chunk comes from. */
const LAST_ROWS = 1000;

/**
 * The chunks of this cookie if they are known to come from several responses; null if they may all come from one.
 *
 * @param whole a cookie that was joined from chunks
 */
export function findMixedChunks(whole: TabCookie, entries: readonly Entry[]): Mixed | null {
  const chunks = chunksOf(whole);
  if (whole.chunks === undefined || chunks.length < 2) return null;
  const last = entries.slice(-LAST_ROWS);
  const setters = chunks.map((chunk) => last.filter((entry) => isSetBy(entry, chunk)));
  const isWhole = last.some((entry) => setters.every((each) => each.some((one) => one.id === entry.id)));
  const newest = last.findLast((entry) => setters.some((each) => each.at(-1)?.id === entry.id));
  if (isWhole || newest === undefined) return null;
  return {
    chunks: chunks.map(({ name }, at) => {
      const setter = setters[at]?.at(-1);
      return { name, row: setter === undefined ? null : sayRow(setter) };
    }),
    lastRow: newest.id,
  };
}

/** True if the response set exactly this chunk, with the value that the browser holds. */
function isSetBy(entry: Entry, chunk: TabCookie): entry is RequestEntry {
  if (!setsCookie(entry, chunk.name) || addressOf(entry.request).host === null) return false;
  const { identity, sent, isDeletion } = readSetByName(entry.request, chunk.name);
  if (identity === null || sent === null || isDeletion) return false;
  return isSameCookie(identity, identityOf(chunk)) && sent.parsed.value === chunk.value;
}
