"""Run a script and write down every attempt to reach another machine: `python -m tests.support.guarded LOG SCRIPT ARGS…`.

An audit hook sees every connect, datagram and name lookup that goes through Python's sockets. The graphs of the script
remember what they have said (`tests.support.remembered`).
"""

import ipaddress
import os
import runpy
import sys
from typing import Any

from tests.support.remembered import remembering

WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def is_here(target: Any) -> bool:
    """Tell whether an address or a host name means this machine."""
    host = target[0] if isinstance(target, tuple) else target
    if host in (None, "", "localhost", b"localhost") or str(host).startswith("/"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Install the hook, then become the script."""
    log, script = sys.argv[1:3]
    record = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in WATCHED and not is_here(arguments[WATCHED[event]]):
            os.write(record, f"{event} {arguments[WATCHED[event]]!r}\n".encode())

    sys.addaudithook(watch)
    sys.argv = sys.argv[2:]
    with remembering():
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
