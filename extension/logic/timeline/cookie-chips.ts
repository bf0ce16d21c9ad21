/**
 * If no server reports on a session: which cookies a response sent. "Why?" says whether the browser accepted them. And for
 * every row: whether it overwrote another app's cookie.
 */
import type { NetworkRequest } from "../../messages/network-request.ts";
import { sayOverwriting } from "../explain/collisions.ts";
import { isDeletion, type Overwriting, readSentCookie } from "../explain/facts.ts";
import type { LateCookie } from "../explain/late-cookies.ts";
import { cutText } from "../json/tree-rows.ts";
import { showUnseen } from "../show-unseen.ts";
import { formatTook } from "../time-text.ts";
import { type ChipRule, chip } from "./chip.ts";

const MAX_NAME = 40;

/** A cookie of the row's response, and how it overwrote that of another server. */
export interface OverwrittenCookie {
  name: string;
  overwriting: Overwriting;
}

/** If it is known that the other server is another app. */
export const OVERWROTE: ChipRule<OverwrittenCookie> = {
  name: "overwrote-cookie",
  tell: ({ name, overwriting }) => {
    if (!overwriting.areTwoApps) return [];
    const did = overwriting.isDeletion ? "deleted" : "overwrote";
    const whose = overwriting.was.origin.replace(/^\w+:\/\//, "");
    const text = `${did} ${cutText(name, MAX_NAME)} of ${whose}`;
    return [chip("bad", text, sayOverwriting(name, overwriting))];
  },
};

/** If the response was sent before another one and arrived after it. */
export const LATE: ChipRule<LateCookie> = {
  name: "older-cookie-arrived-last",
  tell: ({ name, newerRow, isDeletion, sentBeforeMs, cameAfterMs }) => {
    if (sentBeforeMs <= 0 || cameAfterMs <= 0) return [];
    const did = isDeletion
      ? `deleted the ${showUnseen(name)} that ${newerRow} had set`
      : `left its older ${showUnseen(name)} in the browser`;
    const title = `The server sent this response ${formatTook(sentBeforeMs)} before that to ${newerRow}. It arrived ${formatTook(cameAfterMs)} after it and ${did}`;
    return [chip("bad", "older cookie arrived last", title)];
  },
};

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
