"""Taking a port of this machine. Used before anything is installed: the standard library only."""

from __future__ import annotations

import errno
import socket

HOST = "127.0.0.1"


class PortRefused(Exception):
    """The port cannot be used; the message says why and what to do."""


def take_port(wanted: str) -> socket.socket:
    """A listening socket on `wanted` ("0" takes any free one), which holds the port until it is closed.

    Raises PortRefused.
    """
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) < 65536):
        raise PortRefused(f"PORT is {wanted!r}; it must be a number from 0 to 65535.")
    taken = socket.socket()
    # Connections of the run before may linger for a minute and must not count.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, int(wanted)))
        taken.listen(64)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            other = int(wanted) + 1 if int(wanted) < 65535 else 8000
            raise PortRefused(
                f"Port {wanted} on {HOST} is taken by another program; choose another: make run PORT={other}"
            ) from None
        raise PortRefused(f"Port {wanted} on {HOST} cannot be used: {error.strerror}.") from None
    return taken


def free_port() -> int:
    """A port that is free now, for a child that takes it at once."""
    with take_port("0") as found:
        return int(found.getsockname()[1])
