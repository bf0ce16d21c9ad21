/** What attackers' servers respond, and what their pages do; each has a separate port. */
import type { ServerResponse } from "node:http";
import { TRACE_HEADER } from "../../server-bridge/src/protocol/index.ts";

/** An image that names a trace, so that the panel assumes that its server has a bridge. */
export function tracedPicture(response: ServerResponse, id = "A".repeat(22)): void {
  response.writeHead(200, { "content-type": "image/svg+xml", [TRACE_HEADER]: `v=1;id=${id}` });
  response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
}

/** A page of the attacker's. */
export function htmlPage(response: ServerResponse, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "text/html", ...headers });
  response.end(`<!doctype html><meta charset="utf-8"><title>Elsewhere</title>${body}`);
}

/** Runs in a page: shows an image, and waits for it. */
export async function showPicture(url: string): Promise<null> {
  const picture = new Image();
  picture.src = url;
  document.body.append(picture);
  await picture.decode();
  return null;
}

/** Runs in a page: adds a frame and waits for what it loads. */
export async function addFrame(attributes: Record<string, string>): Promise<null> {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  const loaded = new Promise((resolve) => {
    frame.onload = resolve;
  });
  document.body.append(frame);
  await loaded;
  return null;
}
