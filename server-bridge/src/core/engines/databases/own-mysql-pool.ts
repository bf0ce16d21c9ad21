/** A pool of `mysql2` that this library opened, and that leaves nothing behind: no statement, no connection, no socket. */

import { connect, type Socket } from "node:net";
import { SessionError } from "../../errors.ts";
import { loadDriver, parseAddress } from "../driver.ts";
import type { Shared } from "../shared-connections.ts";
import { type GuardedCall, givenUp } from "../store-guard.ts";
import { OpenSockets } from "./open-sockets.ts";

/** A prepared statement, as `mysql2` takes it. */
export interface MysqlStatement {
  sql: string;
  values: string[];
  rowsAsArray: false;
}

/** The part of the driver that is used, according to its documentation. */
interface MysqlDriver {
  createPool(options: object): DriverPool;
  createConnection(options: object): Connection;
}
type Callback<Result> = (error: Error | null, result: Result) => void;
interface DriverPool {
  getConnection(callback: Callback<Member | undefined>): void;
  on(event: "connection", listener: (member: Member) => void): unknown;
  end(callback: () => void): void;
}
interface Connection {
  readonly stream: Socket;
  readonly threadId: number | null;
  on(event: "error", listener: (error: unknown) => void): unknown;
  query(sql: string, callback: () => void): unknown;
}
interface Member extends Connection {
  execute(statement: MysqlStatement, callback: Callback<unknown>): unknown;
  release(): void;
  destroy(): void;
}
interface SocketOptions {
  config: { host?: string; port?: number; socketPath?: string };
}

/** The most connections of such a pool. */
export const OWN_MYSQL_MAX = 10;

/** Checks the address and loads the driver. Throws `SessionError("settings")` if one of them is wrong. */
export function loadMysql(address: string): { driver: MysqlDriver; uri: string } {
  const example = "mysql://user:password@host:3306/database";
  const url = parseAddress(address, ["mysql:", "mariadb:"], example);
  if (url.pathname.length < 2) {
    throw new SessionError("settings", `The address of the mysql server names no database. Use ${example}.`);
  }
  url.protocol = "mysql:";
  // the documentation describes its shape
  const driver = loadDriver("mysql2", "database('mysql://…')") as MysqlDriver;
  return { driver, uri: url.href };
}

/** A pool that this library opened. Its sockets do not keep the process alive: the timer of a running call does. */
export class OwnMysqlPool implements Shared {
  readonly #driver: MysqlDriver;
  readonly #options: object;
  readonly #limitMs: number;
  readonly #pool: DriverPool;
  readonly #sockets = new OpenSockets();

  /** @param tell is called when a connection fails */
  constructor(driver: MysqlDriver, uri: string, limitMs: number, tell: (error: unknown) => void) {
    this.#driver = driver;
    this.#limitMs = limitMs;
    this.#options = {
      uri,
      connectTimeout: limitMs,
      charset: "utf8mb4",
      stream: ({ config }: SocketOptions) => this.#openSocket(config),
    };
    this.#pool = driver.createPool({ ...this.#options, connectionLimit: OWN_MYSQL_MAX });
    this.#pool.on("connection", (member) => member.on("error", tell));
  }

  /**
   * Runs a statement on a free connection. If it is given up, its connection is closed, and the server is asked to stop
   * it.
   *
   * @param isBroken true for errors after which the connection must not be used again
   */
  send(
    call: GuardedCall,
    statement: MysqlStatement,
    isBroken: (error: unknown) => boolean,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      call.drop = () => reject(givenUp());
      this.#pool.getConnection((error, member) => {
        if (error || member === undefined) return reject(error);
        if (call.over) return member.release();
        call.drop = () => this.#giveUp(member, statement);
        return member.execute(statement, (failure, result) => {
          if (failure && isBroken(failure)) member.destroy();
          else if (!call.over) member.release();
          call.drop = null;
          if (failure) reject(failure);
          else resolve(result);
        });
      });
    });
  }

  async close(): Promise<void> {
    await this.#sockets.closeAfter(new Promise<void>((resolve) => this.#pool.end(resolve)));
  }

  #giveUp({ stream, threadId }: Member, statement: MysqlStatement): void {
    stream.destroy(new Error("The statement took too long.")); // so the statement fails
    const isPing = statement.values.length === 0;
    if (!isPing && threadId !== null) this.#kill(threadId);
  }

  /** A server does not notice by itself that no one wants the answer of a statement that waits for a lock. */
  #kill(threadId: number): void {
    const connection = this.#driver.createConnection(this.#options);
    const end = () => connection.stream.destroy();
    connection.on("error", end); // the server is gone, and the statement too
    connection.query(`KILL ${Number(threadId)}`, end);
    setTimeout(end, this.#limitMs).unref();
  }

  /** As the driver opens them, but known. */
  #openSocket({ host, port, socketPath }: SocketOptions["config"]): Socket {
    const socket =
      socketPath === undefined || socketPath === ""
        ? connect({ host: host ?? "localhost", port: port ?? 3306, noDelay: true, keepAlive: true })
        : connect(socketPath);
    socket.unref();
    this.#sockets.add(socket);
    return socket;
  }
}
