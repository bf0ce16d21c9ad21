/** An app on cookie-session, which signs another cookie, too, whose value a visitor chooses. */
import cookieSessions from "cookie-session";
import Keygrip from "keygrip";
import { joinPossession } from "session-bridge/protocol";
import { cookieSession } from "session-bridge/sources";
import { readPossession } from "../../sources/panel-client.ts";
import { dataOf, startApp } from "./express-app.ts";
import { CANARY } from "./scene.ts";

const keys = ["a secret of the app, longer than thirty-two characters"];

interface SignedApp {
  base: string;
  /** The victim's possession, whose session holds the canary. */
  victims: string;
  /** The attacker's. */
  own: string;
  /** The signature that the app puts on a cookie of this name with this value. */
  sign(name: string, value: string): string;
}

/** Starts the app; both have visited it. */
export async function startSignedApp(): Promise<SignedApp> {
  const base = await startApp(cookieSession({ keys }), (app) => {
    app.use(cookieSessions({ keys }));
    app.use((request, response) => {
      const { note } = request.query;
      if (note !== undefined) dataOf(request)["note"] = String(note);
      response.send("done");
    });
  });
  const visit = async (note: string) =>
    readPossession(await fetch(`${base}/?note=${encodeURIComponent(note)}`), "session");
  const grip = new Keygrip(keys);
  return {
    base,
    victims: await visit(CANARY),
    own: await visit("of the attacker"),
    sign: (name, value) => grip.sign(`${name}=${value}`),
  };
}

/** Value and signature as the panel writes them. */
export function withSignature(value: string, signature: string): string {
  return joinPossession(value, "session.sig", signature);
}
