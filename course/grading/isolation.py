"""The command that starts a program in isolation, by bubblewrap: what it sees, what it may use, whom it becomes."""

from __future__ import annotations

import os
import platform
import secrets
import shlex
import shutil
import stat
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import helpers

PACKAGE = Path(helpers.__file__).resolve().parent
UNSEEN = ("reference", "checks", "__pycache__")  # of helpers/; of checks, all but the labs is laid out
PRIVATE = ("solutions", "tests", "course", ".git")  # of a checkout, should a bound folder hold it
WORK, HOME = "/tmp/work", "/tmp/home"
MB = 1 << 20

# Of /usr, of /usr/local and of a Python's own folder: what programs need, and nothing that people share there.
PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "pyvenv.cfg")
SHARED = ("fonts", "fontconfig", "locale", "terminfo", "zoneinfo")  # of /usr/share

ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "COURSE_PROFILE": "offline",
    "COURSE_PROGRESS": "",
    "COURSE_CHECKS_QUIET": "1",
}
ETC = {
    "passwd": f"student:x:1000:1000::{HOME}:/bin/sh\n",
    "group": "student:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
}
CONTAINER = "the container of docs/grading.md, which isolates in its place (--unsafe-no-sandbox, inside it)"


@dataclass(frozen=True)
class Limits:
    """What a kernel with all its processes may use. `processes` counts threads as well; `file_mb` holds for each file,
    `scratch_mb` for all of them together, and once more for /dev/shm."""

    memory_mb: int = 4096
    cpu_s: int = 600
    wall_s: int = 900
    processes: int = 128
    file_mb: int = 256
    scratch_mb: int = 512


class Unfit(OSError):
    """This Python is installed where a sandbox cannot have it."""


def limited(cmd: Sequence[str], limits: Limits, *, alone: bool = True) -> list[str]:
    """`cmd` with limits on each of its processes, wider than those that the watchdog holds all of them to.

    `alone`: its user has no other processes; else their number would count.
    """
    space = limits.memory_mb * 3 // 2 + 4096  # of addresses: torch takes 4 GB without using them
    bounds = [
        f"--as={space * MB}",
        f"--data={space * MB}",
        f"--cpu={limits.cpu_s + 5}",
        f"--fsize={limits.file_mb * MB}",
        "--nofile=1024",
    ]
    return ["prlimit", *bounds, "--core=0", *([f"--nproc={limits.processes + 32}"] if alone else []), "--", *cmd]


def start(
    cmd: Sequence[str],
    limits: Limits,
    workdir: str = "",
    hidden: Sequence[str] = (),
    files: dict[str, str] | None = None,
    stderr: int = subprocess.DEVNULL,
) -> subprocess.Popen:
    """Start `cmd` in isolation; `files` gives the contents of more files by their paths inside."""
    pipes: list[int] = []

    def pipe(data: bytes) -> str:
        end, start = os.pipe()
        os.write(start, data)
        os.close(start)
        pipes.append(end)
        return str(end)

    bwrap = shutil.which("bwrap") or "bwrap"
    argv = [
        bwrap,
        "--unshare-all",
        "--unshare-user",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--hostname",
        "sandbox",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--clearenv",
    ]
    argv += ["--disable-userns"] if _version() >= (0, 8) else []  # before, _seccomp alone forbids them
    argv += ["--seccomp", pipe(_seccomp())] if _seccomp() else []
    argv += [part for name, value in _environment().items() for part in ("--setenv", name, value)]
    mounts, reach = _mounts(limits, workdir, hidden)
    argv += mounts
    for name, text in ETC.items():
        argv += ["--ro-bind-data", pipe(text.encode()), f"/etc/{name}"]
    for path, text in (files or {}).items():
        argv += ["--file", pipe(text.encode()), path]
    argv += ["--remount-ro", "/", "--chdir", WORK, "--", *limited(cmd, limits)]
    if os.geteuid() == 0:
        # No limit on processes binds root: become a user that owns nothing. Such a user cannot pass through folders
        # of root's own, so that an outer bubblewrap first sets the files up where they can be reached. It keeps no
        # right to end another user's processes, and so stands in a process namespace, which ends them with it.
        user = str(_unused_user())
        drop = [
            "setpriv",
            "--reuid",
            user,
            "--regid",
            user,
            "--clear-groups",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--no-new-privs",
            "--",
        ]
        outer = ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--pid", "--kill-child", "--mount-proc", "--"]
        outer += [bwrap, "--die-with-parent", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
        argv = [*outer, "--dir", "/tmp", *reach, "--", *drop, *argv]
    path = {"PATH": os.environ.get("PATH", os.defpath)}
    silent = subprocess.DEVNULL
    try:
        return subprocess.Popen(argv, stdin=silent, stdout=silent, stderr=stderr, pass_fds=pipes, cwd="/", env=path)
    finally:
        for end in pipes:
            os.close(end)


def _environment() -> dict[str, str]:
    """ENVIRONMENT, and where `helpers` is: this Python may know another clone's, or none, when it is run in a clone."""
    installed = PACKAGE.is_relative_to(Path(sys.prefix).resolve())  # found without help; its folder shadows no library
    return ENVIRONMENT if installed else ENVIRONMENT | {"PYTHONPATH": str(PACKAGE.parent)}


def _mounts(limits: Limits, workdir: str, hidden: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments that lay the files out, and those that bring all that they bind into another user's reach."""
    bound, parts = _system(), _package()
    linked = [path for name in PARTS if (path := Path("/", name)).is_symlink()]  # /bin, where it is that of /usr
    links = [part for path in linked for part in ("--symlink", os.readlink(path), str(path))]
    for hop in _hops():
        if not any(hop.is_relative_to(path) for path in (*bound, *linked)):
            links += ["--dir", str(hop.parent), "--symlink", os.path.realpath(sys.executable), str(hop)]
    files = sorted(Path(workdir).resolve().iterdir()) if workdir else []
    files = [path for path in files if not path.is_symlink() and (path.is_file() or path.is_dir())]

    # First what is private. A Python or a checkout below /tmp is bound into the new /tmp, in a folder that is mounted
    # for it and closed in the end: else students' code could move it away, and put something in its place.
    size = ["--size", str(limits.scratch_mb * MB)]
    options = ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm"]
    options += [*size, "--tmpfs", "/tmp", "--dir", HOME, "--dir", WORK]
    closed = _tops([*bound, *parts, *_hops()])
    options += [part for path in closed for part in ("--perms", "0755", "--tmpfs", path)]
    options += [*links, *_read_only(bound), "--tmpfs", str(PACKAGE), "--dir", str(PACKAGE / "checks")]
    options += [*_read_only(parts), "--remount-ro", str(PACKAGE), "--remount-ro", "/proc", "--remount-ro", "/dev"]
    options += [part for path in closed for part in ("--remount-ro", path)]
    options += [part for path in files for part in ("--ro-bind", str(path), f"{WORK}/{path.name}")]
    for path in (Path(one).resolve() for one in (*(PACKAGE.parent / name for name in PRIVATE), *hidden)):
        if not any(path.is_relative_to(other) for other in (*bound, *parts)):
            continue
        if path.is_dir():
            options += ["--perms", "0000", "--tmpfs", str(path), "--remount-ro", str(path)]
        elif path.exists():
            options += ["--ro-bind", "/dev/null", str(path)]
    return options, [*links, *_read_only([*bound, *parts, *files])]


def _system() -> list[Path]:
    """What is bound of the system and of this Python."""
    bound = [Path("/usr/share", name) for name in SHARED]
    bound += [path for name in PARTS if not (path := Path("/", name)).is_symlink()]
    bound += [Path("/etc", name) for name in ("ld.so.cache", "fonts", "alternatives")]
    for prefix in ("/usr", "/usr/local", *_prefixes()):
        common = Path(prefix) in (Path("/usr"), Path("/usr/local"))
        bound += [Path(prefix, name) for name in (*PARTS, *(() if common else ("share", "etc", "ssl")))]
    return [path for path in dict.fromkeys(bound) if path.exists()]


def _package() -> list[Path]:
    """What is bound of `helpers`."""
    parts = [path for path in PACKAGE.iterdir() if path.name not in UNSEEN]
    return parts + [path for path in (PACKAGE / "checks").glob("*.py") if not path.name.startswith("lab")]


def _hops() -> list[Path]:
    """From the interpreter's name to its file: an environment's `python` is a link, often to one in ~/.local/bin."""
    hops = [Path(sys.executable)]
    while hops[-1].is_symlink() and len(hops) < 40:
        hops.append(Path(os.path.normpath(hops[-1].parent / os.readlink(hops[-1]))))
    return hops


def _tops(paths: Sequence[Path]) -> list[str]:
    """The folders right below /tmp that lead to `paths`; the sandbox's own two stay as they are."""
    tops = {str(Path(*path.parts[:3])) for path in paths if Path("/tmp") in path.parents}
    return sorted(tops - {WORK, HOME})


def _prefixes() -> list[Path]:
    """The folders of this Python, by all their names. Raises Unfit for one that is the grader's home folder."""
    folders = [Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable).resolve().parents[1]]
    folders = list(dict.fromkeys(path for one in folders for path in (one, one.resolve()) if path != Path("/")))
    if (home := Path(os.path.expanduser("~")).resolve()) in folders:
        raise Unfit(
            f"The sandbox would show your own files to students' code: this Python is installed in your home "
            f"folder, {home}. Use one that has its own folder, such as {home}/python."
        )
    return folders


def _read_only(paths: Sequence[Path]) -> list[str]:
    return [part for path in paths for part in ("--dir", str(path.parent), "--ro-bind", str(path), str(path))]


def _unused_user() -> int:
    """A user number that nobody has: near the upper end of those that there are here."""
    inside, _, count = map(int, Path("/proc/self/uid_map").read_text("utf-8").splitlines()[0].split())
    there = min(inside + count, 2_000_000_000)
    return there - 2 - secrets.randbelow(there // 20)


@cache
def _version() -> tuple[int, ...]:
    output = subprocess.run(["bwrap", "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    return tuple(int(part) for part in output.split()[-1].split(".")[:2])


# Calls that hold memory which no limit counts (memfd_create, shmget, semget, keys), that leave the one processor which
# a submission has, or that open parts of the system that no lab needs. The columns are the call's number on x86-64 and
# on 64-bit ARM: Linux's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h, or type
# `ausyscall x86_64 NAME` and `ausyscall aarch64 NAME`.
REFUSED = {  # x86-64, ARM
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "unshare": (272, 97),
    "setns": (308, 268),
    "syslog": (103, 116),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_setup": (206, 0),
    "sched_setaffinity": (203, 122),
}


@cache
def _seccomp() -> bytes:
    """A filter of system calls, as `struct sock_filter`s; empty for a machine that it is not written for.

    An instruction is (code, jump if true, jump if false, value): jumps count the instructions that are left out, and a
    load takes its value from that byte of `struct seccomp_data`: 0 the call's number, 4 the architecture, 16, 24, 32
    the low halves of the first three arguments. See Linux's Documentation/userspace-api/seccomp_filter.rst.

    Beside REFUSED it refuses new user namespaces, larger buffers for sockets, and sockets of families that no network
    namespace closes: AF_VSOCK would reach the host of a virtual machine.
    """
    if (machine := platform.machine()) not in ("x86_64", "aarch64"):
        return b""
    column = int(machine == "aarch64")
    # AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64, then numbers as in REFUSED
    arch, clone, socket, setsockopt = ((0xC000003E, 56, 41, 54), (0xC00000B7, 220, 198, 208))[column]
    # BPF_LD|BPF_W|BPF_ABS, BPF_JMP with JEQ, JGE, JSET, and BPF_RET
    load, equal, at_least, has_bits, end = 0x20, 0x15, 0x35, 0x45, 0x06
    # SECCOMP_RET_ALLOW, _KILL_PROCESS, and _ERRNO with EPERM, ENOSYS, EAFNOSUPPORT
    allow, kill, not_permitted, unknown, no_family = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x50061
    code = [(load, 0, 0, 4), (equal, 1, 0, arch), (end, 0, 0, kill), (load, 0, 0, 0)]
    code += [(at_least, 0, 1, 0x40000000), (end, 0, 0, unknown)]  # x86's second set of numbers
    for numbers in REFUSED.values():
        code += [(equal, 0, 1, numbers[column]), (end, 0, 0, not_permitted)]
    code += [(equal, 0, 1, 435), (end, 0, 0, unknown)]  # clone3: the C library then takes clone, whose flags show
    code += [(equal, 0, 7, setsockopt), (load, 0, 0, 24), (equal, 0, 3, 1), (load, 0, 0, 32)]  # SO_SNDBUF, SO_RCVBUF:
    code += [(equal, 2, 0, 7), (equal, 1, 0, 8), (end, 0, 0, allow), (end, 0, 0, not_permitted)]
    code += [(equal, 0, 4, clone), (load, 0, 0, 16), (has_bits, 0, 1, 0x10000000), (end, 0, 0, not_permitted)]
    code += [(end, 0, 0, allow), (equal, 0, 6, socket), (load, 0, 0, 16)]
    code += [(equal, 4 - n, 0, family) for n, family in enumerate((1, 2, 10, 16))]  # local, IP 4 and 6, netlink
    code += [(end, 0, 0, no_family), (end, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *one) for one in code)


@cache
def probe() -> str | None:
    """None where a kernel can be isolated; else one paragraph: what is missing here, and what to do."""
    if sys.platform != "linux":
        return f"The sandbox needs Linux. Grade in {CONTAINER}."
    tools = {"bwrap": "bubblewrap", "prlimit": "util-linux", "setpriv": "util-linux", "unshare": "util-linux"}
    if missing := sorted({package for tool, package in tools.items() if not shutil.which(tool)}):
        return (
            f"The sandbox needs {' and '.join(missing)}. On Debian and Ubuntu type: sudo apt-get install "
            f"{' '.join(missing)}. Or grade in {CONTAINER}."
        )
    running: Any = None
    try:
        cmd = [sys.executable, "-c", "import ipykernel, helpers.checks.driver"]
        running = start(cmd, Limits(), stderr=subprocess.PIPE)
        output = running.communicate(timeout=60)[1].decode(errors="replace")
    except Unfit as error:
        return str(error)
    except (OSError, subprocess.SubprocessError) as error:
        output = str(error)
    if running and running.returncode == 0:
        return None
    if running:
        running.kill()
    why = (output.strip().splitlines() or ["it ended without a message"])[-1]
    if closed := _closed():
        return f"The sandbox's user may not read {closed[0]}. Type: chmod -R o+rX {' '.join(map(shlex.quote, closed))}"
    return f"The sandbox does not work here: {why}. {_advice()} Or grade in {CONTAINER}."


def _closed() -> list[str]:
    """The folders of this Python and of the course that the user whom root becomes may not read or enter."""
    if os.geteuid() != 0:
        return []  # nobody is changed into: what this user may read, the sandbox may
    folders = {PACKAGE: [PACKAGE / "__init__.py", *_package()]}
    folders |= {prefix: [path for path in _system() if path.is_relative_to(prefix)] for prefix in _prefixes()}

    def closed(path: Path) -> bool:
        needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        return path.stat().st_mode & needed != needed

    return [str(folder) for folder, paths in folders.items() if any(map(closed, paths))]


def _advice() -> str:
    """What to do, by the settings that usually stand in the way."""

    def setting(name: str) -> str:
        path = Path("/proc/sys", name)
        return path.read_text("utf-8").strip() if path.is_file() else ""

    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "Ubuntu allows user namespaces only to programs with a profile: give bwrap one (docs/grading.md), or "
            "type: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0."
        )
    if setting("kernel/unprivileged_userns_clone") == "0":
        return "User namespaces are switched off. Type: sudo sysctl kernel.unprivileged_userns_clone=1."
    if setting("user/max_user_namespaces") == "0":
        return "User namespaces are switched off. Type: sudo sysctl user.max_user_namespaces=10000."
    return "Most containers forbid the namespaces it needs; elsewhere, see that everybody may read Python's files."
