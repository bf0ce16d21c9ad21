/** If no server reports on a session: which cookies a response sent. "Why?" says whether the browser accepted them. */
import type { NetworkRequest } from "../../messages/network-request.ts";
import { isDeletion, readSentCookie } from "../explain/facts.ts";
import { cutText } from "../json/tree-rows.ts";
import { type ChipRule, chip } from "./chip.ts";

const MAX_NAME = 40;

/** A chip for each Set-Cookie. */
export const COOKIE_CHIPS: readonly ChipRule<NetworkRequest>[] = [
  {
    name: "cookie-set",
    tell: (request) =>
      linesOf(request)
        .filter(({ deletes }) => !deletes)
        .map(({ name }) => chip("dim", `set ${cutText(name, MAX_NAME)}`, "The response sent this cookie")),
  },
  {
    name: "cookie-deleted",
    tell: (request) =>
      linesOf(request)
        .filter(({ deletes }) => deletes)
        .map(({ name }) =>
          chip(
            "dim",
            `delete ${cutText(name, MAX_NAME)}`,
            "The response told the browser to delete this cookie",
          ),
        ),
  },
];

function linesOf(request: NetworkRequest): { name: string; deletes: boolean }[] {
  return request.setCookies.map((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf("="))).trim();
    const sent = readSentCookie({ ...request, setCookies: [line] }, name);
    return { name, deletes: sent !== null && isDeletion(sent, request.at) };
  });
}
