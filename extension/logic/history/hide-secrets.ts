/**
 * The two passes over a history: the first collects its secrets, the second replaces each with a stand-in wherever it occurs.
 * What counts as a secret, by name and by form, is defined in one place for traces and exports (`protocol/secrets`).
 */
import {
  type AddressMarks,
  cutMark,
  findSecrets,
  hideAddress,
  type JsonNode,
  looksSecret,
  mapScalars,
  parseJson,
  readMark,
  secretItems,
  stringOf,
} from "session-bridge/protocol";
import type { HistoryVisitor } from "./history-visitor.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** Stands for a parameter's value in a URL. */
const HIDDEN_VALUE = encodeURIComponent("…");
/** Stands for data that cannot be read, and therefore cannot be searched. */
const UNREADABLE = JSON.stringify(cutMark("unreadable"));
/** Attributes of Set-Cookie whose values are kept; the path is an address. */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  "expires max-age domain secure httponly samesite partitioned priority".split(" "),
);
/** The shortest line of a PEM key that is a secret by itself, and how often a secret is searched for others. */
const LEAST_LINE = 12;
const MAX_PARTS = 3;
const NUMBER = /^-?\d/;
/** The shortest number that can be a card number. */
const LEAST_NUMBER = 14;

/** Collects every secret that it sees. The strings that it returns mean nothing. */
export function createLearner(pseudonyms: Pseudonyms): HistoryVisitor {
  const learn = (secret: string): string => pseudonyms.learn(secret, "secret");
  const text = once((from) => {
    learnForms(from, learn, 0);
    for (const key of shortKeysIn(from)) pseudonyms.learn(key, "key");
  });
  const marks: AddressMarks = { part: learn, value: learn };
  return {
    text,
    address: once((address) => void hideAddress(address, marks)),
    json: once((json) => learnJson(json, { secret: learn, text })),
    key: once((key) => void pseudonyms.learn(key, "key")),
    cookieValue: once((value) => void pseudonyms.learn(value, "cookie")),
    setCookieLine: once((line) => {
      const { value, attributes } = readSetCookie(line);
      pseudonyms.learn(value, "cookie");
      for (const [name, given] of attributes) {
        if (name.toLowerCase() === "path") hideAddress(given, marks);
        else if (!ATTRIBUTES.has(name.toLowerCase())) learn(given);
      }
    }),
  };
}

/** Replaces the collected secrets. */
export function createReplacer(pseudonyms: Pseudonyms): HistoryVisitor {
  const word = (secret: string): string => pseudonyms.learn(secret, "secret");
  const hide = pseudonyms.apply;
  const address = (text: string): string =>
    hide(hideAddress(text, { part: word, value: () => HIDDEN_VALUE }));
  return {
    text: hide,
    address,
    json: remembered((json) => replaceJson(json, word, hide)),
    key: (key) => pseudonyms.learn(key, "key"),
    cookieValue: (value) => pseudonyms.learn(value, "cookie"),
    setCookieLine(line) {
      const { name, value, attributes } = readSetCookie(line);
      const parts = attributes.map(([attribute, given]) => {
        const shown =
          attribute.toLowerCase() === "path" ? address(given) : hideAttribute(attribute, given, word);
        return given === "" ? hide(attribute) : `${hide(attribute)}=${shown}`;
      });
      const pair = name === null ? "" : `${hide(name)}=`;
      return [pair + pseudonyms.learn(value, "cookie"), ...parts].join("; ");
    },
  };
}

/**
 * Collects strings that have a secret's form, and the parts of them that do: of `Bearer …`, of a line of cookies, of a PEM key.
 */
function learnForms(text: string, learn: (secret: string) => void, depth: number): void {
  for (const { start, end } of findSecrets(text)) {
    const secret = text.slice(start, end);
    learn(secret);
    if (secret.includes("\n"))
      for (const line of secret.split("\n")) if (line.length >= LEAST_LINE) learn(line);
    if (secret.length < text.length && depth < MAX_PARTS) learnForms(secret, learn, depth + 1);
  }
}

function hideAttribute(name: string, value: string, word: (secret: string) => string): string {
  return ATTRIBUTES.has(name.toLowerCase()) ? value : word(value);
}

interface Learn {
  secret(text: string): void;
  text(text: string): void;
}

/** An object, a list or a scalar that has yet to be visited. */
interface Open {
  node: JsonNode;
  secret: boolean;
  isEntry: boolean;
}

/** Collects what appears under the names of secrets, at every depth, and what has a secret's form. */
function learnJson(json: string, learn: Learn): void {
  const parsed = parseJson(json);
  if (!parsed.ok) return; // left out by the other way
  for (const { node, secret } of nodesOf(json, parsed.root)) {
    for (const name of node.keys) learn.text(name);
    if (node.kind === "string") {
      const text = stringOf(json, node);
      if (!secret) learn.text(text);
      else if (!isMark(text)) learn.secret(text);
    } else if (node.kind === "number") {
      const spelling = json.slice(node.start, node.end);
      if (secret || isSecretNumber(spelling)) learn.secret(spelling);
    }
  }
}

/** The same JSON with stand-ins: a number that is a secret becomes a string. */
function replaceJson(json: string, word: (secret: string) => string, hide: (text: string) => string): string {
  const parsed = parseJson(json);
  if (!parsed.ok) return UNREADABLE;
  const secrets = new Set<number>();
  for (const { node, secret } of nodesOf(json, parsed.root)) if (secret) secrets.add(node.start);
  return mapScalars(json, (token, start) => {
    const isText = token.startsWith('"');
    const plain: string = !isText ? token : token.includes("\\") ? JSON.parse(token) : token.slice(1, -1);
    if (isMark(plain)) return token;
    const isSecret = secrets.has(start) && (isText || NUMBER.test(token));
    const replaced = isSecret ? word(plain) : hide(plain);
    return replaced === plain ? token : JSON.stringify(replaced);
  });
}

/** Every value, and whether it appears under a secret's name. Deep values take no more stack than flat ones. */
function* nodesOf(json: string, root: JsonNode): Generator<{ node: JsonNode; secret: boolean }> {
  const open: Open[] = [{ node: root, secret: false, isEntry: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { node, secret, isEntry } = next;
    if (node.items.length === 0) continue;
    const inner = secretItems(json, node, isEntry);
    for (const [index, item] of node.items.entries())
      open.push({ node: item, secret: secret || inner[index] === true, isEntry: node.kind === "array" });
  }
}

/** True for what a trace put in place of a secret: it only shows which ones are equal. */
function isMark(text: string): boolean {
  return text.startsWith("\u2039") && readMark(text)?.kind === "redacted";
}

function isSecretNumber(spelling: string): boolean {
  return spelling.length >= LEAST_NUMBER && looksSecret(spelling);
}

interface SetCookie {
  /** Null if the whole string is a value. */
  name: string | null;
  value: string;
  attributes: [name: string, value: string][];
}

function readSetCookie(line: string): SetCookie {
  const [pair = "", ...attributes] = line.split(";");
  const [name, value] = splitPair(pair);
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return {
    name: pair.includes("=") ? name : null,
    value: !pair.includes("=") ? name : isQuoted ? value.slice(1, -1) : value,
    attributes: attributes.map(splitPair),
  };
}

function splitPair(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text.trim(), ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Session keys as they are shortened for people: `a1b2…y9z0`. */
function shortKeysIn(text: string): string[] {
  return text.includes("…") ? (text.match(/[\w-]{1,8}…[\w-]{1,8}/g) ?? []) : [];
}

/** Calls it once for each string; returns the string itself. */
function once(learn: (text: string) => void): (text: string) => string {
  return remembered((text) => {
    learn(text);
    return text;
  });
}

/** Like `map`, which is called once for each string. */
function remembered(map: (text: string) => string): (text: string) => string {
  const results = new Map<string, string>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = map(text);
    results.set(text, result);
    return result;
  };
}
