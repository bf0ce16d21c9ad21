/**
 * Makes `inspectedWindow.eval` work alike in both browsers, and reliably in Firefox.
 *
 * Firefox (measured in 153) often loses the page permanently when the tab navigates: this document then gets "Target already
 * destroyed", or no answer at all, while a document that asks for the first time gets one. So in that case the question is sent
 * from a fresh, empty frame.
 */

/**
 * Evaluates in the inspected page; `frameUrl` selects one of its frames (Chrome only).
 *
 * The expression returns a string, a number or a boolean. Both browsers pass on these values themselves, and no function of the
 * page is involved, as `JSON.stringify` or an object's `toJSON` would be.
 */
export type Evaluate = (expression: string, frameUrl?: string) => Promise<string | number | boolean>;

/** What a browser returns: the bare value (Chrome, through the polyfill) or `[value, error]` (Firefox). */
export type RawEvaluate = (expression: string, options?: { frameURL: string }) => Promise<unknown>;

/** Thrown for pages that a browser opens to no extension: its own, and its stores. */
export class ClosedPageError extends Error {
  override readonly name = "ClosedPageError";
}

interface EvaluateParts {
  raw: RawEvaluate;
  /** A way to ask that does not share what this document has lost; null if that cannot happen. */
  renew: (() => Promise<RawEvaluate>) | null;
  /** Settles after so many milliseconds. */
  wait: (ms: number) => Promise<void>;
}

/** A page whose own script runs longer is not waited for. */
const PATIENCE_MS = 1_000;
/** Between two documents of a navigation there is no document to evaluate in, for some milliseconds. */
const TRIES = 10;
const PAUSE_MS = 60;

const LOST = /unexpected error|no answer/i;

/** The value. Throws `ClosedPageError` if the page is closed to extensions, and another error if no answer came. */
export function createEvaluate({ raw, renew, wait }: EvaluateParts): Evaluate {
  let current = raw;
  let renewal: Promise<RawEvaluate> | null = null;

  async function ask(by: RawEvaluate, text: string, frameUrl: string | undefined): Promise<unknown> {
    const late = wait(PATIENCE_MS).then(() => {
      throw new Error("[panel] The inspected page gave no answer.");
    });
    late.catch(() => {}); // it may come after the answer
    return Promise.race([frameUrl === undefined ? by(text) : by(text, { frameURL: frameUrl }), late]);
  }

  /** One renewal for all who wait; the first that finds `failed` still in use starts it. */
  async function renewed(failed: RawEvaluate): Promise<RawEvaluate> {
    if (current !== failed || renew === null) return current;
    renewal ??= renew().finally(() => {
      renewal = null;
    });
    current = await renewal;
    return current;
  }

  /** Asks again while a navigation leaves no document to ask; nothing ran then, so asking twice does no harm. */
  async function askPatiently(text: string, frameUrl: string | undefined): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const by = current;
      const result = await ask(by, text, frameUrl).catch(async (error: unknown) => {
        if (renew !== null && LOST.test(toText(error))) return ask(await renewed(by), text, frameUrl);
        if (error instanceof Error && LOST.test(error.message)) throw error;
        return [undefined, error];
      });
      if (tries === TRIES || !isBetweenDocuments(result)) return result;
      await wait(PAUSE_MS);
    }
  }

  return async (expression, frameUrl) => {
    const result = await askPatiently(expression, frameUrl);
    const value: unknown = Array.isArray(result) ? result[0] : result;
    if (!isPrimitive(value)) throw new ClosedPageError("[panel] The inspected page cannot be looked into.");
    return value;
  };
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/**
 * Chrome's promise rejects with `DevTools API encountered an error`, which hides the reason (`no execution context` or
 * `uniqueContextId not found`, both measured while a form was redirected); callbacks get the reason next to the value.
 */
function isBetweenDocuments(result: unknown): boolean {
  if (!Array.isArray(result)) return false;
  const error: unknown = result[1];
  return /API encountered an error|no execution context|uniqueContextId not found/.test(
    error instanceof Error ? error.message : (JSON.stringify(error) ?? ""),
  );
}

/** An evaluation from a new empty document of ours inside `host`; removes the previous one. */
export function createRenewal(host: Document): () => Promise<RawEvaluate> {
  let frame: HTMLIFrameElement | null = null;
  return async () => {
    frame?.remove();
    frame = host.createElement("iframe");
    frame.hidden = true;
    frame.src = "/blank.html";
    const loaded = new Promise((resolve) => frame?.addEventListener("load", resolve, { once: true }));
    host.body.append(frame);
    await loaded;
    // The frame is an extension page too, and has the devtools part of the API; nothing else declares it.
    const view = frame.contentWindow as unknown as {
      browser: { devtools: { inspectedWindow: { eval: RawEvaluate } } };
    };
    const { inspectedWindow } = view.browser.devtools;
    return (expression, options) =>
      options ? inspectedWindow.eval(expression, options) : inspectedWindow.eval(expression);
  };
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
