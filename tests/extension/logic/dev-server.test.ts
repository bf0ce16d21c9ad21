/** Whether only a development server has answered the page: known from its client's requests, until the page calls its app. */
import { expect, it } from "vitest";
import { isOnlyDevServer } from "../../../extension/logic/dev-server.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { fillRequest } from "../../panel/memory-ports/world.ts";

const ORIGIN = "http://localhost:5173";

type Asked = readonly [type: string, path: string, method?: string];

const PAGE: Asked = ["document", "/"];
const SOCKET: Asked = ["websocket", "/ws", "WS"];
const UPDATE: Asked = ["fetch", "/main.1f2e3d.hot-update.json"];
const VITE: Asked = ["script", "/@vite/client"];

function requests(...all: readonly Asked[]): NetworkRequest[] {
  return all.map(([type, path, method = "GET"], index) =>
    fillRequest({ id: String(index), at: index, type, method, url: ORIGIN + path }),
  );
}

it.each<[string, Asked[]]>([
  ["webpack's client, which fetches its updates", [PAGE, SOCKET, UPDATE]],
  ["Vite's client", [PAGE, VITE]],
  [
    "Vite's client below a base",
    [
      ["document", "/shop/"],
      ["script", "/shop/@vite/client"],
    ],
  ],
])("is true for a page with %s", (_what, all) => {
  expect(isOnlyDevServer(requests(...all))).toBe(true);
});

it.each<[string, Asked[]]>([
  ["no client of a development server", [PAGE, ["script", "/assets/main.js"]]],
  ["a script that is named like webpack's socket", [PAGE, ["script", "/assets/ws"]]],
  ["a script at the path of webpack's socket", [PAGE, ["script", "/ws"]]],
  ["a fetch", [PAGE, SOCKET, UPDATE, ["fetch", "/api"]]],
  ["an XMLHttpRequest", [PAGE, VITE, ["xhr", "/api"]]],
  ["an XMLHttpRequest, as Firefox names it", [PAGE, VITE, ["xmlhttprequest", "/api"]]],
  ["an event stream", [PAGE, VITE, ["eventsource", "/events"]]],
  ["a form that was sent with POST", [PAGE, VITE, ["document", "/login", "POST"]]],
])("is false for a page with %s", (_what, all) => {
  expect(isOnlyDevServer(requests(...all))).toBe(false);
});
