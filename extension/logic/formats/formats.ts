/** The formats in which cookies leave and enter the panel, as one table. */
import type { Sliced } from "../slices.ts";
import { parseHeader, toHeader } from "./header.ts";
import { parseJson, toJson } from "./json.ts";
import { parseNetscape, toNetscape } from "./netscape.ts";
import type { Imported, PortableCookie } from "./portable.ts";
import { parseStorageState, toStorageState } from "./storage-state.ts";

export type FormatName = "json" | "netscape" | "header" | "storage-state";

interface Format {
  name: FormatName;
  /** The name that people know it by. */
  title: string;
  fileName: string;
  write(cookies: readonly PortableCookie[]): string;
  /** `host` is used for texts that do not name one. */
  read(text: string, host: string): Sliced<Imported>;
}

export const FORMATS: readonly Format[] = [
  { name: "json", title: "JSON", fileName: "cookies.json", write: toJson, read: parseJson },
  {
    name: "netscape",
    title: "Netscape cookies.txt",
    fileName: "cookies.txt",
    write: toNetscape,
    read: parseNetscape,
  },
  {
    name: "header",
    title: "Cookie header",
    fileName: "cookie-header.txt",
    write: toHeader,
    read: parseHeader,
  },
  {
    name: "storage-state",
    title: "Playwright storageState",
    fileName: "storage-state.json",
    write: toStorageState,
    read: parseStorageState,
  },
];

/** The format of a pasted text, judged by its first characters; `header` if nothing else fits. */
export function recogniseFormat(text: string): FormatName {
  const start = text.trimStart();
  if (start.startsWith("[")) return "json";
  if (start.startsWith("{")) return /"cookies"\s*:/.test(start) ? "storage-state" : "json";
  if (start.startsWith("# Netscape")) return "netscape";
  for (let at = 0; at < start.length; ) {
    const next = start.indexOf("\n", at);
    const end = next === -1 ? start.length : next;
    const line = start.slice(at, end).trimEnd();
    if (line !== "" && (!line.startsWith("#") || line.startsWith("#HttpOnly_")))
      return start.slice(at, end).split("\t").length === 7 ? "netscape" : "header";
    at = end + 1;
  }
  return "header";
}
