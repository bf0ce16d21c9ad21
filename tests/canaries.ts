/**
 * Secrets in every known form, for the tests that look for them in the output: traces, exports, lines,
 * errors and notices. None of them is real.
 */

/** One secret, and how it appears in a session, a string or an address. */
export interface Canary {
  /** What it is, in a few words: `a JSON Web Token`. */
  form: string;
  /** What no output may contain. */
  secret: string;
  /** The secret in a line of text. It is recognisable by its form, or by the name in front of it. */
  text: string;
  /** The secret in a session's data. */
  data: Record<string, unknown>;
}

/** Recognisable by its form, under any name. */
function byForm(form: string, secret: string, text: string = secret): Canary {
  return { form, secret, text, data: { note: text, list: ["first", text], deep: { more: [{ text }] } } };
}

/** Recognisable by its name: the secret itself is plain words. */
function byName(name: string, secret: string): Canary {
  const data = { [name]: secret, deep: [{ more: { [name]: { inner: [secret] } } }] };
  return { form: `a text under the name ${name}`, secret, text: `${name}=${secret}`, data };
}

/** Recognisable by a name next to it in the same object. */
function byField(form: string, secret: string, field: unknown): Canary {
  return { form, secret, text: `password=${secret}`, data: { fields: [field], field } };
}

const HEX = "9f86d081884c7d659a2feaa0c55ad015";
const RANDOM = "Zk3v9x0q2LmN8pRtY5wBcD4eF6gH7jK1";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

/** Joined from parts if a repository scanner would mistake it for a real one. */
const join = (...parts: string[]): string => parts.join("");

const BY_FORM: readonly Canary[] = [
  byForm("a JSON Web Token", JWT),
  byForm("a JSON Web Token in a sentence", JWT, `the token ${JWT} was refused`),
  byForm("an encrypted JSON Web Token", `eyJlbmMiOiJBMTI4R0NNIn0..${RANDOM}.Qm9vdHM.tAg0`),
  byForm("base64 of JSON", "eyJ1c2VyIjoiYWxpY2UiLCJyb2xlIjoiYWRtaW4ifQ=="),
  byForm(
    "an RSA key",
    "MIIEowIBAAKCAQEA7canary",
    join("-----BEGIN RSA PRIVATE", " KEY-----\nMIIEowIBAAKCAQEA7canary\n-----END RSA PRIVATE", " KEY-----"),
  ),
  byForm(
    "an OpenSSH key",
    "b3BlbnNzaCcanary",
    join("-----BEGIN OPENSSH PRIVATE", " KEY-----\nb3BlbnNzaCcanary"),
  ),
  byForm("a PGP key", "lQOYBGcanary", join("-----BEGIN PGP PRIVATE", " KEY BLOCK-----\n\nlQOYBGcanary")),
  byForm("an age key", join("AGE-SECRET", "-KEY-1QYQSZQGPQYQSZQGPQYQSZQGP")),
  byForm("a Stripe key", join("sk_", "live_51H8xYzAbCdEfGhIjKlM")),
  byForm("a webhook key", join("whsec_", "5f3kd93kd0s9dkslwpqodkfjt")),
  byForm("a GitHub token", join("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a")),
  byForm("a fine-grained GitHub token", join("github_", "pat_11ABCDEFG0aaaaaaaaaaaa_bbbbbbbbbbbbb")),
  byForm("a GitLab token", join("glpat", "-aaaaBBBBccccDDDDeeee")),
  byForm("a Slack token", join("xoxb", "-not-a-real-one-at-all")),
  byForm("an npm token", join("npm_", "abcdefghijklmnopqrstuvwxyzabcdefghij")),
  byForm("an AWS key id", join("AKIA", "IOSFODNN7EXAMPLE")),
  byForm("a Google key", join("AIza", "SyAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
  byForm("a Google access token", join("ya29.", "a0AfB_byaaaaaaaaaaaaaaaaaaaaaaaa")),
  byForm("a SendGrid key", join("SG.", "aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb")),
  byForm("a Vault token", join("hvs.", "CAESIaaaaaaaaaaaaaaaaaaa")),
  byForm("a model's key", join("sk-", "proj-aaaaBBBBccccDDDDeeeeFFFF")),
  byForm("a bearer's header", "abcdefghijklmnop", "Authorization: Bearer abcdefghijklmnop"),
  byForm("a basic header", "YWxpY2U6b3BlbnNlc2FtZQ==", "Basic YWxpY2U6b3BlbnNlc2FtZQ=="),
  byForm("an address with a password", "open-sesame", "postgres://alice:open-sesame@db.example/shop"),
  byForm("an address with a password alone", "open-sesame", "redis://:open-sesame@cache.example:6379/0"),
  byForm(
    "a password in a connection string",
    "open;sesame",
    'Server=db;User Id=shop;Password="open;sesame";',
  ),
  byForm("a key in a connection string", "b3BlbnNlc2FtZQ==", "AccountName=shop;AccountKey=b3BlbnNlc2FtZQ==;"),
  byForm("a token in a link", "open-sesame", "https://shop.example/a?token=open-sesame&page=2"),
  byForm("a key in a link", "opensesame1", "/files/7?key=opensesame1"),
  byForm("a code in a link", "opensesame1", "https://shop.example/callback?code=opensesame1&page=2"),
  byForm("a token in a fragment", "open-sesame", "https://shop.example/#access_token=open-sesame"),
  byForm(
    "a token in a link in a link",
    "open-sesame",
    "/login?next=%2Freset%3Ftoken%3Dopen-sesame%26page%3D2",
  ),
  byForm("a session in a path", "opensesame1", "https://shop.example/cart;jsessionid=opensesame1"),
  byForm("a reset link", "c8f3-opensesame1", "https://shop.example/reset/c8f3-opensesame1/"),
  byForm("a bcrypt hash", "$2b$12$KIXQ1Yx9kZ0c5vJ7w8h9eO"),
  byForm("a Django password hash", "pbkdf2_sha256$260000$abc$def="),
  byForm("an Argon2 hash", "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA"),
  byForm("a Unix password hash", "$6$rounds=5000$usesomesalt$aGFzaGhhc2g"),
  byForm("hexadecimal digits", HEX),
  byForm("a random text", RANDOM),
  byForm("a random text in a sentence", RANDOM, `it was ${RANDOM}, they say`),
  byForm("a card's number", "4111 1111 1111 1111"),
  byForm("a card's number in a sentence", "4111111111111111", "paid by 4111111111111111 on Monday"),
  byForm("a bank account", "DE89370400440532013000"),
  byForm("JSON within a text", "open sesame", '{"user":"alice","password":"open sesame"}'),
  byForm(
    "JSON in a link",
    "opensesame1",
    "/a?data=%7B%22user%22%3A%22alice%22%2C%22password%22%3A%22opensesame1%22%7D",
  ),
  byForm(
    "JSON in a link in a link",
    "opensesame1",
    "/login?next=%2Fa%3Fdata%3D%257B%2522password%2522%253A%2522opensesame1%2522%257D",
  ),
  byForm("JSON in HTML", "opensesame1", "{&quot;password&quot;:&quot;opensesame1&quot;}"),
  byForm("JSON in escapes", "opensesame1", "{\\u0022password\\u0022:\\u0022opensesame1\\u0022}"),
  byForm("an encoded address with a password", "opensesame1", "postgres%3A%2F%2Fshop%3Aopensesame1%40db"),
  byForm("a quote in JSON in JSON", 'hun"ter2hunter', '{\\"password\\":\\"hun\\\\\\"ter2hunter\\"}'),
  byForm("YAML within a text", "opensesame", "user: alice\npassword: opensesame\n"),
  byForm("a cookie header", "opensesame1", "Cookie: sessionid=opensesame1; theme=dark"),
];

const NAMES: readonly string[] = (
  "password passwd pwd pw passcode passphrase creds credentials pgpass secret clientSecret webhook_secret token " +
  "access_token refreshToken bearer authorization apiKey x-api-key private_key ssh_key privatekey mnemonic seedPhrase " +
  "seed_phrase recoveryPhrase otp_seed totpSecret seed verification_code authCode backup_codes cvv pin iban dsn " +
  "databaseUrl connectionString connection_string csrfToken _auth_user_hash sessionId passkey passwort"
).split(" ");

const BY_FIELD: readonly Canary[] = [
  byField("a field called password", "open sesame", { name: "password", value: "open sesame" }),
  byField("a field whose value comes first", "open sesame", { value: "open sesame", key: "api_key" }),
  byField("a labelled field", "open sesame", { label: "Your password", content: "open sesame" }),
  byField("a field with an object", "open sesame", { field: "creds", data: { plain: ["open sesame"] } }),
  {
    form: "an entry of a map",
    secret: "open sesame",
    text: "password=open sesame",
    data: { entries: [["password", "open sesame"]] },
  },
  byField("a number under a secret's name", "90817263", { cvv: 90817263, pin: "90817263" }),
  byField("a card's number as a number", "4111111111111111", { number: 4111111111111111 }),
];

/** Every form. More than 41. */
export const CANARIES: readonly Canary[] = [
  ...BY_FORM,
  ...NAMES.map((name) => byName(name, "open sesame")),
  ...BY_FIELD,
];

/**
 * Secrets without a recognisable form, or that look like a name, a code or a word. Output that quotes no value, such as a line or an
 * error, contains none of these either.
 */
const OPAQUE: readonly string[] = [
  "hunter2 is the password",
  "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  "legal winner thank year wave sausage worth useful",
  "k3v9x0q2lmn8pry5wbcdk3v9x0q2lmn8",
  "CORRECT_HORSE_BATTERY_STAPLE4711AGAIN",
  "geheim\u202e\u001b[31m und Größe",
];

/** Every secret with a string that contains it, for output that never quotes a value. */
export const QUOTED: readonly Pick<Canary, "secret" | "text">[] = [
  ...CANARIES,
  ...OPAQUE.map((secret) => ({ secret, text: secret })),
];

/** The ways in which a string can contain the secret: plain, in JSON, and in an address. */
export function spellingsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}

/** Harmless strings that look a little like secrets: redaction that hides them is useless. */
export const INNOCENTS: readonly string[] = [
  "john_doe",
  "a-product-name-of-some-length",
  "Donaudampfschifffahrtsgesellschaft",
  "the quick brown fox jumps over the lazy dog 42 times",
  "/products/garden-furniture/2024/wooden-table-and-four-chairs.html",
  "/orders/7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab/items",
  "2026-11-23T10:00:00.000Z",
  "7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab",
  "https://shop.example/list?page=2&sort=price&state=open",
  "https://shop.example:8443/list?view=token-free#reviews",
  "http://localhost:8000/@alice/photos",
  "alice@shop.example",
  "mailto:alice@shop.example?subject=hello",
  "Basic instructions for the beginner",
  "Your password was changed.",
  "Passwords do not match",
  "Tests pass: 12 of 14",
  "Choose a card: Visa or Mastercard",
  "Enter the code from your phone",
  "the secret garden",
  "a token of our appreciation",
  "Monday: closed; Tuesday: open",
  "font-family: Helvetica, sans-serif; color: #aabbcc",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "myapp.views.account.PasswordChangeView",
  "django.contrib.auth.backends.ModelBackend",
  "/reset/done/",
  "/password/reset/",
  "/invite/42",
  "+49 30 1234567",
  "1700000000000000000",
  "10.0.0.1, 192.168.178.20, 2001:db8::1",
  "en-GB,en;q=0.9,de;q=0.8",
  "text/html,application/xhtml+xml,application/xml;q=0.9",
  "#1f2e3d #aabbcc rgb(0, 0, 0)",
  "sessionid",
  "csrftoken",
  "key=value pairs",
  "/login?next=%2Forders%2F42%3Fpage%3D2",
  "/a?data=%7B%22page%22%3A2%2C%22sort%22%3A%22price%22%7D",
  "Tom &amp; Jerry &quot;live&quot;",
  "C:\\temp\\new\\users",
];
