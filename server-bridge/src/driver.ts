/** Loads a driver that the user installs beside this package, and only when an engine that needs it is started. */
import { createRequire } from "node:module";
import { SessionError } from "./errors.ts";

const require = createRequire(import.meta.url);

/**
 * The module `name`. Its type is the caller's claim, so claim little.
 *
 * @param wantedBy what cannot work without it, for the message
 * @throws SessionError("settings") with the line to type, when the driver is not installed
 */
export function loadDriver(name: string, wantedBy: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    const what = name.split("/")[0];
    throw new SessionError(
      "settings",
      `${wantedBy} needs the package ${what}, which cannot be loaded here. Run: npm install ${what}`,
      { cause },
    );
  }
}

/**
 * Checks an address without ever showing it: a password may be in it.
 *
 * @param example an address of the right form, for the message
 * @throws SessionError("settings") when it is not a URL of one of the protocols
 */
export function parseAddress(address: string, protocols: readonly string[], example: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.href.startsWith(`${url.protocol}//`) && protocols.includes(url.protocol)) return url;
  throw new SessionError(
    "settings",
    `The address of the ${protocols[0]?.replace(":", "")} server is not of the form ${example}. Correct it where the engine is made.`,
  );
}
