/** Django's own keys have an explanation, and a warning if editing one does harm. */
import { describe, expect, it } from "vitest";
import { dangerOf, meaningOf } from "../../../../extension/logic/json/django-keys.ts";

const KEYS = [
  "_auth_user_id",
  "_auth_user_backend",
  "_auth_user_hash",
  "_messages",
  "_csrftoken",
  "_session_expiry",
  "testcookie",
  "_password_reset_token",
  "_language",
];

describe("a key of Django's own", () => {
  it.each(KEYS)("%s has a short explanation", (key) => {
    expect(meaningOf(key)).toMatch(/^\S.{5,60}[^.]$/);
  });

  it("is distinguished from the app's keys of any name", () => {
    for (const key of ["user_id", "username", "_auth", "constructor", "__proto__", ""]) {
      expect(meaningOf(key)).toBeNull();
      expect(dangerOf(key)).toBeNull();
    }
  });

  it("warns before an edit that logs the user out or breaks a form (T22)", () => {
    expect(dangerOf("_auth_user_hash")).toBe("Changing this logs the user out.");
    expect(dangerOf("_auth_user_id")).toBe("Changing this logs the user out.");
    expect(dangerOf("_csrftoken")).toContain("forms fail");
    expect(dangerOf("_messages")).toBeNull();
  });
});
