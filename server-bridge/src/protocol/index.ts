/** The protocol's public door. */
export * from "./address.ts";
/** @internal The panel reads Set-Cookie lines and their dates as the library does. */
export { type CookieBrowser, readCookieDate } from "./cookie-date.ts";
/** @internal For the extension's own messages: no part of the package's types, and no promise. */
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
/** @internal As above: a reading of the panel finds what a trace of the bridge finds. */
export { namesSomebody } from "./login-keys.ts";
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
/** @internal As above: an export of the panel hides what a trace of the bridge hides. */
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
