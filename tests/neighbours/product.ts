/** All combinations that a neighbour can be in, as data: which cells there are, and which of them `npm test` plays. */

/** The dimensions of the product. */
export const HOSTS = ["node:http", "Connect", "Express", "Nest", "Koa", "Fastify"] as const;
export const POSITIONS = ["before", "after"] as const;
export const STORES = ["memory", "slow"] as const;
export const PROTOCOLS = ["HTTP/1.1", "HTTP/2"] as const;
export const CLIENTS = ["gzip", "plain"] as const;
export const KINDS = [
  "a small JSON",
  "a large JSON",
  "events",
  "events at once",
  "a piped stream",
  "HEAD",
  "304",
  "a range",
  "an abort",
] as const;

/** The servers and frameworks that host an app. Nest runs on Express. */
export type HostName = (typeof HOSTS)[number];
/** Where the neighbour is: before the session or after it. */
export type Position = (typeof POSITIONS)[number];
/** `memory` loads without a promise; `slow` takes some milliseconds for each load and write. */
export type StoreName = (typeof STORES)[number];
export type Protocol = (typeof PROTOCOLS)[number];
export type Client = (typeof CLIENTS)[number];
export type KindName = (typeof KINDS)[number];

/** One cell of the product. */
export interface Cell {
  neighbour: string;
  host: HostName;
  position: Position;
  protocol: Protocol;
  store: StoreName;
  client: Client;
  kind: KindName;
}

/** What the selection for `npm test` covers: each possible combination of these, at least once. */
const COVERED: readonly (readonly (keyof Cell)[])[] = [
  ["neighbour", "position", "store", "kind"],
  ["neighbour", "host", "position", "protocol"],
  ["neighbour", "client", "kind"],
  ["host", "position", "store", "kind"],
  ["host", "protocol", "client", "kind"],
  ["position", "store", "client", "kind"],
];

/** Also covered for those that change what is sent depending on what the client accepts. */
const COVERED_ENCODING: readonly (keyof Cell)[] = ["neighbour", "position", "store", "client", "kind"];

/** Every cell for these neighbours, grouped by server. */
export function toProduct(neighbours: readonly string[]): Cell[] {
  const cells: Cell[] = [];
  for (const neighbour of neighbours)
    for (const host of HOSTS)
      for (const position of POSITIONS)
        for (const protocol of PROTOCOLS)
          for (const store of STORES)
            for (const client of CLIENTS)
              for (const kind of KINDS)
                cells.push({ neighbour, host, position, protocol, store, client, kind });
  return cells;
}

/**
 * A selection that covers `COVERED`, in the order of the cells: each step picks a cell that covers most of the rest.
 *
 * @param encodes whether a neighbour changes what is sent depending on what the client accepts
 */
export function chooseSmall(cells: readonly Cell[], encodes: (neighbour: string) => boolean): Cell[] {
  const toCombinations = (cell: Cell) => {
    const covered = encodes(cell.neighbour) ? [...COVERED, COVERED_ENCODING] : COVERED;
    return covered.map((names) => names.map((name) => `${name}=${cell[name]}`).join("&"));
  };
  const open = new Set(cells.flatMap(toCombinations));
  const chosen = new Set<Cell>();
  const news = (cell: Cell) => toCombinations(cell).filter((combination) => open.has(combination)).length;
  for (let most = COVERED.length + 1; most > 0; most--) {
    for (const cell of cells) {
      if (news(cell) < most) continue;
      chosen.add(cell);
      for (const combination of toCombinations(cell)) open.delete(combination);
    }
  }
  return cells.filter((cell) => chosen.has(cell));
}
