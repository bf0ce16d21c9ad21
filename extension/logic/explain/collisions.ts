/** Two servers on one host that overwrite each other's cookie: which one did it, at which request, and what helps. */
import { openElsewhere } from "../shared-cookies.ts";
import type { Facts, Overwriting, Rule } from "./facts.ts";
import { sayName, sayRequest } from "./words.ts";

/** A cookie of a response, and how it overwrote that of another server. */
interface Overwritten {
  name: string;
  overwriting: Overwriting;
}

export const COLLISIONS: readonly Rule[] = [
  {
    name: "session-overwritten",
    about: "cookie",
    claims: ["two servers share it"],
    explain({ name, request, lostTo = null, overwrote = null }) {
      if (lostTo === null) return null;
      const turn = overwrote?.was.origin === lostTo.by.origin ? sayInTurn(name, overwrote) : "";
      const sentence = `${sayOverwriting(name, lostTo)} ${sayLoss({ name, request }, lostTo)}${turn}`;
      return { sentence, remedy: sayCure(name, lostTo) };
    },
  },
  {
    name: "overwrote-cookie",
    about: "cookie",
    claims: ["two servers share it"],
    explain({ name, overwrote = null }) {
      if (overwrote === null) return null;
      return { sentence: sayOverwriting(name, overwrote), remedy: sayCure(name, overwrote) };
    },
  },
];

/** What the rows show, in a sentence. */
export function sayOverwriting(name: string, { by, was, isDeletion }: Overwriting): string {
  const did = isDeletion ? "deleted" : "replaced";
  return `The response to ${by.row} of ${by.origin} ${did} ${sayName(name)}, which ${was.origin} had set at ${was.row}.`;
}

/** How both servers keep their cookies. */
export function sayCure(name: string, { by, areTwoApps }: Overwriting): string {
  const known = areTwoApps ? "" : "If these are two apps: ";
  const where = openElsewhere(by.origin).replace(/^open it/, `open ${by.origin}`);
  const first = areTwoApps ? where.replace(/^o/, "O") : where;
  return `Cookies ignore ports. ${known}${first}, or give one of the two another name than ${sayName(name)}.`;
}

/**
 * The cookies that one response replaced, or deleted, of one server, as one with all their names: a row has one chip about them.
 * Those of another app come first, then those of which there are most. Null: there are none.
 */
export function joinOverwritten(all: readonly Overwritten[]): Overwritten | null {
  const known = all.filter(({ overwriting }) => overwriting.areTwoApps);
  const groups = new Map<string, Overwritten[]>();
  for (const each of known.length > 0 ? known : all) {
    const { was, isDeletion } = each.overwriting;
    const key = `${isDeletion} ${was.origin}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const [most = []] = [...groups.values()].sort((one, other) => other.length - one.length);
  const [first] = most;
  if (first === undefined) return null;
  const { was, ...overwriting } = first.overwriting;
  const row = [...new Set(most.map((each) => each.overwriting.was.row))].join(" and ");
  const name = most.map((each) => each.name).join(" and ");
  return { name, overwriting: { ...overwriting, was: { ...was, row } } };
}

function sayLoss({ name, request }: Pick<Facts, "name" | "request">, { was }: Overwriting): string {
  if (request?.sentCookies?.includes(name) !== true)
    return `${sayRequest(request)} was therefore sent without it, and ${was.origin} found no session.`;
  return `${sayRequest(request)} was then sent with another ${sayName(name)}, for which ${was.origin} has no session.`;
}

function sayInTurn(name: string, { was, isDeletion }: Overwriting): string {
  return ` Its response ${isDeletion ? "deleted" : "replaced"} the ${sayName(name)} of ${was.origin} in turn.`;
}
