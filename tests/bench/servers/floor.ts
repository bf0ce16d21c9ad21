/**
 * The floor: the least work that is still correct, on bare `node:http`, for each store. Nothing here is general; it
 * is what a session library is measured against. Correct means: the key comes from the cookie, requests share no
 * object, a save is a compare-and-swap, an expired session is not read, the response ends after the store has it.
 */
import { randomFillSync } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AGE_SECONDS, dataOf, FILLS } from "../data.ts";
import { sendJson } from "./bare.ts";
import { listen, type Places, type Start } from "./contestant.ts";
import { openMemory } from "./floor-memory.ts";
import { openRedis } from "./floor-redis.ts";
import { openSqlite } from "./floor-sqlite.ts";
import type { FloorStore, Loaded } from "./floor-store.ts";

type Open = (places: Places) => Promise<FloorStore>;

function startWith(open: Open) {
  return async (places: Places): Promise<Server> => {
    const store = await open(places);
    return listen(createServer((request, response) => answer(store, request, response)));
  };
}

function answer(store: FloorStore, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  if (path === "/untouched") sendJson(response, { ok: true });
  else if (FILLS.has(path)) logIn(store, response, path);
  else usePage(store, response, readKey(request.headers.cookie) ?? "", path);
}

function logIn(store: FloorStore, response: ServerResponse, path: string): void {
  const key = newKey();
  const created = store.create(key, dataOf(FILLS.get(path) ?? "login"));
  whenDone(created, (ok) => finish(response, key, ok, { user_id: 123 }));
}

function usePage(store: FloorStore, response: ServerResponse, key: string, path?: string): void {
  const loaded = store.load(key);
  if (loaded instanceof Promise) void loaded.then((session) => act(store, response, key, session, path));
  else act(store, response, key, loaded, path);
}

function act(
  store: FloorStore,
  response: ServerResponse,
  key: string,
  loaded: Loaded | undefined,
  path?: string,
): void {
  if (loaded === undefined || path === "/read") {
    response.setHeader("Vary", "Cookie");
    sendJson(response, { user_id: loaded?.data.user_id, n: loaded?.data.n });
    return;
  }
  const { data, stored } = loaded;
  data.n += 1;
  whenDone(store.save(key, stored, data), (ok) => finish(response, key, ok, { n: data.n }));
}

function whenDone(result: boolean | Promise<boolean>, then: (ok: boolean) => void): void {
  if (typeof result === "boolean") then(result);
  else void result.then(then);
}

function finish(response: ServerResponse, key: string, ok: boolean, value: unknown): void {
  response.statusCode = ok ? 200 : 400;
  response.setHeader("Vary", "Cookie");
  response.setHeader(
    "Set-Cookie",
    `sessionid=${key}; expires=${cookieDate()}; HttpOnly; Max-Age=${AGE_SECONDS}; Path=/; SameSite=Lax`,
  );
  sendJson(response, value);
}

function readKey(header: string | undefined): string | undefined {
  const at = header?.indexOf("sessionid=") ?? -1;
  return header === undefined || at < 0 ? undefined : header.slice(at + 10, at + 42);
}

let dateSecond = 0;
let dateText = "";

function cookieDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date((second + AGE_SECONDS) * 1000).toUTCString();
  }
  return dateText;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const pool = Buffer.alloc(4096);
let next = pool.length;

/** 32 characters of Django's alphabet, without bias, from a pool of random bytes. */
function newKey(): string {
  let key = "";
  while (key.length < 32) {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    const byte = pool[next++] ?? 255;
    if (byte < 252) key += ALPHABET[byte % 36];
  }
  return key;
}

export const START: Record<string, Start> = {
  "floor-memory": startWith(async () => openMemory()),
  "floor-sqlite": startWith(async (places) => openSqlite(places)),
  "floor-redis": startWith(openRedis),
};
