/** An application on express-session that uses the bridge without an added line, in one bundle. */
import "session-bridge/register";
import { createServer } from "node:http";
import session from "express-session";

const sessions = session({ secret: "keyboard cat", resave: false, saveUninitialized: false });
const server = createServer((request, response) =>
  sessions(request, response, () => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.end(String(request.session.visits));
  }),
);
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
