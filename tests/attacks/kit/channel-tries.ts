/** Everything that a program of another user can try on a folder in which a channel is. */
import { PYTHON } from "../../interop/django-packages.ts";
import { attack, keepAttacking } from "./users.ts";

const TRIES = `
import os, socket, sys
folder, name = sys.argv[1:]
path = f"{folder}/{name}.sock"
def connect():
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    one.sendall(b'{"site":1,"process":"abcdefghijklmnopqrstuv","pid":1}\\n')
    print(one.recv(1000))
def bind():
    if os.path.exists(path): os.unlink(path)
    socket.socket(socket.AF_UNIX).bind(path)
tries = {
    "list": lambda: os.listdir(folder),
    "enter": lambda: os.chdir(folder),
    "connect": connect,
    "read": lambda: print(open(f"{folder}/{name}.json").read()),
    "bind": bind,
    "bind another": lambda: socket.socket(socket.AF_UNIX).bind(f"{folder}/other.sock"),
    "announce": lambda: open(f"{folder}/{name}.json", "w"),
    "link": lambda: os.symlink("/tmp", f"{folder}/{name}.json.new"),
    "move": lambda: os.rename(folder, folder + ".old"),
    "delete": lambda: os.rmdir(folder),
    "open to all": lambda: os.chmod(folder, 0o777),
    "own": lambda: os.chown(folder, os.getuid(), os.getgid()),
}
for what, attempt in tries.items():
    try: attempt(); print(what, "succeeded")
    except PermissionError: pass
    except Exception as error: print(what, type(error).__name__)
print("tried", len(tries))
`;

/** What they print when nothing succeeds. */
export const NOTHING = "tried 12\n";

/** Tries all as the other user; returns what succeeded. */
export function tryAll(folder: string, name: string): Promise<string> {
  return attack(`${PYTHON} -I -c '${quoted(TRIES)}' ${folder} ${name}`);
}

const LISTENER = `
import os, socket, sys, threading
path, kept = sys.argv[1:]
def keep(data):
    with open(kept, "ab") as file: file.write(data)
def serve(one):
    while data := one.recv(65536): keep(data)
if os.path.lexists(path): os.unlink(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o777)
server.listen()
keep(b"listens\\n")
while True:
    one, _ = server.accept()
    keep(b"connected\\n")
    threading.Thread(target=serve, args=(one,)).start()
`;

/** Listens as the other user until the test is over, and keeps what arrives in a file. */
export function listenAsOther(path: string, kept: string): void {
  keepAttacking(`exec ${PYTHON} -I -c '${quoted(LISTENER)}' ${path} ${kept}`);
}

function quoted(script: string): string {
  return script.replaceAll("'", `'"'"'`);
}
