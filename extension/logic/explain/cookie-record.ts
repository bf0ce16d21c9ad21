/**
 * What all rows of a tab show about the cookies of one name, in one pass over the rows: the responses that set them, what the
 * browser made of that, and which other cookies of the name a request may have carried.
 */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Entry, RequestEntry } from "../timeline/entry.ts";
import { type CookieIdentity, isAddressOf, isSameCookie } from "./cookie-identity.ts";
import type { Facts } from "./facts.ts";
import { REFUSED } from "./refused.ts";
import { addressOf, readSetByName, type SetByName } from "./sent-cookies.ts";
import { clearsCookie, fateOf, setsCookie } from "./setters.ts";

/** A response that set a cookie of the name. */
export interface Setter {
  entry: RequestEntry;
  /** Of its row. */
  index: number;
  set: SetByName;
  /** As far as every browser decides alike, also by the reasons that "Why?" knows. */
  fate: Fate;
  /** Of the last row before it that told the browser to delete this site's cookies; -1 if there is none. */
  clearedAt: number;
}

/** The cookies of one name. */
export interface CookieRecord {
  /** The last ones, in order. */
  setters: readonly Setter[];
  /** True if the request may have carried another cookie of the name than this one. */
  mayCarryOther(request: NetworkRequest, identity: CookieIdentity): boolean;
}

type Fate = ReturnType<typeof fateOf>;

/** Rows before a Set-Cookie that decide whether a browser accepts it; -1: there is none. */
interface Earlier {
  /** The first that shows a cookie of the name. */
  carrierAt: number;
  /** The first that set the same cookie as Secure. */
  secureAt: number;
}

/** Of a row, by the name, and by which earlier rows there are. */
const fates = new WeakMap<RequestEntry, Map<string, Fate>>();

/**
 * Reads the rows.
 *
 * @param limit of the setters; the other cookies of the name are those of all rows
 */
export function recordCookie(name: string, entries: readonly Entry[], limit: number): CookieRecord {
  const setters: (Omit<Setter, "fate"> & Earlier)[] = [];
  const [identities, secure] = [new Map<string, CookieIdentity>(), new Map<string, number>()];
  const cleared = new Map<string, number>();
  let carrierAt = -1;
  for (const [index, entry] of entries.entries()) {
    if (entry.type !== "request") continue;
    const { request } = entry;
    const isSetter = setsCookie(entry, name);
    if (isSetter) {
      const set = readSetByName(request, name);
      const { identity, key } = set;
      const clearedAt = cleared.get(identity?.domain ?? "") ?? -1;
      setters.push({ entry, index, set, clearedAt, carrierAt, secureAt: secure.get(key) ?? -1 });
      if (identity !== null) identities.set(key, identity);
      if (set.isSecure && !secure.has(key)) secure.set(key, index);
    }
    if (carrierAt === -1 && (isSetter || request.sentCookies?.includes(name))) carrierAt = index;
    if (request.clearsCookies) for (const domain of clearedBy(entry)) cleared.set(domain, index);
  }
  const last = setters.slice(-limit).map(({ carrierAt: carrier, secureAt, ...setter }) => ({
    ...setter,
    fate: readFate(setter.entry, name, { entries, carrierAt: carrier, secureAt }),
  }));
  return { setters: last, mayCarryOther: createCarried(identities.values()) };
}

/** The host of a row that told the browser to delete cookies, and every domain that it belongs to; none if it is not obeyed. */
function clearedBy(entry: RequestEntry): string[] {
  const domain = addressOf(entry.request).host?.replace(/^\[|\]$/g, "") ?? "";
  return clearsCookie(entry, { domain }) ? domainsOf(domain) : [];
}

function domainsOf(host: string): string[] {
  const labels = host.split(".");
  return labels.map((_, at) => labels.slice(at).join("."));
}

/** What `fateOf` finds among all rows, from the two of them that count. */
function readFate(
  entry: RequestEntry,
  name: string,
  { entries, carrierAt, secureAt }: Earlier & { entries: readonly Entry[] },
): Fate {
  const known = fates.get(entry) ?? new Map<string, Fate>();
  fates.set(entry, known);
  const key = `${carrierAt !== -1} ${secureAt !== -1} ${name}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const earlier = [carrierAt, secureAt].flatMap((at) => entries[at] ?? []);
  const fate = fateOf([...earlier, entry], entry, name);
  const facts = factsOf(entry, name);
  const isRefused = fate === "refused" || REFUSED.some((rule) => rule.explain(facts) !== null);
  known.set(key, isRefused ? "refused" : fate);
  return isRefused ? "refused" : fate;
}

/** Only the request and its Set-Cookie. */
function factsOf({ request, page }: RequestEntry, name: string): Facts {
  return {
    name,
    request,
    trace: null,
    sent: readSetByName(request, name).sent,
    before: null,
    after: null,
    isListed: false,
    isSession: false,
    namesakes: [],
    pageUrl: page ?? null,
    session: null,
    skewMs: null,
    otherPorts: [],
    rows: new Map(),
    overwrittenBy: [],
    panelDid: null,
    now: request.at,
  };
}

/** Finds cookies by domain and path: an app may set one for each of ten thousand paths. */
function createCarried(identities: Iterable<CookieIdentity>): CookieRecord["mayCarryOther"] {
  const domains = new Map<string, Map<string, CookieIdentity[]>>();
  for (const identity of identities) {
    const paths = domains.get(identity.domain) ?? new Map<string, CookieIdentity[]>();
    domains.set(identity.domain, paths);
    const same = paths.get(identity.path) ?? [];
    paths.set(identity.path, same); // at most four: host-only or not, in a partition or not
    same.push(identity);
  }
  return (request, identity) => {
    const { host, path } = addressOf(request);
    const near = domainsOf(host?.replace(/^\[|\]$/g, "") ?? "").flatMap((domain) => {
      const paths = domains.get(domain);
      return paths === undefined ? [] : within(paths, path);
    });
    return near.some((its) => !isSameCookie(its, identity) && isAddressOf(request, its, false));
  };
}

/** Those that may be sent to this path, and perhaps some more. */
function within(paths: ReadonlyMap<string, CookieIdentity[]>, path: string): CookieIdentity[] {
  const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
  if (paths.size <= 2 * ends.length + 1) return [...paths.values()].flat();
  const asked = new Set([path, ...ends.flatMap((at) => [path.slice(0, at), path.slice(0, at + 1)])]);
  return [...asked].flatMap((each) => paths.get(each) ?? []);
}
