/** What the browser does to an extension: stop its background, withdraw and grant access, ask the user; and its errors. */
import { run } from "./acts.mjs";
import { policyOf, until } from "./places.mjs";

const { BrowserWindowTracker } = ChromeUtils.importESModule(
  "resource:///modules/BrowserWindowTracker.sys.mjs",
);
const { ExtensionPermissions } = ChromeUtils.importESModule(
  "resource://gre/modules/ExtensionPermissions.sys.mjs",
);

export const version = () => `Firefox ${Services.appinfo.version}`;

/** For an installed extension; each profile gives it a random host. */
export const originOf = ({ id }) => `moz-extension://${policyOf(id).mozExtensionHostname}`;

/** As the browser does when it is idle: toolkit/components/extensions/parent/ext-backgroundPage.js. */
export async function stopBackground({ id }) {
  const { extension } = policyOf(id);
  if (extension.backgroundState === "stopped") return;
  await extension.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true });
}

/** Waits until the extension runs, and its background with it. */
export async function startBackground({ id }) {
  const policy = await until("the extension to start", () => (policyOf(id)?.active ? policyOf(id) : null));
  await policy.readyPromise;
  await policy.extension.wakeupBackground?.();
}

/** Withdraws every granted pattern that covers `host`, or grants `patterns` again. Returns the patterns concerned. */
export async function setAccess({ id, host, allowed, patterns }) {
  const { extension } = policyOf(id);
  const uri = Services.io.newURI(`http://${host}/`);
  const origins = allowed
    ? patterns
    : extension.allowedOrigins.patterns.filter((one) => one.matches(uri)).map((one) => one.pattern);
  const change = { permissions: [], origins };
  if (allowed) await ExtensionPermissions.add(id, change, extension);
  else await ExtensionPermissions.remove(id, change, extension);
  return origins;
}

/** Presses a button in the prompt that `permissions.request` shows under the address bar. */
export async function answerPrompt({ answer }) {
  const { panel } = BrowserWindowTracker.getTopWindow().PopupNotifications;
  const question = await until("the permission prompt", () => panel.childNodes[0]);
  await until("its buttons", () => !question.button.disabled && panel.state === "open");
  (answer === "allow" ? question.button : question.secondaryButton).click();
}

/** In every jar: `removeAll` skips that of private windows, which may live a while longer than they do. */
export function clearCookies() {
  Services.cookies.removeAll();
  Services.cookies.removeCookiesWithOriginAttributes(JSON.stringify({ privateBrowsingId: 1 }));
}

export function setPreference({ name, value }) {
  if (typeof value === "string") Services.prefs.setStringPref(name, value);
  else if (typeof value === "boolean") Services.prefs.setBoolPref(name, value);
  else Services.prefs.setIntPref(name, value);
}

/** Makes `console.error` calls in the extension's process visible here too. */
export async function listen({ place }) {
  await run({ place, script: LISTEN, args: [], sandbox: "system" });
}

/**
 * Runs once in the extension's process: repeats each `console.error` there as a script error, which the parent
 * receives. The environment belongs to that process, so it records whether this was done.
 */
const LISTEN = `
  const done = arguments[arguments.length - 1];
  const { classes: Cc, interfaces: Ci } = Components;
  const { Services } = Cu.getGlobalForObject(ChromeUtils);
  if (!Services.env.exists("SESSIONS_E2E_LISTENS")) {
    Services.env.set("SESSIONS_E2E_LISTENS", "1");
    const listener = (message) => {
      const { level, filename, arguments: said, lineNumber } = message.wrappedJSObject ?? message;
      if (level !== "error" && level !== "assert") return;
      const error = Cc["@mozilla.org/scripterror;1"].createInstance(Ci.nsIScriptError);
      error.init("console.error: " + said.map(String).join(" "), filename, lineNumber, 0, 0, "console");
      Services.console.logMessage(error);
    };
    const storage = Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage);
    storage.addLogEventListener(listener, Services.scriptSecurityManager.getSystemPrincipal());
  }
  done(null);
`;

/**
 * Firefox's messages about an extension API call that was pending when its document closed, and about the devtools page of an
 * extension that was replaced under an open Toolbox (ExtensionPageChild.sys.mjs); no one can prevent these.
 */
const OF_A_GONE_DOCUMENT =
  /^(?:Promise (?:resolved|rejected) after context unloaded|NS_ERROR_NOT_INITIALIZED: $|FrameData missing for )/;

/** Uncaught errors of the extension's documents since `after` (microseconds), oldest first. */
export function errorsSince(id, after) {
  const prefix = `moz-extension://${policyOf(id)?.mozExtensionHostname ?? "none"}`;
  const errors = Services.console.getMessageArray().filter((message) => {
    if (!(message instanceof Ci.nsIScriptError)) return false;
    if (message.flags & Ci.nsIScriptError.warningFlag || message.microSecondTimeStamp <= after) return false;
    if (OF_A_GONE_DOCUMENT.test(message.errorMessage)) return false;
    return message.sourceName.startsWith(prefix) || message.errorMessage.includes(prefix);
  });
  return errors.map((one) => ({ at: one.microSecondTimeStamp, text: one.toString() }));
}
