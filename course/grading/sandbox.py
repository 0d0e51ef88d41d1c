"""The kernel that student code runs in: isolated by bubblewrap, held to limits, watched from outside.

    manager = sandbox.kernel(None, sandbox.Limits(memory_mb=2048))
    NotebookClient(notebook, km=manager).execute()
    sandbox.why_it_died(manager)    # "memory", "cpu", "wall", "processes", "died"; None while all is well

What it does not cover: a fault of Linux itself, the one wall between this code and the machine. Whatever happens in the
kernel, where a student's code may change everything: that is for `execute` to see through. What can be read of the
machine: its processor, the version of Linux, this Python, `helpers` without its answers. How long something takes, and
that somebody else is computing. Memory between two looks of the watchdog (LOOK_S): no cgroup holds it. Other processors
than x86-64 and 64-bit ARM have no filter of system calls. `unsafe` has limits and no walls.

It is a Jupyter kernel provisioner: through a kernelspec (`install_kernelspec`) whatever starts kernels by their name
uses it unchanged. Inside there is no network, no definition of a lab, nobody else's file or process; the system and
this Python are read-only, and what is written lives in a sized tmpfs that ends with the kernel. The kernel's sockets
lie there, too: no folder is shared that could be filled. The outside reaches them through a file descriptor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory, LocalProvisioner
from traitlets import Bool, Dict, List, Unicode

from course.grading import isolation
from course.grading.isolation import MB, Limits, probe

__all__ = ["Limits", "install_kernelspec", "kernel", "probe", "why_it_died"]

NAME = "course-sandbox"
LOOK_S = 0.2  # between two looks of the watchdog
START_S = 60
INODES = 50_000  # files in the scratch space: an empty one costs memory, too
CHANNELS = range(1, 6)  # the kernel's sockets


def kernel(
    workdir: Path | None, limits: Limits, *, hidden: Sequence[Path] = (), unsafe: bool = False
) -> AsyncKernelManager:
    """A manager that starts this Python's ipykernel in the sandbox. Whoever starts it must shut it down.

    Files in `workdir` stand, read-only, in the kernel's working directory; `hidden` paths do not exist for it.
    `unsafe` starts it with limits but without isolation.
    """
    config = {"limits": asdict(limits), "workdir": str(workdir or ""), "hidden": [str(path) for path in hidden]}
    entry = EntryPoint(NAME, f"{__name__}:SandboxProvisioner", KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.instance().provisioners.setdefault(NAME, entry)
    return _Manager(kernel_name=NAME, kernel_spec_manager=_OneSpec(kernel_json(config | {"unsafe": unsafe})))


def kernel_json(config: dict[str, Any] | None = None) -> dict[str, Any]:
    """The kernelspec; `config` may give limits, workdir, hidden and unsafe."""
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Course (sandbox)",
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {"kernel_provisioner": {"provisioner_name": NAME, "config": config or {}}},
    }


def install_kernelspec(folder: Path, limits: Limits | None = None) -> Path:
    """Write the kernelspec `course-sandbox` into `folder`, one that Jupyter looks for kernels in."""
    path = Path(folder) / NAME / "kernel.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kernel_json({"limits": asdict(limits or Limits())}), indent=1) + "\n", encoding="utf-8")
    return path


def why_it_died(manager: Any) -> str | None:
    """Why the kernel was lost: memory, cpu, wall, processes, or died. None while it lives, or when it was shut down."""
    provisioner = manager.provisioner
    return provisioner.why_it_died() if isinstance(provisioner, SandboxProvisioner) else None


@cache
def _setting(name: str) -> int:
    """A setting of the system's in bytes, the largest where it holds several."""
    return int(Path("/proc/sys", name).read_text("utf-8").split()[-1])


def _listens(path: str) -> bool:
    """Whether somebody listens at this Unix socket."""
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(path)
        except OSError:
            return False
        return True


class _Manager(AsyncKernelManager):
    async def _async_interrupt_kernel(self) -> None:
        with contextlib.suppress(zmq.Again):  # it has hung up; what ends it comes after this
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel


class _OneSpec(KernelSpecManager):
    def __init__(self, spec: dict[str, Any]) -> None:
        super().__init__()
        self.spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir="", **self.spec)


class SandboxProvisioner(LocalProvisioner):
    """Starts the kernel in the sandbox, watches it in a thread, and ends it with all its processes.

    Linux ends the kernel also when the thread that started it ends.
    """

    limits = Dict()
    workdir = Unicode()
    hidden = List()
    unsafe = Bool()

    why: str | None = None
    _started: subprocess.Popen | None = None
    _first: int | None = None  # a pidfd of the sandbox's first process, with which all others end
    _proc: int | None = None  # /proc as the sandbox sees it: its processes and no others
    _places: Sequence[int] = ()  # where it may write: the sockets' folder, /tmp, /dev/shm
    _home: tempfile.TemporaryDirectory | None = None
    _watcher: threading.Thread | None = None
    _asked = False  # to end

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        if self.unsafe:
            return await super().pre_launch(**kwargs)
        km, extra = self.parent, kwargs.pop("extra_arguments", [])
        self._token = secrets.token_hex(8)
        self._folder = f"/tmp/.{self._token}"  # of the sockets, inside
        km.transport, km.ip = "ipc", f"{self._folder}/{self._token}"
        km.shell_port, km.iopub_port, km.stdin_port, km.hb_port, km.control_port = CHANNELS
        km.cleanup_connection_file()  # a restart left the old one
        km.write_connection_file()
        inside = {os.path.realpath(km.connection_file): f"{self._folder}/kernel.json"}
        cmd = [inside.get(part, part) for part in km.format_kernel_cmd(extra_arguments=extra)]
        return await KernelProvisionerBase.pre_launch(self, cmd=cmd, **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        limits, km = Limits(**self.limits), self.parent
        cmd = [sys.executable, *cmd[1:]]
        self.why, self._asked, self._over = None, False, threading.Event()
        if self.unsafe:
            self._home = tempfile.TemporaryDirectory(prefix="course-")
            env = isolation.ENVIRONMENT | {"HOME": self._home.name, "JPY_PARENT_PID": str(os.getpid())}
            self.process = subprocess.Popen(
                isolation.limited(cmd, limits, alone=False),
                env=env,
                cwd=self.workdir or self._home.name,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        else:
            connection = Path(km.connection_file).read_text(encoding="utf-8")
            files = {f"{self._folder}/kernel.json": connection}
            try:
                self.process = isolation.start(cmd, limits, self.workdir, self.hidden, files)
                there = await self._reach_in()
            except (OSError, subprocess.SubprocessError):  # a tool is missing
                there = None
            if not there:
                self._kill()
                self.process = None
                problem = await asyncio.to_thread(probe)
                raise RuntimeError(problem or "The sandbox did not start within a minute, or ended at once.")
            km.ip = there
        self._started, self.pid = self.process, self.process.pid
        self._watcher = threading.Thread(target=self._watch, args=(self.process, limits), daemon=True)
        self._watcher.start()
        self.connection_info = km.get_connection_info()
        return self.connection_info

    async def _reach_in(self) -> str | None:
        """Find the kernel among what was started, and open its places; the address of its sockets once all five listen.

        No code of a student's runs yet. Whoever connects now, and never again, cannot be led elsewhere.
        """
        ends, pause = time.monotonic() + START_S, 0.01
        while self.process.poll() is None and time.monotonic() < ends:
            await asyncio.sleep(pause := min(1.5 * pause, 0.05))
            if self._places or self._open_places():
                address = f"/proc/{os.getpid()}/fd/{self._places[0]}/{self._token}"
                if all(_listens(f"{address}-{number}") for number in CHANNELS):
                    return address
        return None

    def _open_places(self) -> bool:
        import psutil

        with contextlib.suppress(psutil.Error):
            for one in reversed(psutil.Process(self.process.pid).children(recursive=True)):
                first = one.parent()
                if one.name() == "bwrap" or first is None or first.name() != "bwrap":
                    continue  # what comes before the kernel
                root = f"/proc/{one.pid}/root"
                with contextlib.suppress(OSError):
                    places = [os.open(f"{root}{self._folder}", os.O_RDONLY | os.O_DIRECTORY)]
                    places += [os.open(f"{root}{p}", os.O_RDONLY | os.O_DIRECTORY) for p in ("/tmp", "/dev/shm")]
                    self._places, self._proc = places, os.open(f"{root}/proc", os.O_RDONLY | os.O_DIRECTORY)
                    self._first = os.pidfd_open(first.pid)
                    with contextlib.suppress(OSError):  # should memory run out, the system ends these first
                        Path(f"/proc/{one.pid}/oom_score_adj").write_text("1000", "utf-8")
                    return True
        return False

    # --- the watchdog -------------------------------------------------------------------------------

    def _watch(self, process: subprocess.Popen, limits: Limits) -> None:
        ends = time.monotonic() + limits.wall_s
        while not self._over.wait(LOOK_S) and process.poll() is None:
            with contextlib.suppress(OSError):  # it ended meanwhile
                if why := self._excess(limits, ends):
                    self.why = self.why or why
                    self._kill()

    def _excess(self, limits: Limits, ends: float) -> str | None:
        """The limit that is passed, if one is."""
        if time.monotonic() > ends:
            return "wall"
        members = list(self._members())
        held = self._held(members)
        if sum(threads for _, _, threads, _ in members) > limits.processes:
            return "processes"
        if sum(seconds for _, seconds, _, _ in members) > limits.cpu_s:
            return "cpu"
        if held + sum(resident for *_, resident in members) > limits.memory_mb * MB and (
            # Pages that processes share counted once for each: look closer.
            held + sum(self._own(pid, resident) for pid, *_, resident in members) > limits.memory_mb * MB
        ):
            return "memory"
        spaces = [os.statvfs(place) for place in self._places[1:]]
        return "memory" if sum(space.f_files - space.f_ffree for space in spaces) > INODES else None

    def _members(self) -> Iterator[tuple[str, float, int, int]]:
        """Of every process: its number, CPU seconds with those of its ended children, threads, resident bytes."""
        if self.unsafe:
            pids = [str(one.pid) for one in self._family()]
        else:
            pids = [pid for pid in os.listdir(self._proc) if pid.isdigit()]
        ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
        for pid in pids:
            with contextlib.suppress(OSError, IndexError):  # gone meanwhile
                field = self._read(f"{pid}/stat").rpartition(b")")[2].split()
                yield pid, sum(map(int, field[11:15])) / ticks, int(field[17]), int(field[21]) * page

    def _held(self, members: list[tuple[str, float, int, int]]) -> int:
        """Bytes that the system may hold for them beside their pages: page tables, and what waits in sockets.

        Sockets count as full: their number shows, what lies in them does not.
        """
        held, sockets, tcp = 0, 0, 0
        for pid, *_ in members:
            with contextlib.suppress(OSError, IndexError, ValueError):
                held += int(self._read(f"{pid}/status").partition(b"\nVmPTE:")[2].split()[0]) << 10
        for pid, *_ in [] if self.unsafe else members[:1]:  # those of the machine are not theirs
            with contextlib.suppress(OSError, IndexError, ValueError):
                counts = self._read(f"{pid}/net/sockstat").split() + self._read(f"{pid}/net/sockstat6").split()
                sockets = int(counts[counts.index(b"used") + 1])
                tcp = sum(int(counts[counts.index(kind) + 2]) for kind in (b"TCP:", b"TCP6:") if kind in counts)
        each = _setting("net/core/wmem_default"), _setting("net/ipv4/tcp_rmem") + _setting("net/ipv4/tcp_wmem")
        return held + sockets * each[0] + tcp * each[1]

    def _family(self) -> list[Any]:
        """Where nothing isolates: the kernel and all that descends from it; empty once it was waited for."""
        import psutil

        if self.process is None or self.process.poll() is not None:
            return []
        try:
            kernel = psutil.Process(self.process.pid)
            return [kernel, *kernel.children(recursive=True)]
        except psutil.Error:
            return []

    def _own(self, pid: str, resident: int) -> int:
        """Resident bytes with shared pages divided among those who share them."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(self._read(f"{pid}/smaps_rollup").partition(b"\nPss:")[2].split()[0]) << 10
        return resident

    def _read(self, path: str) -> bytes:
        with open(os.open(path, os.O_RDONLY, dir_fd=self._proc), "rb") as file:
            return file.read()

    # --- its end ------------------------------------------------------------------------------------

    def _kill(self) -> None:
        """End the first process, and Linux ends all that it holds; where nothing isolates, the kernel's family."""
        import psutil

        if self._first is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
        elif self.unsafe:
            for one in self._family():
                with contextlib.suppress(psutil.Error):
                    one.kill()  # psutil makes sure that the number is still that process's own
        elif self.process:
            self.process.kill()

    async def kill(self, restart: bool = False) -> None:
        self._asked = True
        self._kill()

    terminate = kill

    async def shutdown_requested(self, restart: bool = False) -> None:
        self._asked = True

    async def send_signal(self, signum: int) -> None:
        if self.unsafe:
            await super().send_signal(signum)
        elif signum in (signal.SIGTERM, signal.SIGKILL):
            await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        self._over.set()
        if self._watcher:
            await asyncio.to_thread(self._watcher.join)
        if self.process and self.process.poll() is None:
            self._kill()
        for place in (self._proc, self._first, *self._places):
            if place is not None:
                os.close(place)
        self._proc, self._first, self._places = None, None, ()
        if self._home:
            self._home.cleanup()
        await super().cleanup(restart)

    def why_it_died(self) -> str | None:
        if self._started is None or self._started.poll() is None:
            return None
        return self.why or (None if self._asked else "died")
