/** The channel's folder belongs to this user alone, or there is no channel; and no other user of the machine gets at it (T44). */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ChannelPlace, hasSocket } from "../../../server-bridge/src/sources/django/channel-place.ts";
import { PYTHON } from "../../interop/django-packages.ts";
import {
  connectSite,
  NAME,
  openAnnounced,
  requestLine,
  SITE,
  socketIn,
  temporaryFolder,
} from "./channel-site.ts";
import { startCommandProgram } from "./command-program.ts";

let temporary: ReturnType<typeof temporaryFolder>;
let folder = "";
beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "run");
});
afterEach(() => temporary.remove());

/** The id of a user who owns nothing. */
const OTHER = 65_534;
const isRoot = process.getuid?.() === 0;

describe("a folder for the channel", () => {
  it("is made for this user alone, whatever the umask", async () => {
    const before = process.umask(0);
    const { channel } = await openAnnounced(folder).finally(() => process.umask(before));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await channel.close();
  });

  it.each<[string, () => void, string]>([
    ["that others may read", () => mkdirSync(folder, { mode: 0o755 }), "can be used by others"],
    ["that is a link", () => symlinkSync(temporary.path, folder), "is a link"],
    ["that is a file", () => writeFileSync(folder, ""), "is not a folder"],
    ["inside one that is not there", () => temporary.remove(), "cannot be made (ENOENT)"],
    ["that others could replace", () => chmodSync(temporary.path, 0o777), "can be replaced by others"],
  ])("is refused: one %s", async (_, prepare, words) => {
    prepare();
    await expect(openAnnounced(folder)).rejects.toThrow(words);
  });

  it("may be in one where everyone makes files but no one deletes another's, like /tmp", async () => {
    chmodSync(temporary.path, 0o1777);
    const { channel } = await openAnnounced(folder);
    await channel.close();
  });

  it.runIf(isRoot)("is refused: one that belongs to another user", async () => {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, OTHER, OTHER);
    await expect(openAnnounced(folder)).rejects.toThrow("belongs to another user of this machine");
    expect(existsSync(socketIn(folder).path)).toBe(false);
  });

  it.runIf(isRoot)("is refused: one inside another user's folder", async () => {
    chownSync(temporary.path, OTHER, OTHER);
    await expect(openAnnounced(folder)).rejects.toThrow("can be replaced by others");
  });

  it("with too long a path for a socket gets a channel on loopback", () => {
    const short: ChannelPlace = { folder: "/run/user/1000/session-bridge", name: NAME };
    expect(hasSocket(short)).toBe(true);
    expect(hasSocket({ ...short, folder: `/${"d".repeat(70)}` })).toBe(false);
  });
});

describe("a server that was killed", () => {
  it("leaves files that the next one replaces", async () => {
    const program = await startCommandProgram(folder);
    const { path } = socketIn(folder);
    await program.kill("SIGKILL");
    expect([existsSync(path), existsSync(join(folder, `${NAME}.json`))]).toEqual([true, true]);
    await expect(connectSite({ path })).rejects.toThrow("ECONNREFUSED");
    const { channel, told } = await openAnnounced(folder);
    const site = await connectSite({ path });
    site.send(SITE, requestLine());
    await vi.waitFor(() => expect(told.requests).toHaveLength(1));
    await channel.close();
  });
});

/** Tries everything that another user could; prints what succeeded. */
const TRIES = `
import os, socket, sys
folder, name = sys.argv[1:]
path = f"{folder}/{name}.sock"
def bind():
    os.unlink(path); socket.socket(socket.AF_UNIX).bind(path)
def link():
    os.symlink("/tmp", f"{folder}/{name}.json.new")
tries = {
    "connect": lambda: socket.socket(socket.AF_UNIX).connect(path),
    "read": lambda: open(f"{folder}/{name}.json").read(),
    "list": lambda: os.listdir(folder),
    "bind": bind,
    "bind another": lambda: socket.socket(socket.AF_UNIX).bind(f"{folder}/{'f' * 32}.sock"),
    "announce": lambda: open(f"{folder}/{name}.json", "w"),
    "link": link,
    "rename the folder": lambda: os.rename(folder, folder + ".old"),
    "delete the folder": lambda: os.rmdir(folder),
    "open the folder to all": lambda: os.chmod(folder, 0o777),
}
for what, attempt in tries.items():
    try:
        attempt(); print(what, "succeeded")
    except PermissionError: pass
    except Exception as error: print(what, type(error).__name__)
print("tried", len(tries), "as", os.getuid())
`;

function tryAs(user: number, where: string): string {
  const args = ["-I", "-c", TRIES, where, NAME];
  const done = spawnSync(PYTHON, args, { uid: user, gid: user, cwd: "/", encoding: "utf8" });
  return `${done.stdout}${done.stderr}`.trim();
}

describe.runIf(isRoot)("another user of the machine", () => {
  beforeEach(() => chmodSync(temporary.path, 0o1777)); // as /tmp, which is the worst place

  it("cannot connect, read the announcement, take the channel's name, or move the folder", async () => {
    const { channel, told } = await openAnnounced(folder);
    expect(tryAs(OTHER, folder)).toBe(`tried 10 as ${OTHER}`);
    expect(told.requests).toEqual([]);
    await channel.close();
  });

  it("cannot do so after the server was killed either, and the next server gets the site's reports", async () => {
    const program = await startCommandProgram(folder);
    await program.kill("SIGKILL");
    expect(tryAs(OTHER, folder)).toBe(`tried 10 as ${OTHER}`);
    const { channel } = await openAnnounced(folder);
    expect(tryAs(OTHER, folder)).toBe(`tried 10 as ${OTHER}`);
    await channel.close();
  });

  it("gets no server when the folder's name was taken before this user's first start", async () => {
    execFileSync(PYTHON, ["-I", "-c", `import os; os.mkdir(${JSON.stringify(folder)}, 0o700)`], {
      ...{ uid: OTHER, gid: OTHER, cwd: "/" },
    });
    await expect(openAnnounced(folder)).rejects.toThrow("belongs to another user of this machine");
  });

  it("would be seen to succeed if the folder were open to all", async () => {
    const { channel } = await openAnnounced(folder);
    chmodSync(folder, 0o777);
    expect(tryAs(OTHER, folder)).toContain("list succeeded");
    await channel.close();
  });
});
