/** A server component that changes the session while it is rendered. */
import { countVisit, FILLING } from "../visits.js";

export const dynamic = "force-dynamic";

export default function Page() {
  return (
    <main>
      <p>{`visits=${countVisit()};`}</p>
      <p>{FILLING}</p>
    </main>
  );
}
