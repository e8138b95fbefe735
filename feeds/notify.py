"""What systemd is told of this process (sd_notify(3)): ready, alive, stopping. Nothing where nobody listens."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send one datagram of NAME=VALUE lines. Whatever becomes of it, our work goes on."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)  # a manager that reads no more must not hold us up
            # A socket without peer cannot tell that its peer is full: to wait for room, Python would ask without pause.
            sock.connect(address.replace("@", "\0", 1) if address[0] == "@" else address)
            sock.send(state.encode())
