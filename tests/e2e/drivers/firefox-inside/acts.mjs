/** Actions in a document: run a script, click, press a key, take a picture. Events are trusted, as a person's are. */
import { findBrowser, findTab, until } from "./places.mjs";
import { settling } from "./tabs.mjs";

const { capture } = ChromeUtils.importESModule("chrome://remote/content/shared/Capture.sys.mjs");
const { keyData } = ChromeUtils.importESModule("chrome://remote/content/shared/webdriver/KeyData.sys.mjs");

const SCRIPT_MS = 60_000;
const capabilities = { toJSON: () => ({ "moz:accessibilityChecks": false, "moz:webdriverClick": true }) };
const MODIFIERS = { Control: "ctrlKey", Shift: "shiftKey", Alt: "altKey", Meta: "metaKey" };

/** Marionette's actor: chrome://remote/content/marionette/actors/MarionetteCommandsParent.sys.mjs. */
const actorOf = (browser) => browser.browsingContext.currentWindowGlobal.getActor("MarionetteCommands");

/** Runs `script` in a document; it gets `args` and calls its last argument when done. No sandbox name: the page's globals. */
export async function run({ place, script, args, sandbox }) {
  const browser = await findBrowser(place);
  if (!place.view) await until("a page to load", () => !browser.webProgress.isLoadingDocument);
  const actor = actorOf(browser);
  return actor.executeScript(script, args, {
    timeout: SCRIPT_MS,
    sandboxName: sandbox ?? null,
    newSandbox: false,
    file: "scenario",
    line: 0,
    async: true,
  });
}

/** Clicks the target of `script`, and waits for the page that it leads to. True, or a string that says why it could not yet. */
export function click({ place, script, args, options }) {
  const act = () => clickOnce(place, { script, args, options });
  return place.tabId !== undefined && !place.view ? settling(findTab(place.tabId), act) : act();
}

async function clickOnce(place, { script, args, options }) {
  const aimed = await run({ place, script, args, sandbox: "scenario" });
  if (!aimed) return "it is not there, or disabled";
  const actor = actorOf(await findBrowser(place));
  try {
    if (options.double || options.button === "right" || options.modifiers?.length) {
      await clickAt(actor, aimed, options);
    } else {
      await actor.clickElement(aimed.element, capabilities);
    }
    return true;
  } catch (error) {
    if (!/intercepted|not interactable|stale/i.test(`${error.name} ${error.message}`)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

/** Every kind of click except a plain one, with mouse events. */
async function clickAt(actor, { x, y }, { double, button, modifiers = [] }) {
  const held = Object.fromEntries(modifiers.map((name) => [MODIFIERS[name], true]));
  const mouse = (event) =>
    actor.dispatchEvent("synthesizeMouseAtPoint", { x, y, eventData: { ...held, ...event } });
  await mouse({ type: "mousemove" });
  if (button === "right") {
    await mouse({ type: "mousedown", button: 2 });
    await mouse({ type: "contextmenu", button: 2 });
    return mouse({ type: "mouseup", button: 2 });
  }
  await mouse({ clickCount: 1 });
  if (double) await mouse({ clickCount: 2 });
}

/** Sends a key or chord to the focused element; a name longer than one character is the name of a key. */
export async function press({ place, keys }) {
  const browser = await findBrowser(place);
  browser.focus();
  const parts = keys === "+" ? ["+"] : keys.split("+");
  const name = parts.pop();
  const held = Object.fromEntries(parts.map((part) => [MODIFIERS[part], true]));
  const key =
    name.length === 1 ? keyData.getData(name) : { key: name, code: name, printable: false, location: 0 };
  const actor = actorOf(browser);
  await actor.dispatchEvent("synthesizeKeyDown", { eventData: { ...key, ...held } });
  await actor.dispatchEvent("synthesizeKeyUp", { eventData: { ...key, ...held } });
}

/** PNG of one document, base64. */
export async function png({ place }) {
  const browser = await findBrowser(place);
  const { width, height } = browser.getBoundingClientRect();
  const size = { width, height };
  return capture.toBase64(
    await paint(browser.browsingContext.topChromeWindow, browser.browsingContext, size),
  );
}

/**
 * PNG of a window with one document of another process in it, base64.
 *
 * The document is painted separately and laid over: a picture of the window omits what CSS masks in it, such as icons.
 */
export async function pngWith(win, browser) {
  const canvas = await paint(win, win.browsingContext, { width: win.innerWidth, height: win.innerHeight });
  if (browser) {
    const { width, height } = browser.getBoundingClientRect();
    const over = await paint(win, browser.browsingContext, { width, height });
    const scale = win.devicePixelRatio;
    const left = (browser.screenX - win.mozInnerScreenX) * scale;
    const top = (browser.screenY - win.mozInnerScreenY) * scale;
    canvas.getContext("2d").drawImage(over, left, top);
  }
  return capture.toBase64(canvas);
}

function paint(win, browsingContext, { width, height }) {
  return capture.canvas(win, browsingContext, 0, 0, Math.floor(width), Math.floor(height));
}
