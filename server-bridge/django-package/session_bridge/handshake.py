"""How both sides of a channel over loopback prove that they know the secret of the announcement (T44)."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import socket
import time
from hashlib import sha256

MAX_LINE = 1024


def prove(connected: socket.socket, secret: str) -> bool:
    """
    Let the bridge prove itself, then prove that this is the site. False if the bridge could not.

    :raises OSError: if the connection ends, or all of it takes longer than the connection's timeout
    :raises ValueError: if the answer is not of the channel
    """
    own = secrets.token_urlsafe(32)
    connected.sendall(json.dumps({"hello": 1, "nonce": own}).encode() + b"\n")
    answer = json.loads(_read_line(connected))
    nonce, proof = str(answer["nonce"]), str(answer["proof"])
    if not hmac.compare_digest(proof, proof_of("server", secret, own, nonce)):
        return False
    connected.sendall(json.dumps({"proof": proof_of("site", secret, own, nonce)}).encode() + b"\n")
    return True


def proof_of(side: str, secret: str, own: str, other: str) -> str:
    """Return what this side has to say, in base64url without padding. ``own`` is the site's nonce."""
    key = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    text = f"session-bridge channel {side} 1\0{own}\0{other}".encode()
    return base64.urlsafe_b64encode(hmac.new(key, text, sha256).digest()).decode().rstrip("=")


def _read_line(connected: socket.socket) -> bytes:
    line = b""
    ends = time.monotonic() + (connected.gettimeout() or 0)
    while not line.endswith(b"\n"):
        # for all of it: a stranger may send a byte now and then
        connected.settimeout(max(ends - time.monotonic(), 0.001))
        piece = connected.recv(1)
        if piece == b"" or len(line) > MAX_LINE:
            raise ValueError("the bridge did not answer")
        line += piece
    return line
