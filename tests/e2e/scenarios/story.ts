/** Steps in the demo site, as a visitor takes them. */
import type { SitePage } from "../driver.ts";

/** Logs in with the form on the page. `ends`: what the visitor chose. */
export async function logIn(
  page: SitePage,
  choice: { username?: string; ends?: "after an hour" | "with the browser" } = {},
): Promise<void> {
  const { username = "john_doe", ends = "after an hour" } = choice;
  await page.evaluate((name) => {
    const select = document.querySelector<HTMLSelectElement>("select[name=username]");
    if (select !== null) select.value = name;
    return null;
  }, username);
  await page.click({ role: "radio", name: ends });
  await page.click({ role: "button", name: "Log in" });
}

export function addToCart(page: SitePage, item: "tea" | "cake"): Promise<void> {
  return page.click({ role: "button", name: `Add ${item}` });
}

export function logOut(page: SitePage): Promise<void> {
  return page.click({ role: "button", name: "Log out" });
}
