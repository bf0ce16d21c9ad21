"""
Where the channel between a Django site and the bridge next to it is: a folder that only this user can use.

Site and command both check it before they trust what is in it (T44).
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

MAX_ANNOUNCEMENT = 4096

#: Neither through a link, nor waiting for who writes into a pipe.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def folder() -> Path:
    """Return the folder of this user's channels, whether it exists or not."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "session-bridge"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and _is_private(runtime):
        return Path(runtime) / "session-bridge"
    return Path(tempfile.gettempdir()) / f"session-bridge-{os.getuid()}"


def name(settings_file: str) -> str:
    """Return the name of a site's channel, given the file of its settings module."""
    return sha256(os.path.realpath(settings_file).encode()).hexdigest()[:32]


def name_of_site() -> str:
    """Return the name of this site's channel. Without a settings module, the working directory decides."""
    module = sys.modules.get(str(getattr(settings, "SETTINGS_MODULE", None)))
    return name(getattr(module, "__file__", None) or os.getcwd())


def create(path: Path) -> None:
    """
    Make the folder, or accept the one that is there.

    :raises PermissionError: if it is not this user's alone
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    fault = find_fault(path)
    if fault is not None:
        raise PermissionError(fault)


def find_fault(path: Path) -> str | None:
    """Return why the folder cannot be trusted, with the next step; None if it can, or is not there yet."""
    if not os.path.lexists(path) or is_secure(path):
        return None
    is_own = os.lstat(path).st_uid == os.getuid() and _keeps(path.parent)
    elsewhere = "Set XDG_RUNTIME_DIR to a folder that is yours alone, for the site and for this command"
    remedy = "Delete it" if is_own else elsewhere
    return f"{path} can be used by others on this machine. {remedy}, and start again."


def is_secure(path: Path) -> bool:
    """Return whether only this user can put something into the folder, or replace it."""
    if os.name == "nt":
        return os.path.isdir(path)
    return _is_private(path) and _keeps(path.parent)


def read_announcement(path: Path, site: str) -> dict[str, Any] | None:
    """Return what the bridge next to this site has announced; None if nothing can be trusted."""
    if not is_secure(path):
        return None
    try:
        opened = os.open(path / f"{site}.json", _READ)
    except OSError:
        return None
    try:
        if not _is_own_file(os.fstat(opened)):
            return None
        announced = json.loads(os.read(opened, MAX_ANNOUNCEMENT))
        is_known = isinstance(announced, dict) and announced.get("v") == 1
        return announced if is_known and isinstance(announced.get("bridge"), int) else None
    except (OSError, ValueError):
        return None
    finally:
        os.close(opened)


def _is_private(path: os.PathLike[str] | str) -> bool:
    """Return whether this is a real directory of this user that no one else may enter."""
    try:
        facts = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and facts.st_mode & 0o077 == 0


def _keeps(parent: os.PathLike[str] | str) -> bool:
    """Return whether others cannot rename what is in this directory."""
    try:
        facts = os.stat(parent)
    except OSError:
        return False
    is_trusted = facts.st_uid in (os.getuid(), 0)
    is_closed = facts.st_mode & 0o022 == 0 or facts.st_mode & stat.S_ISVTX != 0
    return is_trusted and is_closed


def _is_own_file(facts: os.stat_result) -> bool:
    if os.name == "nt":
        return stat.S_ISREG(facts.st_mode)
    return stat.S_ISREG(facts.st_mode) and facts.st_uid == os.getuid() and facts.st_mode & 0o077 == 0
