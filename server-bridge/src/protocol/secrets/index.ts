/** What counts as a secret, in one place for traces and exports: names, forms, URLs, fields. */
export { decodedForms, findSecrets, looksSecret } from "./find-secrets.ts";
export { type AddressMarks, decodeText, hideAddress } from "./hide-address.ts";
export { namesSecret } from "./names.ts";
export { secretItems } from "./secret-fields.ts";
export { isUserId } from "./user-ids.ts";
