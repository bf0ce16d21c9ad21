/** Names that strangers choose: what people cannot see is shown. */
import { expect, it } from "vitest";
import { showUnseen } from "../../../extension/logic/show-unseen.ts";

it.each([
  ["sessionid\u200b", "sessionid\\u{200b}"],
  ["\u202edinoisses", "\\u{202e}dinoisses"],
  ["session\u00adid", "session\\u{ad}id"],
  ["a\u0007\u2028b", "a\\u{7}\\u{2028}b"],
  ["\ud800", "\\u{d800}"],
  ["sessionid", "sessionid"],
  ["größe 尺寸 😀", "größe 尺寸 😀"],
])("%j reads %s", (name, shown) => {
  expect(showUnseen(name)).toBe(shown);
});
