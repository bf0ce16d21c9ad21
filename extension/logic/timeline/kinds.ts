/** Kinds of requests, as the browser's Network panel divides them. Which are shown is the user's choice. */
import type { NetworkRequest } from "../../messages/network-request.ts";

/** A kind: its name in the filter and in the preferences, and its word on screen. */
export const KINDS = [
  { name: "document", label: "Documents" },
  { name: "fetch", label: "Fetch/XHR" },
  { name: "script", label: "Scripts" },
  { name: "style", label: "Styles" },
  { name: "image", label: "Images" },
  { name: "font", label: "Fonts" },
  { name: "media", label: "Media" },
  { name: "other", label: "Other" },
] as const;

export type Kind = (typeof KINDS)[number]["name"];

/** All of them. */
export const ALL_KINDS: readonly Kind[] = KINDS.map(({ name }) => name);

/** Shown until the user chooses. Files of a page rarely change a session, and there are many. */
export const DEFAULT_KINDS: readonly Kind[] = ["document", "fetch", "other"];

/** DevTools' words for types, and those of `webRequest` that the recorder keeps; what is not here is `other`. */
const KIND_OF_TYPE: ReadonlyMap<string, Kind> = new Map([
  ["document", "document"],
  ["prefetch", "document"],
  ["fetch", "fetch"],
  ["xhr", "fetch"],
  ["eventsource", "fetch"],
  ["script", "script"],
  ["stylesheet", "style"],
  ["image", "image"],
  ["font", "font"],
  ["media", "media"],
  ["texttrack", "media"],
]);

/** The kind of a request; one whose type is not known counts as `other`. */
export function kindOf({ type }: Pick<NetworkRequest, "type">): Kind {
  return KIND_OF_TYPE.get(type.toLowerCase()) ?? "other";
}

/** `documents, fetch/XHR and other`, in their order on screen; `none` for none. */
export function kindsText(kinds: readonly Kind[]): string {
  const labels = KINDS.filter(({ name }) => kinds.includes(name)).map(({ label }) => lowerFirst(label));
  if (labels.length === KINDS.length) return "all kinds";
  const last = labels.pop();
  if (last === undefined) return "none";
  return labels.length === 0 ? last : `${labels.join(", ")} and ${last}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
