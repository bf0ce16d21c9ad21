/** The call of an attacker on another machine who has come by the victim's cookie, byte by byte. */
import { EXTENSION_ORIGIN, rawCall } from "../../bridge/site.ts";
import type { Scene } from "./scene.ts";

/** Asks for the victim's session, with these header lines besides. */
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
