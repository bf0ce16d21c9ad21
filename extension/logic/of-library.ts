/**
 * Whose sessions a sentence is about. A bridge sees only those of its library: what a request did to another library's session in
 * the same app is not known.
 */
import { showUnseen } from "./show-unseen.ts";

/** True for the sessions of a Django site. False if the library is not known. */
export function isDjango(library: string | null | undefined): boolean {
  return library === "Django";
}

/** ` of express-session`, to follow "the session"; empty if the library is not known. */
export function ofLibrary(name: string | null | undefined): string {
  return name ? ` of ${showUnseen(name)}` : "";
}
