/** What the adapters have in common, so that one law can be put to all of them: pages, answers, and a way to serve them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session, Sessions } from "session-bridge";
import type { Bridge } from "session-bridge/bridge";

/** What a page answers; each adapter says it in its framework's own words. */
export interface Answer {
  /** Default 200. */
  status?: number;
  /** In order; a name may come twice. */
  headers?: [name: string, value: string][];
  /** Parts are sent as they come. */
  body?: string | AsyncIterable<string>;
}

/** What a page is given. It counts as a look at the session only when `session` is read. */
export interface Given {
  readonly session: Session;
}

export type Page = (given: Given) => Answer | Promise<Answer>;

/** A page that talks to Node's own response. */
export type RawPage = (given: Given, response: ServerResponse, request: IncomingMessage) => void;

/** An app to be served. */
export interface App {
  sessions: Sessions;
  /** By path, whatever the method. A path that is not here is the framework's own 404. */
  pages?: Record<string, Page>;
  raw?: Record<string, RawPage>;
  bridge?: Bridge | undefined;
}

export interface Served {
  port: number;
  close(): Promise<void>;
}

export interface Adapter {
  name: string;
  /** True when handlers can reach Node's response. */
  hasRaw: boolean;
  /** An error that means "answer with this status", or null where the framework knows none. */
  toStatusError: ((status: number) => Error) | null;
  serve(app: App): Promise<Served>;
}
