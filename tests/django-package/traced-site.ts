/** A Django site with its command, and a visitor of it who keeps its session cookie and has the trace of each request. */
import type { Trace } from "session-bridge/protocol";
import { readTraceId, readTraces } from "../sources/panel-client.ts";
import { type Command, startCommand } from "./command.ts";
import { type ProjectOptions, type ServeOptions, type Site, startSite } from "./site.ts";

/** The site, its command, and one visitor. */
export interface TracedSite {
  readonly site: Site;
  /** The bridge's address. */
  readonly bridge: string;
  /** The value of the visitor's session cookie; empty if there is none. */
  cookie: string;
  /** Requests a path, and returns the trace that the response names once `enough` says so. Default: when it is there. */
  visit(path: string, enough?: (trace: Trace) => boolean): Promise<Trace>;
  stop(): Promise<void>;
}

/** Starts both. */
export async function startTracedSite(options: ProjectOptions & ServeOptions): Promise<TracedSite> {
  const site = await startSite(options);
  let command: Command;
  try {
    command = await startCommand(site);
  } catch (error) {
    await site.stop();
    throw error;
  }
  const bridge = `http://127.0.0.1:${command.port}`;
  const shown: string[] = [];
  const traced: TracedSite = {
    site,
    bridge,
    cookie: "",
    async visit(path, enough = () => true) {
      const headers = traced.cookie === "" ? {} : { Cookie: `sessionid=${traced.cookie}` };
      const response = await fetch(site.url + path, { headers, redirect: "manual" });
      await response.arrayBuffer();
      const set = response.headers.getSetCookie().find((line) => line.startsWith("sessionid="));
      shown.push(traced.cookie);
      if (set !== undefined) traced.cookie = /^sessionid="?([^;"]*)/.exec(set)?.[1] ?? "";
      shown.push(traced.cookie);
      const id = readTraceId(response);
      if (id === "") throw new Error(`the response to ${path} names no trace:\n${site.output()}`);
      const cookies = [...new Set(shown)].filter((one) => one !== "");
      const isFound = (one: Trace) => one.id === id && enough(one);
      const found = (await readTraces(bridge, cookies, (all) => all.some(isFound), [id])).find(isFound);
      if (found === undefined) throw new Error(`no trace of ${path}`);
      return found;
    },
    async stop() {
      await command.stop();
      await site.stop();
    },
  };
  return traced;
}

/** A project's `urls.py` that has these views, each at its name. @param views Python, without the imports */
export function urlsOf(views: string): string {
  const names = [...views.matchAll(/^def (\w+)\(request\)/gm)].map(([, name]) => name);
  const list = names.map((name) => `path("${name}/", ${name})`).join(", ");
  return `from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

${views}

urlpatterns = [${list}]
`;
}
