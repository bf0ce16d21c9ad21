/** Pairs of the findings on a session cookie. */
import type { COOKIE_FINDINGS } from "../../../extension/logic/explain/cookie-findings.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { cookie } from "../../extension/logic/explain/material.ts";
import { OVERWRITING } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

type CookieFacts = Parameters<(typeof COOKIE_FINDINGS)[number]["tell"]>[0];

const at = (pageUrl: string, changes: Partial<TabCookie> = {}): CookieFacts => ({
  pageUrl,
  cookie: cookie({ httpOnly: true, secure: true, sameSite: "lax", ...changes }),
});
const HTTPS = "https://shop.example/";

/** Of `COOKIE_FINDINGS`. */
export const COOKIE_FINDING_PAIRS: FactPairs<CookieFacts> = {
  overwritten: {
    case: { ...at(HTTPS), overwritten: OVERWRITING },
    counter: { ...at(HTTPS), overwritten: { ...OVERWRITING, areTwoApps: false } },
    because: "the two addresses may be one app, which renews its own cookie",
  },
  "script-readable": {
    case: at(HTTPS, { httpOnly: false }),
    counter: at(HTTPS),
    because: "HttpOnly hides it from scripts",
  },
  "sent-over-http": {
    case: at(HTTPS, { secure: false }),
    counter: at("http://localhost:3000/", { secure: false }),
    because: "a development server without https could not set a Secure cookie in every browser",
  },
  "no-same-site": {
    case: at(HTTPS, { sameSite: "unspecified" }),
    counter: at(HTTPS, { sameSite: "strict" }),
    because: "the server said SameSite=Strict",
  },
  "same-site-none": {
    case: at(HTTPS, { sameSite: "no_restriction" }),
    counter: at(HTTPS, { sameSite: "unspecified" }),
    because: "the server did not say None, and most browsers treat that as Lax",
  },
  "near-its-limit": {
    case: at(HTTPS, { value: "x".repeat(3600) }),
    counter: at(HTTPS, { value: "x".repeat(3500) }),
    because: "there is room for half a kilobyte",
  },
};
