/** What the adapters have in common, so that one law can test all of them: pages, responses, and a way to serve them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session, Sessions } from "session-bridge";
import type { Bridge } from "session-bridge/bridge";

/** A page's response; each adapter sends it with its framework's API. */
export interface Answer {
  /** Default 200. */
  status?: number;
  /** In order; a name may come twice. */
  headers?: [name: string, value: string][];
  /** Parts are sent as they come. */
  body?: string | AsyncIterable<string>;
}

/** What a page gets. The session counts as read only when `session` is read. */
export interface Given {
  readonly session: Session;
}

export type Page = (given: Given) => Answer | Promise<Answer>;

/** A page that uses Node's response directly. */
export type RawPage = (given: Given, response: ServerResponse, request: IncomingMessage) => void;

/** An app to be served. */
export interface App {
  sessions: Sessions;
  /** By path, for any method. Any other path is the framework's 404. */
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
  /** An error that means "respond with this status", or null if the framework has none. */
  toStatusError: ((status: number) => Error) | null;
  serve(app: App): Promise<Served>;
}
