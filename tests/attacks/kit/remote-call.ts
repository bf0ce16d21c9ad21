/** The call, byte by byte, of an attacker on another machine who has obtained the victim's cookie. */
import { EXTENSION_ORIGIN, rawCall } from "../../bridge/site.ts";
import type { Scene } from "./scene.ts";

/** Requests the victim's session, with these additional header lines. */
export function remoteCall(
  { victim }: Pick<Scene, "victim">,
  lines: readonly string[] = [],
  host = "localhost",
): string {
  const headers = [
    `Host: ${host}`,
    `Origin: ${EXTENSION_ORIGIN}`,
    "Content-Type: application/json",
    ...lines,
  ];
  return rawCall("session", headers, JSON.stringify({ protocol: 1, cookie: victim.cookie }));
}
