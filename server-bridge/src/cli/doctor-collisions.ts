/** Apps on one host whose session cookies have one name: cookies ignore ports, so each overwrites the other's. */
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import type { BridgeSight } from "./doctor-bridge.ts";
import { identityOf, isDeletion, isSessionName, type SentCookie } from "./doctor-cookies.ts";
import { type Finding, show, wrong } from "./doctor-findings.ts";

/** What is known of one address that answered. */
export interface Examined {
  url: URL;
  sight: BridgeSight;
  cookies: readonly SentCookie[];
}

/** One finding for each pair of apps that overwrite each other's cookie. */
export function findCollisions(examined: readonly Examined[]): Finding[] {
  return examined.flatMap((one, at) =>
    examined.slice(at + 1).flatMap((other) => {
      if (one.url.hostname !== other.url.hostname || one.url.origin === other.url.origin) return [];
      const relation = relate(one, other);
      const name = relation === "one app" ? null : sharedName(one, other);
      return name === null ? [] : [sayCollision(name, one.url, other.url, relation === "two apps")];
    }),
  );
}

/** The names that a bridge gave for the sessions behind an address. */
export function knownNames({ own, named, neighbour }: BridgeSight): string[] {
  return [own, named, neighbour].flatMap((one) => (one?.kind === "answered" ? one.hello.cookieNames : []));
}

/** One trace log, or one port behind both addresses, is one app. */
function relate(one: Examined, other: Examined): "one app" | "two apps" | "unknown" {
  const ports = [one, other].map(({ sight, url }) => sight.header?.at?.port ?? Number(url.port));
  const [logs, others] = [one, other].map(({ sight }) => processesOf(sight));
  if (logs?.some((log) => others?.includes(log)) || ports[0] === ports[1]) return "one app";
  return logs?.length && others?.length ? "two apps" : "unknown";
}

function processesOf({ own, named, neighbour }: BridgeSight): string[] {
  return [own, named, neighbour].flatMap((one) => (one?.kind === "answered" ? [one.hello.process] : []));
}

/** A cookie that both set, or a name that both bridges give and neither response set. */
function sharedName(one: Examined, other: Examined): string | null {
  const mine = sessionCookies(one);
  const theirs = sessionCookies(other);
  const set = mine.find((cookie) => theirs.some((each) => identityOf(each) === identityOf(cookie)));
  if (set !== undefined) return set.cookie.name;
  const isSet = (name: string) =>
    [mine, theirs].every((all) => all.some(({ cookie }) => cookie.name === name));
  const names = knownNames(other.sight);
  return knownNames(one.sight).find((name) => names.includes(name) && !isSet(name)) ?? null;
}

function sessionCookies({ cookies, sight }: Examined): SentCookie[] {
  const known = knownNames(sight);
  return cookies.filter((sent) => isSessionName(sent.cookie.name, known) && !isDeletion(sent));
}

function sayCollision(name: string, one: URL, other: URL, isSure: boolean): Finding {
  const names = `${one.origin} and ${other.origin}`;
  const cookie = `the session cookie ${show(name, 60)}`;
  return wrong(
    isSure
      ? `${names} are two apps with ${cookie}: cookies ignore ports, so each overwrites the other's session.`
      : `${names} have ${cookie}, and cookies ignore ports: if these are two apps, each overwrites the other's session.`,
    isLoopbackHost(other.hostname)
      ? `Open one of them as ${elsewhere(other)}, or give it another cookie name.`
      : "Give one of them another cookie name.",
  );
}

function elsewhere({ protocol, hostname, port }: URL): string {
  const name = hostname === "localhost" ? "app.localhost" : "localhost";
  return `${protocol}//${name}${port === "" ? "" : `:${port}`}`;
}
