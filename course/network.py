"""Running with the network cut: in a namespace, or, where that is forbidden, by refusing sockets."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

REFUSE_SOCKETS = Path(__file__).resolve().parent / "refuse_sockets"
NAMESPACE_SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "no-network.sh"  # only in a checkout
OUTSIDE = ("192.0.2.1", 80)  # TEST-NET-1 (RFC 5737): belongs to nobody
INSIDE_NAMESPACE = "COURSE_IN_NAMESPACE"


def namespace_command() -> list[str] | None:
    """The command that starts another one without a network, or None where the system forbids it."""
    if sys.platform != "linux" or not NAMESPACE_SCRIPT.is_file():
        return None
    command = ["sh", str(NAMESPACE_SCRIPT)]
    try:
        allowed = subprocess.run([*command, "true"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        allowed = False
    return command if allowed else None


def outside_is_refused() -> bool:
    """Whether a connection to an address outside is refused at once (not: times out)."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(OUTSIDE)
        except TimeoutError:
            return False
        except OSError:
            return True
        return False


def refuse_sockets(environment: dict[str, str] | os._Environ = os.environ) -> None:
    """Refuse sockets to other machines in this process and in every Python that inherits `environment`."""
    environment["COURSE_REFUSE_SOCKETS"] = "1"
    environment["HF_HUB_DISABLE_XET"] = "1"  # its transfers do not pass through Python's sockets
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REFUSE_SOCKETS), environment.get("PYTHONPATH")]))
    # This process has started already: what its children read by themselves, it reads now.
    spec = importlib.util.spec_from_file_location("course_refuse_sockets", REFUSE_SOCKETS / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def cut(arguments: list[str]) -> str:
    """Cut the network and return one sentence that says how.

    With a namespace, `course` with the same `arguments` takes the place of this process, inside it, and calls
    this function a second time. Raises RuntimeError if an address outside can be reached after all that.
    """
    if os.environ.get(INSIDE_NAMESPACE):
        how = "Network cut: this runs in a namespace that holds the loopback address only."
    elif command := namespace_command():
        os.environ[INSIDE_NAMESPACE] = "1"
        sys.stdout.flush()
        os.execvp(command[0], [*command, sys.executable, "-m", "course.cli", *arguments])
    else:
        refuse_sockets()
        how = "Network cut in process: namespaces are forbidden here, so Python refuses sockets to the outside."
    if not outside_is_refused():
        raise RuntimeError("The network could not be cut: a connection to the outside was not refused.")
    return how
