/** The options page's composition root: the browser, the model on it, and the page that shows it. */
import { render } from "preact";
import type { Browser } from "webextension-polyfill";
import { browser as wxtBrowser } from "wxt/browser";
import { createSiteAccess } from "../../extension/models/site-access.ts";
import { Options } from "./Options.tsx";
import "./options.css";

const browser = wxtBrowser as unknown as Browser; // at run time it is the polyfill; WXT's types are Chrome's
const root = document.getElementById("options");
if (!root) throw new Error('[options] index.html lacks the element "options". Reinstall the extension.');
render(<Options access={createSiteAccess(browser, location.hash)} />, root);
