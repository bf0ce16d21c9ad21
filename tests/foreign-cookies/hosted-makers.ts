/**
 * Cookies of services that keep the session themselves: each made by the service's own SDK with a local key, and read back by
 * that SDK, so that the form is one that it accepts. No service is called.
 */
import { generateKeyPairSync } from "node:crypto";
import { createClerkClient } from "@clerk/backend";
import { signJwt } from "@clerk/backend/jwt";
import { getCookieSuffix } from "@clerk/shared/keys";
import express from "express";
import openIdConnect from "express-openid-connect";
import { exportJWK, SignJWT } from "jose";
import superTokens from "supertokens-node";
import { CollectingResponse, PreParsedRequest } from "supertokens-node/framework/custom";
import Session from "supertokens-node/recipe/session";
import { ask, type Made, SECRET, startServer } from "./cookies.ts";
import { RequestCookies, ResponseCookies } from "./node_modules/@auth0/nextjs-auth0/dist/server/cookies.js";
import { StatelessSessionStore } from "./node_modules/@auth0/nextjs-auth0/dist/server/session/stateless-session-store.js";

const seconds = () => Math.floor(Date.now() / 1000);
const header = (made: readonly Made[]) => made.map(({ name, value }) => `${name}=${value}`).join("; ");

/** Clerk: the names with and without the suffix of the app's key, as the SDK finds them in a request. */
export async function clerkCookies(suffixed: boolean): Promise<Made[]> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publishableKey = `pk_live_${Buffer.from("clerk.shop.example$").toString("base64")}`;
  const now = seconds();
  const claims = {
    sub: "user_42",
    sid: "sess_42",
    iss: "https://clerk.shop.example",
    azp: "https://shop.example",
    nbf: now - 5,
    exp: now + 60,
  };
  const token = await signJwt(claims, privateKey.export({ format: "jwk" }), {
    algorithm: "RS256",
    header: { typ: "JWT", kid: "ins_42" },
  });
  const end = suffixed ? `_${await getCookieSuffix(publishableKey)}` : "";
  const made = [
    { name: `__session${end}`, value: token },
    { name: `__client_uat${end}`, value: String(now - 10) },
    { name: `__refresh${end}`, value: "r" },
  ];
  const jwtKey = publicKey.export({ format: "pem", type: "spki" }).toString();
  const client = createClerkClient({ publishableKey, secretKey: "sk_live_42", jwtKey });
  const page = new Request("https://shop.example/", { headers: { cookie: header(made) } });
  const { isAuthenticated, reason } = await client.authenticateRequest(page, { jwtKey });
  if (!isAuthenticated) throw new Error(`Clerk's SDK refuses its cookies: ${reason}`);
  return made;
}

/** Auth0's SDK for Next.js, version 4, without Next.js: what its store of sessions sets. */
export async function auth0Cookies(bio: string): Promise<Made[]> {
  const store = new StatelessSessionStore({ secret: SECRET });
  const session = {
    user: { sub: "auth0|42", name: bio },
    tokenSet: { accessToken: "a", expiresAt: seconds() + 3600 },
    internal: { sid: "s", createdAt: seconds() },
  };
  const response = new ResponseCookies(new Headers());
  await store.set(new RequestCookies(new Headers()), response, session);
  const made = response.getAll().flatMap(({ name, value }) => (value === "" ? [] : [{ name, value }]));
  const read = await store.get(new RequestCookies(new Headers({ cookie: header(made) })));
  if (read?.user.sub !== "auth0|42") throw new Error("Auth0's SDK does not read its cookies.");
  return made;
}

/** express-openid-connect: `appSession`, with the session in it or, with a store, its key. */
export async function openIdCookies(bio: string, stored = false): Promise<Made[]> {
  const kept = new Map<string, unknown>();
  const store = {
    get: (key: string, done: (error: unknown, found?: unknown) => void) => done(null, kept.get(key)),
    set: (key: string, data: unknown, done: (error?: unknown) => void) => done(void kept.set(key, data)),
    destroy: (key: string, done: (error?: unknown) => void) => done(void kept.delete(key)),
  };
  const app = express();
  app.use(
    openIdConnect.auth({
      issuerBaseURL: "https://tenant.auth0.com",
      baseURL: "http://localhost:3000",
      clientID: "c",
      secret: SECRET,
      authRequired: false,
      ...(stored && { session: { store: store as never } }),
    }),
  );
  app.get("/", (request, response) => {
    Object.assign(Object(request)["appSession"], { id_token: "t", bio });
    response.send("ok");
  });
  return ask(app);
}

/**
 * SuperTokens: the SDK sets the cookies and later verifies them; the server below answers in the place of its core, which makes
 * the tokens. `sFrontToken` is set by SuperTokens' script in the page, from the header of this name.
 */
export async function superTokensCookies(): Promise<Made[]> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...(await exportJWK(publicKey)), kid: "d-42", alg: "RS256", use: "sig" };
  const now = seconds();
  const claims = {
    sub: "42",
    tId: "public",
    rsub: "42",
    sessionHandle: "h",
    refreshTokenHash1: "f",
    name: "Ada",
  };
  const token = await new SignJWT({ ...claims, iat: now, exp: now + 3600 })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", version: "5", kid: "d-42" })
    .sign(privateKey);
  const lives = { createdTime: now * 1000, expiry: (now + 3600) * 1000 };
  const session = {
    handle: "h",
    userId: "42",
    recipeUserId: "42",
    tenantId: "public",
    userDataInJWT: claims,
  };
  const core = await startServer((request, response) => {
    const answers: [RegExp, object][] = [
      [/^\/apiversion/, { versions: ["5.4"] }],
      [/jwks\.json/, { keys: [jwk] }],
      [
        /recipe\/session/,
        { status: "OK", session, accessToken: { token, ...lives }, refreshToken: { token: "r", ...lives } },
      ],
    ];
    const answer = answers.find(([path]) => path.test(request.url ?? ""))?.[1] ?? {
      status: "UNKNOWN_USER_ID_ERROR",
    };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  superTokens.init({
    framework: "custom",
    supertokens: { connectionURI: core.url },
    appInfo: { appName: "shop", apiDomain: "http://localhost:3000", websiteDomain: "http://localhost:3000" },
    recipeList: [Session.init({ getTokenTransferMethod: () => "cookie" })],
  });
  const ask = (cookies: Record<string, string>) =>
    new PreParsedRequest({
      url: "/",
      method: "get",
      query: {},
      cookies,
      headers: new Headers({ cookie: "x" }),
      getFormBody: async () => ({}),
      getJSONBody: async () => ({}),
    });
  const answer = new CollectingResponse();
  await Session.createNewSession(ask({}), answer, "public", superTokens.convertToRecipeUserId("42"));
  const made = answer.cookies.map(({ key, value }) => ({ name: key, value }));
  const cookies = Object.fromEntries(made.map(({ name, value }) => [name, value]));
  const read = await Session.getSession(ask(cookies), new CollectingResponse(), { antiCsrfCheck: false });
  core.close();
  if (read.getUserId() !== "42") throw new Error("SuperTokens' SDK does not read its cookies.");
  return [...made, { name: "sFrontToken", value: answer.headers.get("front-token") ?? "" }];
}
