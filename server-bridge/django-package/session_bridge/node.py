"""
Finds Node and the program session-bridge, and runs it next to the site.

They talk over its standard input and output; its standard error is the terminal. When one ends, so does
the other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from .answers import answer_all
from .edits import Edits
from .server import PATIENCE, Server

OLDEST_NODE = (22, 13)

#: Run TypeScript as it is, in a checkout of this project.
_FOR_SOURCE = ["--conditions=sessions-source", "--disable-warning=ExperimentalWarning"]
_PACKAGE = Path(__file__).resolve().parent.parent


def find_program(given: str | None, project: Path) -> list[str]:
    """
    Return the command that starts session-bridge.

    :param given: the option ``--session-bridge``: a ``.js`` or ``.ts`` file, or an executable
    :param project: where ``node_modules`` is looked for, and in the folders above
    :raises CommandError: without a Node that is new enough, or if ``given`` is not there
    """
    node = _find_node()
    if given is not None:
        return _to_command(node, given)
    for folder in (project, *project.parents):
        found = _find_installed(folder / "node_modules")
        if found is not None:
            return [found]
    checkout = _PACKAGE.parent
    for file in (checkout / "dist/cli/main.js", checkout / "src/cli/main.ts"):
        if _PACKAGE.name == "django-package" and file.is_file():
            return _to_command(node, str(file))
    # npx is not asked: it would run what others put into a folder above, or what has this name elsewhere
    raise CommandError(
        "session-bridge is not installed in this project. Install this package with pip install -e "
        "from a checkout of Sessions DevTools, which has it, or pass --session-bridge PATH."
    )


def run(program: list[str], site: dict[str, Any], edits: Edits, server: Sequence[str] = ()) -> None:
    """
    Run the program and answer it until one of them ends. Ctrl-C ends both.

    :param site: what the program is told first
    :param server: arguments of a management command that is to run at the same time; empty: none
    :raises CommandError: if it ended by itself, and not well
    """
    try:
        child = subprocess.Popen(
            [*program, "django", "--by-command"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C reaches this process alone: the program ends in order, because its input does
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        raise CommandError(
            f"session-bridge cannot be started ({type(error).__name__}). Check --session-bridge."
        ) from None
    is_interrupted, running = False, None
    try:
        _say(child, site)
        if server:
            running = Server(server, child)
        answer_all(edits, child.stdout, child.stdin)
    except KeyboardInterrupt:
        is_interrupted = True
    code = _end(child)
    is_asked = running is not None and running.end(is_interrupted)
    if code != 0 and not is_interrupted and not is_asked:
        raise CommandError(_explain_end(code))


def _say(child: subprocess.Popen[bytes], site: dict[str, Any]) -> None:
    try:
        child.stdin.write(json.dumps({"site": site}).encode() + b"\n")
        child.stdin.flush()
    except OSError:  # it has already ended, and said why
        pass


def _end(child: subprocess.Popen[bytes]) -> int:
    """Close the pipe, which ends the program, and return its code."""
    try:
        child.stdin.close()
    except OSError:
        pass
    try:
        return child.wait(PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        child.kill()
        return child.wait()
    finally:
        child.stdout.close()


def _explain_end(code: int) -> str:
    if code > 0:
        return f"session-bridge ended with code {code}. What it said is above."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"session-bridge was ended by {name}. Start this command again."


def _find_node() -> str:
    needed = ".".join(map(str, OLDEST_NODE))
    remedy = (
        f"session-bridge needs Node {needed} or later. Install it from https://nodejs.org, "
        "and start this command again."
    )
    node = shutil.which("node")
    if node is None:
        raise CommandError(f"There is no Node on PATH. {remedy}")
    version = _version_of(node)
    if version is None:
        raise CommandError(f"Node cannot be started. {remedy}")
    if version < OLDEST_NODE:
        raise CommandError(f"This is Node {version[0]}.{version[1]}. {remedy}")
    return node


def _version_of(node: str) -> tuple[int, int] | None:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    return None if found is None else (int(found[1]), int(found[2]))


def _find_installed(modules: Path) -> str | None:
    """Return the program in a ``node_modules``, unless it is another user's: a folder above may be shared."""
    try:
        owners = {modules.lstat().st_uid, modules.stat().st_uid}  # of a link, and of what it leads to
        if os.name != "nt" and not owners <= {os.getuid(), 0}:
            return None
    except OSError:
        return None
    return shutil.which("session-bridge", path=str(modules / ".bin"))  # in Windows it ends with .cmd


def _to_command(node: str, given: str) -> list[str]:
    path = Path(given)
    if path.is_file() and path.suffix in (".js", ".mjs", ".ts"):
        return [node, *(_FOR_SOURCE if path.suffix == ".ts" else []), str(path.resolve())]
    program = shutil.which(given)
    if program is None:
        raise CommandError(
            "--session-bridge names no program. Pass the path of a .js or .ts file, or of an executable."
        )
    return [program]
