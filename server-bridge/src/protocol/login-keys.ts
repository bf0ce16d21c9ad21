/** How to recognise that someone has logged in to a session: bridge and panel look for the same keys. */

/** Keys under which apps store who is logged in. */
const LOGIN_KEYS =
  /^(?:_auth_user_id|user_?id|uid|account_?id|member_?id|user|account|passport|username|is_?logged_?in|logged_?in|is_?authenticated|authenticated)$/i;

/**
 * True if this key with this value means that someone is logged in.
 *
 * @param value its JSON string; absent counts as null
 */
export function namesSomebody(key: string, value = "null"): boolean {
  if (!LOGIN_KEYS.test(key)) return false;
  // Passport keeps an object that is empty until someone logs in.
  if (key === "passport") return value.includes('"user"');
  return !/^(?:null|false|0|""|\{\}|\[\])$/.test(value);
}
