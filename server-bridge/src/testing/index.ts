/**
 * A Playwright fixture on top of the bridge: `session` is the server's side of the page's session.
 *
 * The app must run with the bridge open and `SESSION_BRIDGE_TOKEN` set to the same value as in the test's environment;
 * the fixture talks to the `baseURL` of the test.
 */

import { test as base, expect as baseExpect } from "@playwright/test";
import { PREFIX } from "../core/errors.ts";
import { createClient } from "./client.ts";
import { createServerSession, type ServerSession, type SessionChanges } from "./server-session.ts";

export type { KeptSession, ServerSession, SessionChanges, SessionData } from "./server-session.ts";

/** Playwright's `test` with the fixture `session`. */
export const test = base.extend<{ session: ServerSession }>({
  async session({ context, baseURL }, use) {
    const token = process.env["SESSION_BRIDGE_TOKEN"];
    if (!baseURL)
      throw new Error(
        `${PREFIX}The fixture \`session\` needs a baseURL. Set use.baseURL in playwright.config.`,
      );
    if (!token)
      throw new Error(
        `${PREFIX}SESSION_BRIDGE_TOKEN is not set. Set it for the tests and for the app, the same in both.`,
      );
    await use(createServerSession(context, baseURL, createClient(baseURL, token)));
  },
});

/** How long `toHaveChanged` waits by default, in milliseconds: a form's answer may still be on its way. */
const TIMEOUT_MS = 5000;
const POLL_MS = 50;

/** Playwright's `expect` with `toHaveChanged` for the fixture. */
export const expect = baseExpect.extend({
  /**
   * Waits until exactly these keys have changed since the mark: `{ user_id: [undefined, 123] }`. With `options.only`
   * false, other keys may have changed too.
   */
  async toHaveChanged(
    session: ServerSession,
    expected: SessionChanges,
    options: { timeout?: number; only?: boolean } = {},
  ) {
    const deadline = Date.now() + (options.timeout ?? TIMEOUT_MS);
    let actual = await session.changes();
    while (!fits(actual, expected, options.only ?? true) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      actual = await session.changes();
    }
    const pass = fits(actual, expected, options.only ?? true);
    return {
      pass,
      name: "toHaveChanged",
      expected,
      actual,
      message: () =>
        `The session ${pass ? "has" : "has not"} changed as expected.\n\nExpected: ${show(expected)}\nReceived: ${show(actual)}`,
    };
  },
});

function fits(actual: SessionChanges, expected: SessionChanges, only: boolean): boolean {
  const keys = Object.keys(expected);
  const same = keys.every((key) => actual[key] !== undefined && show(actual[key]) === show(expected[key]));
  return same && (!only || Object.keys(actual).length === keys.length);
}

/** As JSON, with the absent values named. */
function show(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (inner === undefined ? "(absent)" : inner), 2);
}
