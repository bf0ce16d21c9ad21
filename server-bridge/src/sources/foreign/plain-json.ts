/** What an app's adapter or function returns, as JSON keeps it. */

/** A copy. A BigInt, which Prisma returns for such a column and JSON does not know, becomes text. */
export function toPlain(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? String(each) : each)));
}
