/**
 * The background's side of the messages with our pages: questions answered, notices sent.
 *
 * No connection is held open. The background sleeps after half a minute and a port would break with it; a message wakes it, so a
 * panel can reach it as long as the panel lives.
 */

import { type Answer, type Notice, parseQuestion, type Question } from "../messages/background-messages.ts";
import type { CookieList, TabCookie } from "../messages/tab-cookie.ts";
import type { CookieJar } from "./cookie-jar.ts";
import { readPageAddress, type TabsApi } from "./page-address.ts";
import { findDenied, hasAccess, type PermissionsApi } from "./permissions.ts";
import { closeCookies, previewClose, restoreCookies } from "./simulate-close.ts";

/** Who sent a message, as the browser reports it. */
interface Sender {
  id?: string | undefined;
  url?: string | undefined;
}

export interface AnswerParts {
  jar: CookieJar;
  permissions: PermissionsApi;
  tabs: TabsApi;
  /** Starts to observe requests and cookies. */
  watch: () => void;
  /** Opens the options page so that it asks for this origin and leads back to the tab. */
  openOptions: (origin: string, tabId: number) => Promise<unknown>;
}

/** Our pages that may ask. A page of a site, another extension, or another page of ours may not. */
const ASKING_PAGES = ["/panel.html", "/devtools.html", "/options.html"];

/** True for a message from one of our own pages. `id` and `root` are `runtime.id` and `runtime.getURL("")`. */
export function isOurs(sender: Sender, id: string, root: string): boolean {
  if (sender.id !== id || sender.url === undefined || !URL.canParse(sender.url)) return false;
  const url = new URL(sender.url);
  return `${url.protocol}//${url.host}/` === root && ASKING_PAGES.includes(url.pathname);
}

/** Answers one question; any failure becomes a sentence. */
export async function answerQuestion(parts: AnswerParts, message: unknown): Promise<Answer> {
  try {
    return { ok: true, answer: await carryOut(parts, parseQuestion(message)) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Notifies every open page. If none is open no one is notified, which is not a failure. */
export async function tellPages(
  send: (notice: Notice) => Promise<unknown>,
  notice: Notice,
): Promise<unknown> {
  return send(notice).catch(() => null);
}

function carryOut(parts: AnswerParts, question: Question): Promise<unknown> {
  const { jar, permissions } = parts;
  switch (question.ask) {
    case "watch":
      parts.watch();
      return Promise.resolve(true);
    case "page-address":
      return readPageAddress(parts.tabs, question.tabId);
    case "list-cookies":
      return listCookies(parts, question.tabId, question.urls);
    case "write-cookie":
      return jar.write(question.tabId, question.cookie, question.replaces);
    case "remove-cookie":
      return jar.remove(question.tabId, question.cookie);
    case "preview-close":
      return preview(parts, question.tabId, question.urls);
    case "close":
      return closeCookies(jar, question.tabId, question.cookies);
    case "restore-cookies":
      return restoreCookies(jar, question.tabId, question.cookies);
    case "has-access":
      return hasAccess(permissions, question.origin);
    case "open-options":
      return parts.openOptions(question.origin, question.tabId).then(() => true);
  }
}

/** Without the page's address from the browser no cookie is listed; the page itself may then name what is denied. */
async function listCookies(parts: AnswerParts, tabId: number, frames: string[]): Promise<CookieList> {
  const page = await readPageAddress(parts.tabs, tabId);
  if (page === null) {
    const denied = await findDenied(parts.permissions, frames.filter(isSite).slice(0, 1));
    return { cookies: [], hosts: [], denied };
  }
  const urls = [page, ...frames];
  const hosts = toHosts(urls);
  const [cookies, denied] = await Promise.all([
    parts.jar.list(tabId, hosts),
    findDenied(parts.permissions, urls.filter(isSite)),
  ]);
  return { cookies, hosts, denied };
}

async function preview({ jar, tabs }: AnswerParts, tabId: number, frames: string[]): Promise<TabCookie[]> {
  const page = await readPageAddress(tabs, tabId);
  return page === null ? [] : previewClose(jar, tabId, toHosts([page, ...frames]));
}

/** Host names of the addresses that can have cookies, without duplicates, in order. */
function toHosts(urls: string[]): string[] {
  return [...new Set(urls.filter(isSite).map((url) => new URL(url).hostname))];
}

function isSite(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
