/** The protocol's public entry point. */
export * from "./address.ts";
/** @internal The words for a bridge's state are the panel's, too. */
export { describeState, type StateFacts, type StateText } from "./bridge-states.ts";
export * from "./challenge.ts";
/** @internal The panel reads Set-Cookie lines and their dates as the library does. */
export { type CookieBrowser, readCookieDate } from "./cookie-date.ts";
/** @internal For the extension's own messages: not part of the package's types, and without any guarantee. */
export {
  asObject,
  finite,
  flag,
  list,
  oneOf,
  orNull,
  ownValue,
  type Reader,
  record,
  text,
} from "./fields.ts";
/** @internal As above: a reading by the panel finds the same as a trace by the bridge. */
export { namesSomebody } from "./login-keys.ts";
/** @internal As above. */
export { isLoopbackHost, isOddLoopback } from "./loopback-hosts.ts";
/** @internal As above. */
export { mapScalars } from "./map-scalars.ts";
export * from "./marks.ts";
export * from "./messages.ts";
export * from "./parse.ts";
export * from "./possession.ts";
/** @internal As above: the panel reads JSON with the bridge's scanner. */
export {
  faultAt,
  type JsonFault,
  type JsonKind,
  type JsonNode,
  type JsonResult,
  parseJson,
  stringOf,
} from "./scan-json.ts";
/** @internal As above: an export from the panel hides the same as a trace by the bridge. */
export {
  type AddressMarks,
  decodedForms,
  decodeText,
  findSecrets,
  hideAddress,
  looksSecret,
  secretItems,
} from "./secrets/index.ts";
/** @internal As above. */
export { type CookieClock, endOfSetCookie, parseSetCookie, type SetCookie } from "./set-cookie.ts";
export * from "./trace-header.ts";
