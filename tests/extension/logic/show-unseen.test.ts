/** Names that strangers choose: invisible characters are made visible. */
import { expect, it } from "vitest";
import { LIVE_NOTICES } from "../../../extension/logic/notices/live-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { sharedCookieText } from "../../../extension/logic/shared-cookies.ts";
import { showUnruly, showUnseen } from "../../../extension/logic/show-unseen.ts";

it.each([
  ["sessionid\u200b", "sessionid\\u{200b}"],
  ["\u202edinoisses", "\\u{202e}dinoisses"],
  ["session\u00adid", "session\\u{ad}id"],
  ["a\u0007\u2028b", "a\\u{7}\\u{2028}b"],
  ["\ud800", "\\u{d800}"],
  ["session\u00a0id", "session\\u{a0}id"],
  ["a\u2003b\u202fc\u3000d\u1680e", "a\\u{2003}b\\u{202f}c\\u{3000}d\\u{1680}e"],
  ["sessionid\u2800", "sessionid\\u{2800}"],
  ["sessionid\u3164", "sessionid\\u{3164}"],
  ["two words", "two words"],
  ["sessionid", "sessionid"],
  ["größe 尺寸 😀", "größe 尺寸 😀"],
])("%j reads %s", (name, shown) => {
  expect(showUnseen(name)).toBe(shown);
});

it.each([
  ["می\u200cخواهم ❤\ufe0f 👩\u200d💻 1\u202f000", "می\u200cخواهم ❤\ufe0f 👩\u200d💻 1\u202f000"],
  ["ok\u202e”ko\u2066 \u0007", "ok\\u{202e}”ko\\u{2066} \\u{7}"],
])("a stranger's sentence keeps the invisible characters that its language needs: %j", (sentence, shown) => {
  expect(showUnruly(sentence)).toBe(shown);
});

it("names in sentences are shown this way", () => {
  const name = "sessionid\u00a0";
  const shared = { name, page: "http://localhost:1", other: "http://localhost:2" };
  const bridge = { library: "Django", engine: "database", names: [name], mismatch: null };
  const told = (["tampered", "unknown"] as const).map((reason) => ({
    bridge,
    unread: null,
    live: { state: "none" as const, reason },
    withheld: null,
    name,
  }));
  const one = { bridge, unread: null, name };
  const withheld = { ...one, live: { state: "unknown" as const }, withheld: { name, path: "/" } };
  const none = { state: "none" as const, reason: "no-cookie" as const };
  const unread = { ...one, live: none, withheld: null, unread: name };
  const sentences = [...told, withheld, unread].map((facts) => firstNotice(LIVE_NOTICES, facts)?.sentence);
  for (const sentence of [...sentences, sharedCookieText(shared)])
    expect(sentence).toContain("sessionid\\u{a0}");
});
