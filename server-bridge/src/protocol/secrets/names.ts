/**
 * The names of secrets: one table for traces, exports and lines of text. A name is split into its words, so
 * `accessToken`, `access_token` and `AccessTokens` are the same.
 */

/** Words any of which makes a name the name of a secret, in the plural too. */
const WORDS: ReadonlySet<string> = new Set(
  (
    "password passwd passphrase passcode passkey pwd pw pwhash pass pgpass pgpassword passwort kennwort wachtwoord " +
    "contrasena senha motdepasse secret token jwt jws jwe bearer authorization credential cred csrf xsrf csrftoken " +
    "xsrftoken apikey card creditcard cardnumber cvv cvc cvn csc iban ssn otp totp hotp pin mfa cookie signature nonce " +
    "verifier privatekey sshkey privkey secretkey accesskey accesstoken refreshtoken idtoken sessionid sessid sid " +
    "jsessionid phpsessid sessionkey mnemonic seedphrase dsn connectionstring connstr netrc htpasswd keystore " +
    "saml samlresponse assertion authcode"
  ).split(" "),
);

/** Words that together name a secret, anywhere in a longer name. */
const PHRASES: readonly string[] = (
  "api key,private key,secret key,access key,signing key,encryption key,session key,session id,sess id,ssh key,pgp key," +
  "gpg key,rsa key,master key,shared key,account key,storage key,service key,deploy key,hmac key,license key," +
  "master seed,wallet seed,otp seed,totp seed,hd seed,seed phrase,seed word,recovery phrase,recovery word," +
  "recovery key,recovery seed,backup phrase,backup key,secret phrase,mnemonic phrase,wallet phrase," +
  "recovery code,backup code,security code,security answer,verification code,verify code,confirmation code,auth code," +
  "authorization code,access code,login code,sms code,email code,reset code,invite code,activation code,device code," +
  "one time code,one time link,magic link,reset link,login link,invite link,signed url,presigned url,database url,db url,redis url," +
  "mongo url,mongodb uri,database uri,postgres url,mysql url,amqp url,broker url,connection string,connection url," +
  "connection uri,conn str,auth hash,password hash,pass hash,pw hash,auth header,account number,routing number," +
  "maiden name,service account,client assertion,key file,pem file"
).split(",");
const JOINED: ReadonlySet<string> = new Set(PHRASES.map((phrase) => phrase.replaceAll(" ", "")));
const SPACED: ReadonlySet<string> = new Set(PHRASES);

/** Names that mean a secret only as the whole name: as part of a longer one they often mean something else. */
const WHOLE: ReadonlySet<string> = new Set(["seed", "pem", "pfx"]);

/** Beginnings and ends of compound words: `newpassword`, `passwordconfirmation`, `resettoken`. */
const BEGINNINGS = ["password", "passwd", "passphrase"];
const ENDS = ["password", "passwd", "passphrase", "passcode", "secret", "token", "apikey"];

/** Words that also come before a colon in ordinary sentences: `Tests pass: 12`. */
const PROSE: ReadonlySet<string> = new Set(
  "pass passes card cards pin pins signature cookie cookies mfa auth one nonce".split(" "),
);

/** Names of parameters that carry a secret in a link, but often something else in other places. */
const IN_LINKS: ReadonlySet<string> = new Set(
  "key code sig hmac hash state ticket auth login sign invite ott".split(" "),
);

/** The longest name that is read. The words that matter are in its first characters. */
const MAX_NAME = 200;
/** The names in sessions repeat: those of usual length are cached, up to this many. */
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 40;
const known = new Map<string, boolean>();

/** True if a value under this name is a secret: `password`, `accessToken`, `csrf_token`, `_auth_user_hash`. */
export function namesSecret(name: string): boolean {
  if (name.length > MAX_KNOWN_LENGTH) return readName(name);
  const before = known.get(name);
  if (before !== undefined) return before;
  const answer = readName(name);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, answer);
  return answer;
}

/** True if text after this name and a colon is a secret even in a sentence, where `pass:` means little. */
export function namesSecretInProse(name: string): boolean {
  return namesSecret(name) && !wordsOf(name).every((word) => PROSE.has(word));
}

/** True for words that are a secret only together: `api key`. */
export function isSecretPhrase(words: string): boolean {
  return SPACED.has(words.toLowerCase());
}

/** True for a link parameter that may carry a secret: its value decides. */
export function mayNameSecretInLink(name: string): boolean {
  return IN_LINKS.has(name.toLowerCase());
}

function readName(name: string): boolean {
  const words = wordsOf(name);
  if (WHOLE.has(words.join("_"))) return true;
  if (isSecretName(words)) return true;
  const singular = words.map((word) => (word.endsWith("s") ? word.slice(0, -1) : word));
  return isSecretName(singular);
}

function isSecretName(words: readonly string[]): boolean {
  return words.some((word, index) => {
    if (WORDS.has(word) || JOINED.has(word)) return true;
    if (BEGINNINGS.some((part) => word.startsWith(part)) || ENDS.some((part) => word.endsWith(part)))
      return true;
    const [second, third] = [words[index + 1], words[index + 2]];
    if (second === undefined) return false;
    if (SPACED.has(`${word} ${second}`) || SPACED.has(`${word} ${second} ${third}`)) return true;
    return word === "auth" && third === "hash"; // Django's `_auth_user_hash`
  });
}

/** Kinds of characters. */
const OTHER = 0;
const SMALL = 1;
const CAPITAL = 2;
const DIGIT = 3;

/** The words of a name in lower case: `SSOToken2` has `sso` and `token`. Digits separate words. */
function wordsOf(name: string): string[] {
  const length = Math.min(name.length, MAX_NAME);
  const words: string[] = [];
  let start = -1;
  let before: number = OTHER;
  for (let at = 0; at <= length; at += 1) {
    const kind = at === length ? OTHER : kindOf(name.charCodeAt(at));
    const ends = kind === OTHER || kind === DIGIT || isHump(name, at, before, kind);
    if (ends && start !== -1) {
      words.push(name.slice(start, at).toLowerCase());
      start = -1;
    }
    if (start === -1 && (kind === SMALL || kind === CAPITAL)) start = at;
    before = kind;
  }
  return words;
}

/** True if a capital letter begins a word: `accessToken`, and `SSOToken`, but not the `s` of `PINs`. */
function isHump(name: string, at: number, before: number, kind: number): boolean {
  if (kind !== CAPITAL) return false;
  if (before === SMALL || before === DIGIT) return true;
  return (
    before === CAPITAL &&
    kindOf(name.charCodeAt(at + 1)) === SMALL &&
    kindOf(name.charCodeAt(at + 2)) === SMALL
  );
}

function kindOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return SMALL;
  if (code >= 0x41 && code <= 0x5a) return CAPITAL;
  return code >= 0x30 && code <= 0x39 ? DIGIT : OTHER;
}
