/**
 * What `NODE_ENV` says about where the process runs. Only `development` and `test`, spelled exactly so, are not
 * production: a value that is misspelled, quoted or empty is more likely on a server than on a developer's machine.
 */

/** `unset`: there is none, as in the empty `process.env` that some bundlers put into an app. */
type Environment = "development" | "test" | "unset" | "production";

/** @param nodeEnv the variable's value, of whatever type a bundler or an option made it */
export function toEnvironment(nodeEnv: unknown): Environment {
  if (nodeEnv === undefined) return "unset";
  return nodeEnv === "development" || nodeEnv === "test" ? nodeEnv : "production";
}

/** What was found, for a message: bounded in length, with every character visible. */
export function sayNodeEnv(nodeEnv: unknown): string {
  if (nodeEnv === undefined) return "NODE_ENV is not set";
  if (nodeEnv === "production") return "NODE_ENV is production";
  const isProduction = toEnvironment(nodeEnv) === "production";
  const value = JSON.stringify(String(nodeEnv).slice(0, 40));
  return `NODE_ENV is ${value}${isProduction ? ", which counts as production" : ""}`;
}
