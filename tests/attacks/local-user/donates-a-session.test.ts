/**
 * Attacker: another user of the machine, who has a session on the server. Holds: its signed text, which the bridge shows to them, and
 * the right to put files into the directory of sessions, but not to list it. Wants: a victim who is given a key of the attacker's
 * choice to work in the attacker's session.
 */
import { chownSync } from "node:fs";
import { expect } from "vitest";
import { SERVER_USER } from "../../core/engines/other-users.ts";
import { CANARY } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder, serve } from "../kit/users.ts";

asTwoUsers("a good text in a file of theirs is no session, in whatever form it lies there", async () => {
  const folder = await makeFolder(0o1733, (path) => chownSync(path, SERVER_USER, SERVER_USER));
  const [key] = await serve(folder, "make");
  expect(key).toMatch(/^[a-z0-9]{32}$/);
  const [stored] = await serve(folder, `text:${key}`);
  const text = String(Reflect.get(Object(stored), "text"));
  const put = (name: string) => `${folder}/sessionid${name}`;
  await attack(
    `umask 0; cat > ${put("donated001")}; cp ${put("donated001")} ${put("donated002")}; chmod 4777 ${put("donated002")};
     ln ${put("donated001")} ${put("donated003")}; ln -s ${put("donated001")} ${put("donated004")};
     mkdir ${put("donated005")}; mkfifo ${put("donated006")}; ln -s ${put(String(key))} ${put("donated007")}`,
    text,
  );
  const names = Array.from({ length: 7 }, (_, at) => `donated00${at + 1}`);
  expect(await serve(folder, ...names.map((name) => `read:${name}`))).toEqual(names.map(() => ["{}"]));
  await attack(`cat > ${put("control001")}`, text);
  chownSync(put("control001"), SERVER_USER, SERVER_USER);
  expect(await serve(folder, "read:control001")).toEqual([[`{"note":"${CANARY}"}`]]);
});
