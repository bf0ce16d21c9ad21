/** The users of the sites, their password, and what the app's callback keeps of them: the same for both majors. */

/** Canaries: no trace, no line and no answer of the bridge may contain one of them. */
export const SECRET = "a secret of these tests, longer than thirty-two";
export const PASSWORD = "the-password-of-john-7";
export const ACCESS_TOKEN = "access-canary-5fK2mX9q";
export const REFRESH_TOKEN = "refresh-canary-8Zt4wL1p";
export const CANARIES = [SECRET, PASSWORD, ACCESS_TOKEN, REFRESH_TOKEN];

const USERS: Record<string, { id: string; name: string; email: string }> = {
  john_doe: { id: "123", name: "john_doe", email: "john@example.com" },
  ada: { id: "7", name: "ada", email: "ada@example.com" },
};

/** The user with this name and password. `bulk` words make the token so long that it needs chunks. */
export function authorize(given: Record<string, unknown> | undefined) {
  const user = USERS[String(given?.["username"])];
  if (user === undefined || given?.["password"] !== PASSWORD) return null;
  return { ...user, bulk: Number(given["bulk"] ?? 0) };
}

/** Claims that the app keeps in its tokens. */
interface Claims {
  id?: string;
  role?: string;
  bulk?: string;
  accessToken?: string;
  refreshToken?: string;
  theme?: string;
}

interface JwtParameters {
  token: object;
  user?: object;
  trigger?: string;
  session?: unknown;
}

/** The app's `jwt` callback, as the documentation has it: it writes to the token, and returns it. */
export function keepClaims({ token, user, trigger, session }: JwtParameters): void {
  const claims: Claims = token;
  if (user !== undefined && "bulk" in user && "id" in user) {
    claims.id = String(user.id);
    claims.role = "buyer";
    claims.accessToken = ACCESS_TOKEN;
    claims.refreshToken = REFRESH_TOKEN;
    if (user.bulk !== 0) claims.bulk = "tea ".repeat(Number(user.bulk));
  }
  if (trigger !== "update") return;
  const { theme, bulk }: { theme?: string; bulk?: number } = Object(session);
  if (theme !== undefined) claims.theme = theme;
  if (bulk === 0) delete claims.bulk;
  else if (bulk !== undefined) claims.bulk = "tea ".repeat(bulk);
}
