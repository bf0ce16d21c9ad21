/** A pool of `pg` that this library opened, and that leaves nothing behind: no statement, no connection, no socket. */

import type { Socket } from "node:net";
import { loadDriver, parseAddress } from "../driver.ts";
import type { Shared } from "../shared-connections.ts";
import { type GuardedCall, givenUp } from "../store-guard.ts";
import { OpenSockets } from "./open-sockets.ts";

/** A statement, as `pg` takes it. */
export interface PostgresStatement {
  text: string;
  values?: unknown[];
}

/** What a statement returns. */
export interface PostgresResult {
  rows: unknown[];
  rowCount: number | null;
}

/** The part of the driver that is used. */
interface PostgresDriver {
  Pool: new (options: object) => DriverPool;
  Client: new (options: object) => DriverClient;
}
interface DriverPool {
  /** Absent from a stand-in for the driver that only answers queries, in an application's own tests. */
  connect?(callback: (error: Error | undefined, member: Member | undefined) => void): void;
  query(statement: PostgresStatement): Promise<PostgresResult>;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}
interface DriverClient {
  on(event: "error", listener: () => void): unknown;
  readonly host: string;
  readonly port: number;
  /** The native driver has none. */
  readonly connection?: Connection;
}
/** A connection of the pool. With an error, `release` closes it instead of keeping it. */
interface Member extends DriverClient {
  readonly processID: number | null;
  readonly secretKey: unknown;
  query(statement: PostgresStatement, callback: (error: Error | null, result: PostgresResult) => void): void;
  release(error?: Error): void;
}
interface Connection {
  readonly stream: Socket;
  readonly ssl: unknown;
  readonly sslNegotiation?: string;
  on(event: "connect" | "sslconnect" | "error", listener: () => void): unknown;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: unknown): void;
}

/** The most connections of such a pool. */
export const OWN_POSTGRES_MAX = 10;

/** Checks the address and loads the driver. Throws `SessionError("settings")` if one of them is wrong. */
export function loadPostgres(address: string): PostgresDriver {
  const example = "postgres://user:password@host:5432/database";
  parseAddress(address, ["postgres:", "postgresql:"], example);
  return loadDriver("pg", "database('postgres://…')") as PostgresDriver; // the documentation describes its shape
}

/** A pool that this library opened. The driver closes connections that are idle for ten seconds. */
export class OwnPostgresPool implements Shared {
  readonly #driver: PostgresDriver;
  readonly #options: object;
  readonly #limitMs: number;
  readonly #pool: DriverPool;
  readonly #sockets = new OpenSockets();

  /** @param tell is called when an idle connection fails */
  constructor(driver: PostgresDriver, address: string, limitMs: number, tell: (error: unknown) => void) {
    this.#driver = driver;
    this.#limitMs = limitMs;
    this.#options = { connectionString: address, application_name: "sessions" };
    const sockets = this.#sockets;
    this.#pool = new driver.Pool({
      ...this.#options,
      connectionTimeoutMillis: limitMs,
      max: OWN_POSTGRES_MAX,
      // the pool calls it with `new`, and takes what it returns
      Client: function createClient(options: object) {
        const client = new driver.Client(options);
        client.on("error", () => {}); // while a statement runs, the statement reports it
        if (client.connection !== undefined) sockets.add(client.connection.stream);
        return client;
      },
    });
    // Without a listener, an idle connection that the server closes would end the process.
    this.#pool.on("error", tell);
  }

  /**
   * Runs a statement on a free connection. If it is given up, its connection is closed, and the server is asked to stop
   * it: a server does not notice by itself that no one wants the answer of a statement that waits for a lock.
   *
   * @param isBroken true for errors after which the connection must not be used again
   */
  send(
    call: GuardedCall,
    statement: PostgresStatement,
    isBroken: (error: unknown) => boolean,
  ): Promise<PostgresResult> {
    const pool = this.#pool;
    if (pool.connect === undefined) return pool.query(statement);
    // callbacks: the driver's promises cost microseconds, because they make the stack of an error that mostly is none
    return new Promise((resolve, reject) => {
      call.drop = () => reject(givenUp());
      pool.connect?.((error, member) => {
        if (member === undefined) return reject(error);
        if (call.over) return member.release();
        call.drop = () => this.#giveUp(member, statement);
        return member.query(statement, (failure, result) => {
          if (!call.over) member.release(isBroken(failure) ? new Error("The connection failed.") : undefined);
          call.drop = null;
          if (failure) reject(failure);
          else resolve(result);
        });
      });
    });
  }

  async close(): Promise<void> {
    await this.#sockets.closeAfter(this.#pool.end());
  }

  #giveUp(member: Member, statement: PostgresStatement): void {
    member.release(new Error("The statement took too long.")); // closes the connection, so the statement fails
    const isPing = statement.values === undefined;
    if (!isPing) this.#cancel(member);
  }

  /** Over another connection, as the protocol wants it: the driver's own `cancel` works only for its own queries. */
  #cancel({ processID, secretKey }: Member): void {
    const { connection, host, port } = new this.#driver.Client(this.#options);
    if (connection === undefined || processID === null) return;
    const { stream } = connection;
    this.#sockets.add(stream);
    stream.unref();
    setTimeout(() => stream.destroy(), this.#limitMs).unref();
    const cancel = () => connection.cancel(processID, secretKey); // the server answers by closing
    connection.on("connect", () => {
      if (!connection.ssl) cancel();
      else if (connection.sslNegotiation !== "direct") connection.requestSsl();
    });
    connection.on("sslconnect", cancel);
    connection.on("error", () => {}); // then the server is gone, and the statement too
    if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  }
}
