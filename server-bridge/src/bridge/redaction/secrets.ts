/** What a secret looks like: by the name it goes under, and by its own form. Pure; errs on the side of hiding. */

/** Words that, alone among the words of a key's name, make its value a secret; in the plural too. */
const SECRET_WORDS = new Set(
  (
    "password passwd passphrase pwd pass secret secrets token tokens jwt bearer authorization credential credentials " +
    "csrf xsrf csrftoken xsrftoken apikey card cards creditcard cardnumber cvv cvc iban ssn otp totp pin mfa " +
    "cookie cookies signature nonce verifier privatekey accesstoken refreshtoken idtoken sessionid sid"
  ).split(" "),
);

/** Names of two words, written as words joined by a space. */
const SECRET_PAIRS = [
  "api key",
  "private key",
  "secret key",
  "access key",
  "signing key",
  "encryption key",
  "auth hash",
  "password hash",
  "session key",
  "session id",
  "account number",
  "security code",
  "security answer",
  "recovery code",
  "backup code",
];
const JOINED_PAIRS = new Set(SECRET_PAIRS.map((pair) => pair.replace(" ", "")));

/** Words written as one: `newpassword`, `passwordconfirmation`, `resettoken`. */
const SECRET_PARTS = /^(?:password|passwd|passphrase)|(?:password|passwd|passphrase|secret|token|apikey)$/;

/** Forms of secrets, found anywhere in a text. */
const SECRET_FORMS = [
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/, // JSON Web Token (RFC 7519)
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:sk|pk|rk)_(?:live|test)_\w{10,}/, // Stripe
  /\b(?:gh[opusr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|npm_\w{20,})/,
  /\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}/,
  /\b(?:Bearer|Basic)\s+[\w+/.~-]{8,}=*/i,
  /:\/\/[^/\s:@]+:[^/\s:@]+@/, // an address with a password in it
  /\$2[abxy]?\$\d\d\$|\$argon2|\$scrypt\$|\bpbkdf2_sha|\bbcrypt_sha256\$/,
  /"[^"]*(?:password|passwd|secret|token)[^"]*"\s*:\s*"/i, // JSON within a text
];

/** True when a key of this name holds a secret: `password`, `accessToken`, `csrf_token`, `_auth_user_hash`. */
export function namesSecret(name: string): boolean {
  const words = name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]{2,})([A-Z][a-z]{2,})/g, "$1 $2") // SSOToken, APIKeys
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
  return isSecretName(words) || isSecretName(words.map((word) => word.replace(/s$/, "")));
}

function isSecretName(words: readonly string[]): boolean {
  const isSecret = (word: string) =>
    SECRET_WORDS.has(word) || JOINED_PAIRS.has(word) || SECRET_PARTS.test(word);
  if (words.some(isSecret)) return true;
  const joined = ` ${words.join(" ")} `;
  return SECRET_PAIRS.some((pair) => joined.includes(` ${pair} `)) || / auth (?:\w+ )?hash /.test(joined);
}

/** Longest text that a trace shows, and so the longest in which secrets are looked for. */
export const MAX_STRING = 8 * 1024;

/** True when a value has a secret's form, whatever its name. */
export function looksSecret(value: string): boolean {
  if (value.length < 12) return false;
  const shown = value.length > MAX_STRING ? value.slice(0, MAX_STRING) : value;
  return SECRET_FORMS.some((form) => form.test(shown)) || isRandomText(shown) || isCardNumber(shown);
}

/** A path with every segment that looks like a secret replaced: `/reset/‹redacted›/`. */
export function redactPath(path: string, mark: (segment: string) => string): string {
  return path
    .slice(0, 2_048)
    .split("/")
    .map((segment) => (looksSecret(segment) ? mark(segment) : segment))
    .join("/");
}

/** A long text of mixed letters and digits without words: drawn at random, not written by anyone. */
function isRandomText(value: string): boolean {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return false; // a UUID names, it does not open
  if (/^[0-9a-f]{32,}$/i.test(value) && /\d/.test(value) && /[a-f]/i.test(value)) return true;
  if (value.length < 24 || !/^[\w+/=~.:-]+$/.test(value)) return false;
  return (
    value.split(/[^A-Za-z0-9]+/).some(isRandomPiece) ||
    (/\d/.test(value) && new Set(value).size >= 20 && changes(value) > 0.4)
  );
}

function isRandomPiece(piece: string): boolean {
  return piece.length >= 20 && /\d/.test(piece) && /[A-Za-z]/.test(piece) && changes(piece) > 0.3;
}

/** How often one kind of letter (small, capital, digit) follows another: 0.6 in base64, near 0 in words and names. */
function changes(value: string): number {
  const kinds = Array.from(value, (letter) => (/\d/.test(letter) ? 0 : /[a-z]/.test(letter) ? 1 : 2));
  return kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length / value.length;
}

/** 14 to 19 digits, perhaps in groups, with a right check digit (Luhn). */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/[ -]/g, "");
  if (!/^\d{14,19}$/.test(digits)) return false;
  const sum = Array.from(digits, Number)
    .toReversed()
    .reduce(
      (total, digit, index) => total + (index % 2 === 0 ? digit : ((digit * 2) % 10) + (digit > 4 ? 1 : 0)),
      0,
    );
  return sum % 10 === 0;
}
