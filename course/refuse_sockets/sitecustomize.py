"""Python imports this file at its start when its folder is on PYTHONPATH (see `course.network`).

With COURSE_REFUSE_SOCKETS=1 it refuses every connection, datagram and name look-up that would leave this
machine. An audit hook sees what all of Python does, asyncio included, and cannot be taken away again. Sockets
that a library opens in native code are not seen: the namespace of `scripts/no-network.sh` is the real cut.
"""

import errno
import ipaddress
import os
import sys


def _stays_here(host):
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]  # a path (Unix) or None stays on this machine
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _stays_here(host):
        raise OSError(errno.ENETUNREACH, f"the network is cut for this run: {host} was refused")


if os.environ.get("COURSE_REFUSE_SOCKETS") == "1":
    sys.addaudithook(_refuse)

# This file hides any other sitecustomize: run the next one on the path, as Python would have done.
if __name__ == "sitecustomize":
    import importlib.machinery
    import importlib.util

    _here = os.path.dirname(os.path.abspath(__file__))
    _path = [folder for folder in sys.path if os.path.abspath(folder or os.curdir) != _here]
    _next = importlib.machinery.PathFinder.find_spec("sitecustomize", _path)
    if _next is not None and _next.loader is not None:
        _next.loader.exec_module(importlib.util.module_from_spec(_next))
