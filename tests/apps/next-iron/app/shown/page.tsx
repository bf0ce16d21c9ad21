/** A server component that reads the session. */
import { getSession } from "../../session.ts";

export default async function Shown() {
  const { userId } = await getSession();
  return <p id="shown">user {userId ?? "none"}</p>;
}
