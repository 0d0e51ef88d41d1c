"""Work on what strangers wrote, in a process of its own with limits: its end is an answer, and not our end.

    try:
        notebook = apart.run(canonical.read, data, bounds=apart.Bounds(memory_mb=1024))
    except apart.Ended as ended:
        ended.why        # memory, cpu, wall, crashed, died

The processes are forked from one that has the modules loaded already (multiprocessing's forkserver), which costs some
milliseconds each. What comes back is JSON and nothing else, and no more of it than `answer_mb`.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

MB = 1 << 20
LOADED = ("course.cli", "course.grading.warm", "course.grading.pages")
WARM_LAB = "COURSE_WARM_LAB"
"""The lab whose judges are loaded beforehand, if it is set before the first process starts."""
PR_SET_PDEATHSIG = 1
CRASHES = tuple(-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"))
_LOCK = threading.Lock()  # multiprocessing looks after all children at each start: two threads would be told of one end


@dataclass(frozen=True)
class Bounds:
    """What the process may use: memory beyond what it starts with, processor time, wall time, size of its answer.

    `core` is the only processor that it and all that it starts may run on; None is all.
    """

    memory_mb: int = 1024
    cpu_s: int = 120
    wall_s: float = 300
    answer_mb: int = 64
    core: int | None = None


class Ended(Exception):
    """The process ended without an answer; `why` is memory, cpu, wall, crashed (by its own fault) or died."""

    def __init__(self, why: str, what: str) -> None:
        super().__init__(what)
        self.why = why


def run(function: Callable[..., Any], *arguments: Any, bounds: Bounds = Bounds()) -> Any:
    """`function(*arguments)`, a function of a module and arguments that can be pickled; its answer as JSON keeps it.

    Raises Ended when a bound is passed or the process dies, ValueError when the function raises one, RuntimeError with
    the name of any other error.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
        target=_work, args=(theirs, dict(os.environ), bounds, function, arguments), name="apart", daemon=False
    )
    with _LOCK:
        # A worker under Dask's nanny is a daemon, which may start none: it could leave them behind. Ours end with it.
        multiprocessing.current_process()._config["daemon"] = False
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")  # else each process would load the program that started it
        try:
            child.start()
        finally:
            sys.modules["__main__"] = program
    theirs.close()
    try:
        if not ours.poll(bounds.wall_s):
            raise Ended("wall", f"it took more than {bounds.wall_s:g} s")
        try:
            kind, value = json.loads(ours.recv_bytes(bounds.answer_mb * MB))
        except (EOFError, OSError) as error:
            if not isinstance(error, EOFError) and "end of file" not in str(error):
                raise Ended("memory", f"its answer has more than {bounds.answer_mb} MB") from None
            with _LOCK:
                child.join(10)
                code = child.exitcode
            if code == -signal.SIGXCPU:
                raise Ended("cpu", f"it took more than {bounds.cpu_s} s of processor time") from None
            why = "crashed" if code in CRASHES else "died"
            raise Ended(why, f"its process ended with {code}") from None
    finally:
        with _LOCK:
            child.kill()
            child.join()
            child.close()
        ours.close()
    if kind == "memory":
        raise Ended("memory", f"it took more than {bounds.memory_mb} MB")
    if kind == "ValueError":
        raise ValueError(value)
    if kind:
        raise RuntimeError(f"{kind}: {value}")
    return value


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def stop() -> None:
    """End all such processes; whoever waits for one is told that it died."""
    with _LOCK:
        for child in multiprocessing.active_children():
            if child.name == "apart":
                child.kill()


def _work(answer: Any, environment: dict[str, str], bounds: Bounds, function: Callable, arguments: tuple) -> None:
    """In the process: take the limits, work, answer."""
    import resource

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the server ends with us, and this with the server
    os.environ.clear()
    os.environ.update(environment)
    os.umask(0o077)
    if bounds.core is not None:
        os.sched_setaffinity(0, {bounds.core})
    # Soft limits: what it starts in its turn (a sandbox) sets its own.
    data = _data() + bounds.memory_mb * MB
    resource.setrlimit(resource.RLIMIT_DATA, (data, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_s, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    try:
        text = json.dumps(["", function(*arguments)], ensure_ascii=True)
    except MemoryError:
        text = '["memory", ""]'
    except Exception as error:
        text = json.dumps([type(error).__name__, str(error)[:4000]])
    answer.send_bytes(text.encode())
    answer.close()
    sys.stdout.flush()
    os._exit(0)  # what else runs here has nothing to say


def _data() -> int:
    """Bytes of data that this process has mapped already."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmData"))
