/** A server with sessions that no library of ours makes. */
const { createServer } = require("node:http");

const server = createServer((_request, response) => response.end("You are a guest."));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
