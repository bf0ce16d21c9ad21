/** A `Surface` of a Playwright page or frame. */
import type { Frame, Locator, Page } from "playwright";
import type { ClickOptions, Plain, Surface, Target } from "../driver.ts";

/** Longest wait for the target of an action. */
export const ACTION_MS = 15_000;

/**
 * Creates a surface for a page, or for a frame in a page.
 *
 * @param keyboard the page whose keyboard reaches `document`: itself, or the page that contains the frame
 */
export function createSurface(document: Page | Frame, keyboard: Page): Surface {
  const locate = (target: Target): Locator => {
    const scope = target.within === undefined ? document : locate(target.within).first();
    // A target's role is any string, Playwright's is a union of literals; an unknown one finds nothing.
    const role = target.role as Parameters<Page["getByRole"]>[0];
    const found = scope.getByRole(role, {
      ...(target.name === undefined ? {} : { name: target.name }),
      exact: target.exact ?? false,
    });
    return target.text === undefined ? found : found.filter({ hasText: target.text });
  };

  return {
    evaluate<A extends Plain, R extends Plain | undefined>(
      run: (argument: A) => R | Promise<R>,
      argument: A,
    ) {
      // Playwright's types unwrap handles, which a plain value never contains.
      return document.evaluate(run as (argument: unknown) => R | Promise<R>, argument) as Promise<R>;
    },
    texts: (target) =>
      locate(target).evaluateAll((elements) =>
        elements.map((element) => {
          const text = element instanceof HTMLElement ? element.innerText : element.textContent;
          return (text ?? "").replace(/\s+/g, " ").trim();
        }),
      ),
    attributes: (target, name) =>
      locate(target).evaluateAll(
        (elements, attribute) => elements.map((element) => element.getAttribute(attribute)),
        name,
      ),
    click: (target, options = {}) => click(locate(target).first(), options),
    fill: (target, text) => fill(locate(target).first(), text),
    press: (keys) => keyboard.keyboard.press(keys),
    async screenshot(path) {
      const whole = "frameElement" in document ? await document.frameElement() : document;
      await whole.screenshot({ path });
    },
  };
}

function click(locator: Locator, options: ClickOptions): Promise<void> {
  const { double = false, button = "left", modifiers = [] } = options;
  const how = { button, modifiers, timeout: ACTION_MS };
  return double ? locator.dblclick(how) : locator.click(how);
}

async function fill(locator: Locator, text: string): Promise<void> {
  const isChoice = await locator.evaluate((field) => field.localName === "select", null, {
    timeout: ACTION_MS,
  });
  if (isChoice) await locator.selectOption(text, { timeout: ACTION_MS });
  else await locator.fill(text, { timeout: ACTION_MS });
}
