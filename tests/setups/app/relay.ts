/** Passes connections on: `HOST` is where it listens, `TO` the port of loopback to which it connects. It prints its port. */
import { type AddressInfo, connect, createServer } from "node:net";

const { HOST, TO } = process.env;

const server = createServer((outer) => {
  const inner = connect(Number(TO), "127.0.0.1");
  outer.pipe(inner).pipe(outer);
  for (const socket of [outer, inner]) socket.on("error", () => {});
  inner.once("close", () => outer.destroy());
  outer.once("close", () => inner.destroy());
});
server.listen(0, HOST, () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  console.log(`port ${port}`);
});
