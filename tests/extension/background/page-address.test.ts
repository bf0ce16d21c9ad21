/** The address of a tab's page, as the browser reports it. */
import { expect, it } from "vitest";
import { readPageAddress } from "../../../extension/background/page-address.ts";

it.each([
  ["http://localhost:8000/", "http://localhost:8000/"],
  ["about:blank", null],
  ["about:srcdoc", null],
  ["", null],
  [undefined, null],
])("of a page at %s is %s", async (url, address) => {
  expect(await readPageAddress({ get: async () => ({ url }) }, 1)).toBe(address);
});

it("of a tab that is gone is not known", async () => {
  expect(await readPageAddress({ get: () => Promise.reject(new Error("No tab with id: 1")) }, 1)).toBeNull();
});
