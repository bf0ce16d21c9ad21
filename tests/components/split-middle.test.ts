/** Where a long name is shortened: in its middle, so that its beginning and its end stay. */
import { expect, it } from "vitest";
import { splitMiddle } from "../../components/common/split-middle.ts";

it.each([
  ["/static/js/vendor/app.js", 10, "/static/js/vendor", "/app.js"],
  ["__Secure-better-auth.session_token", 13, "__Secure-better-auth.", "session_token"],
  ["/account/avatar.png", 10, "/account/", "avatar.png"],
  ["/cart/add?sku=tea-01&count=2", 10, "/cart/add?sku=tea-", "01&count=2"],
  ["/abcdefghijklmnopqrstuvwxyz", 10, "/abcdefghijklmnopqr", "stuvwxyz"],
])("%s, of which at most %i stay at the end", (text, most, start, end) => {
  expect(splitMiddle(text, most)).toEqual([start, end]);
});

it("a short name is one piece", () => {
  expect(splitMiddle("/login", 10)).toEqual(["/login", ""]);
  expect(splitMiddle("", 10)).toEqual(["", ""]);
});

it("no character is cut in two", () => {
  const [start, end] = splitMiddle(`/${"x".repeat(20)}😀1234567`, 10);
  expect(start + end).toBe(`/${"x".repeat(20)}😀1234567`);
  expect(end.startsWith("😀")).toBe(true);
});
