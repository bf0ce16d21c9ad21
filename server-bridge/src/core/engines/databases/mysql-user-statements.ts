/** The statements of the index of users in MySQL and MariaDB. No table has an alias where rows are deleted: they disagree on it. */
import type { TableName } from "./table-name.ts";
import { WHOLE_ROW } from "./user-tables.ts";

/** How many rows a page has, and how many digests `forgetDead` takes. */
export const PAGE = 500;

/** The statements for a table. */
export function mysqlUserStatements({ sql: table, schema, users: { entries, ends, plain } }: TableName) {
  const columns = "`user`, `key_digest`, `session_key`, `created`, `last_seen`, `generation`";
  const generation = `COALESCE((SELECT \`generation\` FROM ${ends} WHERE \`user\` = ?), 0)`;
  const time = "DATE_FORMAT(`expire_date`, '%Y-%m-%d %H:%i:%s.%f')";
  const isThis = `${table}.\`session_key\` = ? AND CAST(${table}.\`session_key\` AS BINARY) = CAST(? AS BINARY)`;
  const isSame = (session: string, entry: string) =>
    `${session}.\`session_key\` = ${entry}.\`session_key\` AND CAST(${session}.\`session_key\` AS BINARY) = CAST(${entry}.\`session_key\` AS BINARY)`;
  const age = `GREATEST(COALESCE(${entries}.\`created\`, 0), COALESCE(${entries}.\`last_seen\`, 0))`;
  const update = `UPDATE ${table} LEFT JOIN ${entries} ON ${entries}.\`user\` = ? AND ${entries}.\`key_digest\` = ?
  SET ${table}.\`session_data\` = ?, ${table}.\`expire_date\` = ?,
    ${entries}.\`last_seen\` = IF(${entries}.\`last_seen\` > CAST(? AS SIGNED), ${entries}.\`last_seen\`, CAST(? AS SIGNED))
  WHERE ${isThis}`;
  const list = (
    which: "<" | ">=",
  ) => `SELECT \`digest\`, \`entry\`.\`session_key\` AS \`key\`, \`created\`, \`seen\`,
    \`session_data\` AS \`text\`, ${time} AS \`ends\` FROM
  (SELECT \`key_digest\` AS \`digest\`, \`session_key\`, \`created\`, \`last_seen\` AS \`seen\` FROM ${entries}
    WHERE \`user\` = ? AND \`key_digest\` > ? AND \`generation\` ${which} ${generation}
    ORDER BY \`key_digest\` LIMIT ${PAGE}) AS \`entry\`
  LEFT JOIN ${table} AS \`session\` FORCE INDEX (PRIMARY) ON ${isSame("`session`", "`entry`")} ORDER BY \`digest\``;
  return {
    generation: `SELECT ${generation} AS \`generation\``,
    find: `SELECT \`created\`, \`generation\` FROM ${entries} WHERE \`user\` = ? AND \`key_digest\` = ?`,
    enter: `INSERT INTO ${entries} (${columns})
  VALUES (?, ?, ?, CAST(NULLIF(?, '') AS SIGNED), CAST(? AS SIGNED), CAST(? AS SIGNED))
  ON DUPLICATE KEY UPDATE \`created\` = VALUES(\`created\`), \`last_seen\` = VALUES(\`last_seen\`), \`generation\` = VALUES(\`generation\`)`,
    touch: `INSERT INTO ${entries} (${columns}) VALUES (?, ?, ?, NULL, CAST(? AS SIGNED), ${generation})
  ON DUPLICATE KEY UPDATE \`last_seen\` = IF(\`last_seen\` > CAST(? AS SIGNED), \`last_seen\`, VALUES(\`last_seen\`))`,
    add: `INSERT IGNORE INTO ${entries} (${columns}) VALUES (?, ?, ?, NULL, NULL, ${generation})`,
    remove: `DELETE FROM ${entries} WHERE \`user\` = ? AND \`key_digest\` = ?`,
    // A plain save: the session and the time of its entry. It counts 2 if there is an entry, and 1 if not.
    update,
    swap: `${update} AND CAST(${table}.\`session_data\` AS BINARY) = CAST(? AS BINARY)`,
    delete: `DELETE ${table}, ${entries} FROM ${table} LEFT JOIN ${entries} ON ${entries}.\`key_digest\` = ? WHERE ${isThis}`,
    forget: `DELETE FROM ${entries} WHERE \`key_digest\` = ?`,
    // Those of these digests whose session is not stored, and that are older than the last value.
    forgetDead: `DELETE ${entries} FROM ${entries} LEFT JOIN ${table} ON ${isSame(table, entries)}
  WHERE ${entries}.\`key_digest\` IN (${Array(PAGE).fill("?").join(", ")}) AND ${table}.\`session_key\` IS NULL
    AND ${age} < CAST(? AS SIGNED)`,
    begin: `INSERT IGNORE INTO ${ends} (\`user\`, \`generation\`) VALUES (?, 0)`,
    // Nothing if the generation is not the one that was read. An entry that was ended before stays so.
    raise: `UPDATE ${ends} LEFT JOIN ${entries} ON ${entries}.\`user\` = ? AND ${entries}.\`key_digest\` = ?
    AND ${entries}.\`generation\` >= CAST(? AS SIGNED)
  SET ${ends}.\`generation\` = CAST(? AS SIGNED), ${entries}.\`generation\` = CAST(? AS SIGNED)
  WHERE ${ends}.\`user\` = ? AND ${ends}.\`generation\` = CAST(? AS SIGNED)`,
    list: list(">="),
    listEnded: list("<"),
    scan: `SELECT \`session_key\` AS \`key\`, \`session_data\` AS \`text\`, ${time} AS \`ends\`
  FROM ${table} WHERE \`session_key\` > ? ORDER BY \`session_key\` LIMIT ${PAGE}`,
    page: `SELECT CONVERT(\`user\` USING ascii) AS \`name\`, \`key_digest\` AS \`digest\` FROM ${entries}
  WHERE \`user\` > ? OR (\`user\` = ? AND \`key_digest\` > ?) ORDER BY \`user\`, \`key_digest\` LIMIT ${PAGE}`,
    isWhole: `SELECT 1 FROM ${ends} WHERE \`user\` = '${WHOLE_ROW}'`,
    markWhole: `INSERT IGNORE INTO ${ends} (\`user\`, \`generation\`) VALUES ('${WHOLE_ROW}', 0)`,
    // If there is no session yet, none can be missing in the index.
    markEmpty: `INSERT IGNORE INTO ${ends} (\`user\`, \`generation\`)
  SELECT '${WHOLE_ROW}', 0 FROM (SELECT 1) AS \`one\` WHERE NOT EXISTS (SELECT 1 FROM ${table})`,
    areThere: `SELECT 1 FROM information_schema.tables
  WHERE table_schema = ${schema === null ? "DATABASE()" : `'${schema}'`} AND table_name IN ('${plain.join("', '")}')`,
  };
}
