"""The sandbox from inside, as an attacker would look at it, and from outside, as whoever grades does."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

import helpers
from course.grading import isolation, sandbox
from course.grading.sandbox import Limits

REPOSITORY = Path(__file__).resolve().parents[2]
QUICK = Limits(memory_mb=512, wall_s=60, processes=60, file_mb=8, scratch_mb=24)
SECRET = "fourteen-blue-herons"


@pytest.fixture(autouse=True, scope="module")
def isolation_works():
    if problem := sandbox.probe():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(problem)


class Running:
    """A kernel in the sandbox, asked from code that is not asynchronous."""

    def __init__(self, limits: Limits = QUICK, **options) -> None:
        self.loop = asyncio.Runner()
        self.manager = sandbox.kernel(options.pop("workdir", None), limits, **options)
        self.client = None

    def __enter__(self) -> Running:
        self.loop.run(self.manager.start_kernel())
        return self.connect()

    def connect(self) -> Running:
        self.client = self.manager.client()
        self.client.start_channels()
        self.loop.run(self.client.wait_for_ready(timeout=60))
        return self

    def __exit__(self, *_) -> None:
        self.client.stop_channels()
        self.loop.run(self.manager.shutdown_kernel(now=True))
        self.loop.close()

    def say(self, code: str, timeout: float = 40) -> str:
        """What the code prints, and `Name: message` of the error that it ends with."""
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")

        self.loop.run(self.client.execute_interactive(code, timeout=timeout, output_hook=hear))
        return "".join(said).strip()

    def why(self, code: str = "", timeout: float = 30) -> str | None:
        """Why the kernel was lost over this code; None if it was not."""
        ends = time.monotonic() + timeout
        if code:
            self.client.execute(code)
        while self.loop.run(self.manager.is_alive()) and time.monotonic() < ends:
            self.loop.run(asyncio.sleep(0.05))
        return sandbox.why_it_died(self.manager)


@pytest.fixture(scope="module")
def inside():
    """One kernel for all that only looks; it is started with a secret in the environment."""
    hidden = [REPOSITORY / "helpers" / "assets" / name for name in ("minilm.txt", "quizzes")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SEED", SECRET)
        with Running(replace(QUICK, wall_s=600, memory_mb=1024), hidden=hidden) as kernel:
            yield kernel


def alive_with(mark: str) -> list[psutil.Process]:
    """Processes that have `mark` in their command, those aside that ended and wait to be noticed."""
    found = []
    for one in psutil.process_iter(["cmdline", "status"]):
        if mark in " ".join(one.info["cmdline"] or []) and one.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(one)
    return found


def gone(mark: str, within: float = 5) -> bool:
    ends = time.monotonic() + within
    while alive_with(mark) and time.monotonic() < ends:
        time.sleep(0.05)
    return not alive_with(mark)


# --- what is to be seen -----------------------------------------------------------------------------------


def test_the_kernel_answers_in_its_own_place(inside):
    assert inside.say("print(6 * 7)") == "42"
    assert inside.say("import os; print(os.getcwd(), os.getuid(), os.environ['HOME'])") == "/tmp/work 1000 /tmp/home"
    assert inside.say("open('notes.txt', 'w').write('mine'); print(open('notes.txt').read())") == "mine"


def test_the_course_and_its_libraries_are_there(inside):
    assert inside.say("import helpers.checks.driver, helpers.plots, torch; print(torch.ones(3).sum().item())") == "3.0"
    code = """
    import matplotlib.pyplot as plt
    from helpers import checkpoints
    fig, ax = plt.subplots(); ax.plot([1, 2]); fig.savefig('figure.png')
    print(len(open('figure.png', 'rb').read()) > 1000, checkpoints.resolve('gpt2').source)
    """
    assert inside.say(code).startswith("True")


@pytest.mark.parametrize(
    "path",
    [
        "solutions",
        "tests",
        "labs",
        ".git",
        "pyproject.toml",
        "helpers/checks/lab02_attention.py",
        "helpers/reference",
        "helpers/checks/__pycache__",
        "course/grading",
        "helpers/assets/minilm.txt",
        "helpers/assets/quizzes/04.toml",
    ],
)
def test_what_is_hidden_cannot_be_read(inside, path):
    place = REPOSITORY / path
    said = inside.say(
        f"import pathlib\np = pathlib.Path({str(place)!r})\nprint(list(p.iterdir()) if p.is_dir() else p.read_bytes())"
    )
    assert said.startswith(("FileNotFoundError", "PermissionError")), said


def test_no_definition_of_a_lab_can_be_imported(inside):
    for name in ("helpers.checks.lab02_attention", "helpers.reference.attention", "course.grading.sandbox"):
        assert inside.say(f"import {name}").startswith("ModuleNotFoundError"), name


def test_the_machine_around_is_not_there(inside):
    needed = (Path(helpers.__file__).resolve(), Path(sys.prefix), Path(sys.base_prefix))
    needed = {path.parts[2] for path in needed if path.is_relative_to("/root")}
    listed = inside.say("import os; print(*(os.listdir('/root') if os.path.isdir('/root') else []))")
    assert set(listed.split()) <= needed
    for path in (
        "/etc/shadow",
        "/etc/hostname",
        "/var/log",
        "/home",
        "/sys/kernel",
        "/run",
        "/mnt",
        "/srv",
        "/usr/local/share",
        "/usr/local/src",
        "/usr/share/doc",
        "/usr/src",
        "/usr/games",
        "/proc/1/root/var",
    ):
        assert inside.say(f"import os; print(os.path.exists({path!r}))") == "False", path
    # The sandbox's own first process, the kernel, and nothing else.
    assert int(inside.say("print(len([p for p in os.listdir('/proc') if p.isdigit()]))")) <= 3


def test_the_environment_holds_no_secret(inside):
    code = """
    import glob, os
    seen = [repr(dict(os.environ))]
    for place in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):
        try: seen.append(open(place).read())
        except OSError: pass
    """
    inside.say(code)
    assert inside.say(f"print(any({SECRET!r} in text for text in seen))") == "False"
    allowed = sorted(isolation.ENVIRONMENT)
    extra = inside.say("print(sorted(set(open('/proc/self/environ').read().split(chr(0))) - {''}))")
    assert sorted(part.split("=")[0] for part in eval(extra)) == sorted([*allowed, "PWD", "PYTHONPATH"])


def test_nothing_outside_can_be_written(inside):
    places = [
        sys.prefix,
        sys.base_prefix,
        REPOSITORY / "helpers",
        REPOSITORY / "helpers" / "checks",
        REPOSITORY,
        "/",
        "/usr",
        "/etc",
        "/dev",
        "/root",
        Path(sys.executable).parent,
    ]
    for place in places:
        said = inside.say(f"open({str(place)!r} + '/planted', 'w')")
        assert said.startswith(("OSError", "PermissionError", "FileNotFoundError")), (place, said)
    said = inside.say(f"open({str(REPOSITORY / 'helpers' / 'checks' / 'driver.py')!r}, 'a')")
    assert "Read-only" in said or "Permission" in said
    assert not (REPOSITORY / "helpers" / "planted").exists()


def test_the_network_is_closed(inside):
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        for host, number in (("127.0.0.1", port), ("192.0.2.1", 80), ("1.1.1.1", 53)):
            said = inside.say(f"import socket; socket.create_connection(({host!r}, {number}), timeout=3)")
            assert said.startswith(("ConnectionRefusedError", "OSError: [Errno 101]")), said


@pytest.mark.skipif(not isolation._seccomp(), reason="system calls are filtered on x86-64 and 64-bit ARM only")
@pytest.mark.parametrize(
    "call",
    [
        "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "os.memfd_create('hoard')",
        "libc.shmget(0, 1 << 30, 0o1666)",
        "libc.unshare(0x10000000)",
        "libc.syscall(56 if os.uname().machine == 'x86_64' else 220, 0x10000011, 0, 0, 0, 0)",
        "libc.mount(b'none', b'/tmp/work', b'tmpfs', 0, 0)",
        "libc.ptrace(16, 1, 0, 0)",
        "libc.semget(0, 32000, 0o1666)",
        "libc.msgget(0, 0o1666)",
        "libc.mq_open(b'/hoard', 0o102, 0o600, None)",
        "os.sched_setaffinity(0, range(os.cpu_count()))",
        "socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)",
        "socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)",
    ],
)
def test_calls_that_reach_further_are_refused(inside, call):
    inside.say("import ctypes, os, socket; libc = ctypes.CDLL(None, use_errno=True)")
    said = inside.say(f"found = {call}\nif found == -1: raise OSError(ctypes.get_errno(), 'refused')")
    assert "Error" in said and ("[Errno 1]" in said or "[Errno 97]" in said), said


def test_other_options_of_sockets_and_lookers_at_processors_are_let_through(inside):
    code = """
    import os, socket
    one, _ = socket.socketpair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    socket.socket().setsockopt(socket.IPPROTO_TCP, 7, 1)  # the number that is SO_SNDBUF among the options of others
    print(one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), len(os.sched_getaffinity(0)) > 0)
    """
    said = inside.say(textwrap.dedent(code))
    assert said == "1 True" or "[Errno 22]" in said or "[Errno 92]" in said, said


def test_what_the_system_tells_of_processes_cannot_be_changed(inside):
    """Should memory run out, the sandbox is the first that the system ends, and stays so."""
    said = inside.say("open('/proc/self/oom_score_adj', 'w').write('0')")
    assert "Read-only" in said, said
    assert inside.say("print(open('/proc/self/oom_score_adj').read())") == "1000"


def test_files_of_a_folder_stand_in_the_working_directory(tmp_path):
    (tmp_path / "data.txt").write_text("given")
    (tmp_path / "link").symlink_to("/etc/shadow")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "deep.txt").write_text("deep")
    tmp_path.chmod(0o755)
    with Running(workdir=tmp_path) as kernel:
        assert kernel.say("print(open('data.txt').read(), open('more/deep.txt').read())") == "given deep"
        assert kernel.say("import os; print(os.path.lexists('link'))") == "False"
        assert "Read-only" in kernel.say("open('data.txt', 'w')")
        kernel.say("open('new.txt', 'w').write('x')")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.txt", "link", "more"]


# --- limits -----------------------------------------------------------------------------------------------


def test_too_much_memory_ends_the_kernel():
    with Running() as kernel:
        assert kernel.why("hoard = [b'x' * ((1 << 20) + n) for n in range(10_000)]") == "memory"


def test_memory_counts_over_all_processes_but_shared_pages_once():
    share = """
    import os, time
    data = b'x' * (300 << 20)
    for _ in range(4):
        if os.fork() == 0: time.sleep(2); os._exit(0)
    time.sleep(1); print('shared')
    """
    apart = """
    del data
    for _ in range(4):
        if os.fork() == 0: own = b'x' * (150 << 20); time.sleep(60)
    time.sleep(60)
    """
    with Running() as kernel:
        assert kernel.say(textwrap.dedent(share)) == "shared"
        assert kernel.why(textwrap.dedent(apart)) == "memory"


@pytest.mark.parametrize("grow", ["os.fork()", "threading.Thread(target=time.sleep, args=(60,)).start()"])
def test_too_many_processes_end_the_kernel(grow):
    before = len(psutil.pids())
    with Running() as kernel:
        code = f"import os, threading, time\nwhile True:\n    try: {grow}\n    except (OSError, RuntimeError): pass"
        assert kernel.why(code) == "processes"
        assert len(psutil.pids()) < before + QUICK.processes + 40


def test_processor_time_counts_over_all_processes():
    with Running(Limits(cpu_s=2, wall_s=60)) as kernel:
        assert kernel.why("import os\nos.fork()\nwhile True: pass") == "cpu"


def test_files_are_bounded(monkeypatch):
    with Running() as kernel:
        assert "[Errno 27]" in kernel.say("open('big', 'wb').write(b'x' * (9 << 20))")
        fill = """
        for place in ('/tmp/work', '/dev/shm'):
            try:
                for n in range(100): open(f'{place}/{n}', 'wb').write(b'x' * (4 << 20))
            except OSError as error:
                print(error.errno)
        """
        assert kernel.say(textwrap.dedent(fill)).split() == ["28", "28"]
        monkeypatch.setattr(sandbox, "INODES", 300)
        assert kernel.why("for n in range(10**9): open(f'/tmp/empty{n}', 'w')") == "memory"


def test_full_sockets_count_as_memory():
    fill = """
    import socket, time
    kept = []
    for _ in range(400):
        for one in socket.socketpair():
            kept.append(one)
            one.setblocking(False)
            try:
                while True: one.send(b'x' * 65536)
            except BlockingIOError:
                pass
    time.sleep(5)
    """
    with Running(replace(QUICK, memory_mb=256)) as kernel:
        assert kernel.say("import socket; pairs = [socket.socketpair() for _ in range(50)]; print('few')") == "few"
        assert kernel.why(textwrap.dedent(fill)) == "memory"


def test_page_tables_count_as_memory():
    """A page of nothing costs a page of the table that names it, and no process is charged for either."""
    touch = """
    import mmap
    space = mmap.mmap(-1, 4000 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for at in range(0, 4000 << 20, 2 << 20): space[at]
    print('touched')
    """
    with Running() as kernel:
        looks = kernel.manager.provisioner
        before = looks._held(list(looks._members()))
        assert kernel.say(textwrap.dedent(touch)) == "touched"
        assert looks._held(list(looks._members())) - before > 6 << 20


def test_the_clock_ends_whoever_listens_to_nothing():
    deaf = """
    import signal
    for number in (2, 15): signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True: pass
        except BaseException: pass
    """
    stopped = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    holds_the_gil = "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')"
    limits = Limits(wall_s=6)
    with Running(limits) as one, Running(limits) as two, Running(limits) as three:
        began = time.monotonic()
        for kernel, code in ((one, textwrap.dedent(deaf)), (two, stopped), (three, holds_the_gil)):
            kernel.client.execute(code)
        assert [kernel.why() for kernel in (one, two, three)] == ["wall"] * 3
        assert time.monotonic() - began < limits.wall_s + 10


def test_a_cell_can_be_interrupted(inside):
    threading.Timer(1, lambda: asyncio.run(_interrupt(inside.manager))).start()
    assert inside.say("import time; time.sleep(30)", timeout=20).startswith("KeyboardInterrupt")


async def _interrupt(manager) -> None:
    message = manager.session.msg("interrupt_request", content={})
    manager.session.send(manager._control_socket, message)


# --- its end ----------------------------------------------------------------------------------------------


def test_a_kernel_that_ends_itself_is_lost():
    with Running() as kernel:
        assert sandbox.why_it_died(kernel.manager) is None
        assert kernel.why("import os; os._exit(0)") == "died"


def test_a_restart_begins_anew_and_leaves_nothing_open():
    opened = set(os.listdir("/proc/self/fd"))
    with Running() as kernel:
        kernel.say("mine = 1; open('mine.txt', 'w')")
        kernel.client.stop_channels()
        kernel.loop.run(kernel.manager.restart_kernel(now=True))
        assert kernel.connect().say("import os; print(os.listdir(), 'mine' in globals())") == "[] False"
    assert len(os.listdir("/proc/self/fd")) <= len(opened) + 4  # ZeroMQ's own, closed a little later


def test_no_process_survives_and_no_file_stays():
    mark = str(uuid.uuid4().int)[:12]
    files = set(Path("/tmp").glob(".*"))
    with Running() as kernel:
        code = f"import subprocess\nfor _ in range(40): subprocess.Popen(['sleep', '{mark}'], start_new_session=True)"
        kernel.say(code)
        assert len(alive_with(mark)) == 40
    assert sandbox.why_it_died(kernel.manager) is None  # it was asked to end
    assert not alive_with(mark)
    assert set(Path("/tmp").glob(".*")) == files
    assert kernel.manager.provisioner._places == ()


PARENT = """
import asyncio, sys
from course.grading import sandbox
async def main():
    manager = sandbox.kernel(None, sandbox.Limits())
    await manager.start_kernel()
    client = manager.client(); client.start_channels()
    await client.wait_for_ready(timeout=60)
    mark = f"subprocess.Popen(['sleep', '{sys.argv[1]}'], start_new_session=True)"
    await client.execute_interactive("import os, subprocess; print(os.getuid(), os.stat('/tmp').st_uid);" + mark)
    print("up", flush=True)
    if sys.argv[2] == "wait":
        await asyncio.sleep(60)
    client.stop_channels()
    await manager.shutdown_kernel()
asyncio.run(main())
"""


def test_the_kernel_ends_with_its_parent():
    mark = str(uuid.uuid4().int)[:12]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, mark, "wait"], stdout=subprocess.PIPE, text=True)
    while "up" not in (line := parent.stdout.readline()):
        assert line, "the parent ended before its kernel was there"
    sleeping = [one for one in alive_with(mark) if one.name() == "sleep"]
    assert len(sleeping) == 1
    tree = psutil.Process(parent.pid).children(recursive=True)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(mark)
    assert not psutil.wait_procs(tree, timeout=20)[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; elsewhere all tests run as one")
def test_it_works_for_an_ordinary_user():
    mark = str(uuid.uuid4().int)[:12]
    _, reach = isolation._mounts(Limits(), "", ())
    packages = [part for name in ("helpers", "course") for part in ("--ro-bind", *[str(REPOSITORY / name)] * 2)]
    outer = ["bwrap", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp"]
    become = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "--bounding-set=-all"]
    run = subprocess.run(
        [*outer, *reach, *packages, "--", *become, sys.executable, "-c", PARENT, mark, "end"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": "/tmp"},
        cwd="/",
        check=False,
    )
    assert run.stdout.split()[:2] == ["1000", "1000"] and "up" in run.stdout, run.stderr
    assert gone(mark)


GRADES = """
import json, nbformat, sys
sys.path.insert(0, "tests/grading")
from corpus import LAB, solve
from course.grading import execute, isolation
from course.grading.grader import Assignment
lab = Assignment.of(LAB)
result = json.loads(execute.attempt(lab.task("ada", nbformat.writes(solve(lab)).encode(), seed=7)))
print(json.dumps([str(isolation.PACKAGE), result["status"], result["points"], result["full"], result["reason"]]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lay files out elsewhere")
@pytest.mark.parametrize(
    ("place", "folders"),
    [
        ("/tmp/Ümlaut und Leerzeichen", ["--tmpfs", "/tmp"]),
        ("/home/closed", ["--tmpfs", "/tmp", "--tmpfs", "/home", "--perms", "0700", "--dir", "/home/closed"]),
    ],
)
def test_it_grades_wherever_the_clone_and_its_environment_are(place, folders):
    """They are moved: nothing is left where they were, and the environment still knows the clone of before."""
    clone, environment = f"{place}/clone", f"{place}/env"
    folders = [*folders, "--ro-bind", str(REPOSITORY), clone, "--ro-bind", sys.prefix, environment]
    run = subprocess.run(
        [
            *["bwrap", "--dev-bind", "/", "/", *folders, "--tmpfs", str(REPOSITORY), "--chdir", clone, "--"],
            *[f"{environment}/bin/python", "-c", GRADES],
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        cwd="/",
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": clone,
            "HOME": place,
            "LANG": "C.UTF-8",
            "COURSE_LABS": f"{clone}/tests/grading/tiny",
        },
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [f"{clone}/helpers", "ok", 14, 14, ""]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lay files out elsewhere")
def test_what_leads_to_a_clone_in_the_temporary_folder_is_closed():
    """Nothing else of the folder is there, and nobody can put something in the place of what is."""
    code = """if True:
        import subprocess, sys
        from course.grading import isolation
        inside = '''if True:
            import os, sys
            clone = '/tmp/some/clone'
            print(sorted(os.listdir('/tmp')), os.listdir('/tmp/some'), os.listdir(clone), file=sys.stderr)
            attempts = [lambda: open(clone + '/planted', 'w'), lambda: open('/tmp/some/planted', 'w'),
                        lambda: os.rename('/tmp/some', '/tmp/other'), lambda: os.rename(clone, '/tmp/some/other')]
            for attempt in attempts:
                try: attempt()
                except OSError as error: print(error.errno, file=sys.stderr)
        '''
        open('/tmp/some/secret', 'w'), open('/tmp/secret', 'w')
        run = isolation.start([sys.executable, '-c', inside], isolation.Limits(), stderr=subprocess.PIPE)
        print(run.communicate()[1].decode())
    """
    places = ["--tmpfs", "/tmp", "--ro-bind", str(REPOSITORY), "/tmp/some/clone"]
    run = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", *places, "--", sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        cwd="/",
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "/tmp/some/clone", "HOME": "/tmp"},
    )
    listed, *errors = run.stdout.strip().splitlines()
    assert listed == "['home', 'some', 'work'] ['clone'] ['helpers']", run
    assert errors == ["30", "30", "16", "30"]  # a read-only file system, and a folder that something is mounted on


def test_an_interpreter_that_is_a_link_to_a_link_starts(monkeypatch, tmp_path):
    """An environment made by ~/.local/bin/python3 points there, and that link elsewhere."""
    environment, link = tmp_path / "env", tmp_path / "local" / "python3"
    subprocess.run([sys.executable, "-m", "venv", "--symlinks", "--without-pip", environment], check=True)
    link.parent.mkdir()
    link.symlink_to(os.path.realpath(sys.executable))
    (python := environment / "bin" / "python").unlink()
    python.symlink_to("../../local/python3")
    for path in (tmp_path, environment):
        path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(sys, "prefix", str(environment))
    code = "import sys; print(sys.prefix, file=sys.stderr)"
    run = isolation.start([str(python), "-c", code], QUICK, stderr=subprocess.PIPE)
    assert run.communicate()[1].decode().strip() == str(environment)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user, from whom files can be closed")
def test_files_that_the_sandbox_may_not_read_are_named_with_what_to_type(monkeypatch, tmp_path):
    shutil.copytree(isolation.PACKAGE, package := tmp_path / "a clone" / "helpers")
    package.joinpath("checks").chmod(0o700)
    package.joinpath("checks", "driver.py").chmod(0o600)  # as a umask of 077 leaves them
    monkeypatch.setattr(isolation, "PACKAGE", package)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    sandbox.probe.cache_clear()
    try:
        problem = sandbox.probe()
        assert problem.startswith(f"The sandbox's user may not read {package}. "), problem
        assert problem.endswith(f"Type: chmod -R o+rX '{package}'")
        subprocess.run(shlex.split(problem.partition("Type: ")[2]), check=True)
        sandbox.probe.cache_clear()
        assert sandbox.probe() is None
    finally:
        sandbox.probe.cache_clear()


def test_a_python_in_the_home_folder_itself_is_refused(monkeypatch):
    """Its folder is bound, and would be everything that the grader has."""
    sandbox.probe.cache_clear()
    monkeypatch.setenv("HOME", sys.base_prefix)
    try:
        assert "this Python is installed in your home folder" in sandbox.probe()
        with pytest.raises(RuntimeError, match="installed in your home folder"):
            asyncio.run(sandbox.kernel(None, QUICK).start_kernel())
    finally:
        sandbox.probe.cache_clear()


def test_nothing_runs_as_root(inside):
    kernel = [one for one in alive_with(inside.manager.provisioner._folder) if "python" in one.name()]
    assert len(kernel) == 1 and kernel[0].uids().real != 0
    assert os.geteuid() == 0 or kernel[0].uids().real == os.geteuid()


# --- other ways in ----------------------------------------------------------------------------------------

BY_NAME = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getcwd())")])
NotebookClient(notebook, kernel_name="course-sandbox", timeout=30).execute()
print(notebook.cells[0].outputs[0].text)
"""


def test_any_program_can_start_it_by_its_name(tmp_path):
    sandbox.install_kernelspec(tmp_path / "kernels")
    env = {**os.environ, "JUPYTER_PATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", BY_NAME], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "/tmp/work", run.stderr


def test_nbclient_takes_the_manager():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('here')")])
    with Running() as kernel:  # started already, or not: nbclient takes both
        NotebookClient(notebook, km=kernel.manager, timeout=30).execute()
    assert notebook.cells[0].outputs[0].text == "here\n"


def test_without_isolation_limits_hold_and_the_environment_is_clean(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", SECRET)
    with Running(unsafe=True) as kernel:
        assert kernel.say("import os; print('COURSE_SEED' in os.environ)") == "False"
        assert kernel.why("hoard = [b'x' * ((1 << 20) + n) for n in range(10_000)]") == "memory"
        # Once the kernel is gone, its number may be somebody else's: there is nobody left to end.
        assert kernel.manager.provisioner._family() == []


# --- where it cannot be had -------------------------------------------------------------------------------


@pytest.fixture
def tools(monkeypatch, tmp_path):
    """A folder that is all of PATH; what was found out about this machine is found out again afterwards."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for cached in (sandbox.probe, isolation._version):
        cached.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cached in (sandbox.probe, isolation._version):
        cached.cache_clear()


def test_the_probe_names_the_package_that_is_missing(tools):
    assert "sudo apt-get install bubblewrap util-linux" in sandbox.probe()
    assert "docs/grading.md" in sandbox.probe()


def test_nothing_starts_where_nothing_isolates(tools):
    forbidden = "if [ $1 = --version ]; then echo bubblewrap 0.8.0; exit; fi; echo 'bwrap: No permissions' >&2; exit 1"
    chain = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'  # setpriv and unshare only pass on
    for name, text in (("bwrap", forbidden), ("prlimit", ""), ("setpriv", chain), ("unshare", chain)):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    assert "does not work here: bwrap: No permissions." in sandbox.probe()
    manager = sandbox.kernel(None, QUICK)
    with pytest.raises(RuntimeError, match="The sandbox does not work here"):
        asyncio.run(manager.start_kernel())
    assert not manager.has_kernel
