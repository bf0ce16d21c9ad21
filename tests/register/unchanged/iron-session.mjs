/** A server on iron-session, which knows nothing of the bridge. */
import { createServer } from "node:http";
import { getIronSession } from "iron-session";

const settings = { password: "a password of more than thirty-two characters", cookieName: "iron" };
const server = createServer(async (request, response) => {
  const session = await getIronSession(request, response, { ...settings, cookieOptions: { secure: false } });
  if (request.url === "/login") {
    session.user_id = 123;
    await session.save();
  }
  response.end(request.url === "/login" ? "done" : `You are ${session.user_id ?? "a guest"}.`);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
