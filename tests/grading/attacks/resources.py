"""Time, memory, processes, disk: everything that a machine has only so much of. All of it is bounded."""

from __future__ import annotations

from corpus import FULL, MERGE, define, hand_in, insert, solved, submit

from attacks import attack

SLEEPER = "86397"  # seconds that forked processes sleep: the tests look for processes that call `sleep` so


@attack("ok timeout", MERGE)
def sleeps_for_days(lab, folder):
    """A cell that sleeps for eleven days, and an answer that does."""
    submit(lab, folder, first="import time\ntime.sleep(10**6)", softmax=define("softmax", "time.sleep(10**6)"))


@attack("ok", MERGE, flags=["ended the kernel"])
def swallows_interrupts(lab, folder):
    """A loop that catches KeyboardInterrupt and goes on."""
    loop = """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            try:
                time.sleep(1)
            except BaseException:
                pass
    """
    submit(lab, folder, last=loop)


@attack("ok timeout", MERGE)
def answer_that_swallows_interrupts(lab, folder):
    """The answer itself loops and catches every interrupt: parts asked before and after it must keep their points."""
    loop = """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
    """
    submit(lab, folder, softmax=define("softmax", loop))


@attack("ok", MERGE, flags=["ended the kernel"])
def stops_itself(lab, folder):
    """SIGSTOP: the kernel lives and never answers."""
    submit(lab, folder, first="import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


@attack("ok", MERGE, flags=["ended the kernel"])
def exits(lab, folder):
    """os._exit in a cell."""
    submit(lab, folder, last="import os\nos._exit(0)")


@attack("killed ok", MERGE)
def exits_when_asked(lab, folder):
    """os._exit in the answer: the parts that were not asked yet must not fall with it."""
    submit(lab, folder, softmax=define("softmax", "__import__('os')._exit(0)"))


@attack("killed ok", MERGE)
def exits_when_collected(lab, folder):
    """os._exit in __del__, in atexit, in a signal handler and in a thread that starts with the questions."""
    exits = """
        import atexit, gc, os, signal
        class Last:
            def __del__(self):
                os._exit(0)
        atexit.register(os._exit, 0)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    """
    submit(lab, folder, first=exits, softmax=define("softmax", "return Last()"))


@attack("killed ok", MERGE)
def alarm(lab, folder):
    """A signal handler that fires every second from now on and raises in whatever runs: the grader's driver too."""
    alarm = """
        import signal
        def ring(*_):
            raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 5, 0.05)
    """
    submit(lab, folder, last=alarm)


@attack("killed ok", MERGE)
def asks_the_kernel_to_exit(lab, folder):
    """get_ipython().ask_exit(), exit() and quit(): the kernel ends in good order, with an ok."""
    submit(lab, folder, last="get_ipython().ask_exit()\nquit()")


@attack("ok", MERGE, flags=["ended the kernel"])
def segmentation_fault(lab, folder):
    """Reads address 0 through ctypes."""
    submit(lab, folder, last="import ctypes\nctypes.string_at(0)")


@attack("killed ok timeout", MERGE)
def endless_recursion(lab, folder):
    """Raises the recursion limit and recurses until the stack overflows."""
    deep = """
        import sys
        sys.setrecursionlimit(10**9)
        def deeper(value):
            return deeper([value])
    """
    submit(lab, folder, first=deep, softmax=define("softmax", "return deeper(scores)"))


@attack("ok killed", MERGE)
def kills_its_parent(lab, folder):
    """Sends SIGKILL to its parent process, again and again."""
    kill = """
        import os, signal
        for _ in range(3):
            try:
                os.kill(os.getppid(), signal.SIGKILL)
            except OSError:
                pass
    """
    submit(lab, folder, first=kill)


@attack("killed ok", MERGE)
def memory_in_a_thread(lab, folder):
    """Allocates memory in a thread, so that no cell seems to do it: 6 GB at most."""
    bomb = """
        import threading
        KEPT = []
        def fill():
            for _ in range(96):
                KEPT.append(bytearray(b'x' * (64 << 20)))
        thread = threading.Thread(target=fill)
        thread.start()
        thread.join()
    """
    submit(lab, folder, last=bomb)


@attack("killed ok", MERGE)
def memory_of_many(lab, folder):
    """Ten child processes with 400 MB each: every one is within the limit, all together are not."""
    bomb = f"""
        import subprocess, sys, time
        hold = "x = bytearray(b'x' * (400 << 20)); import time; time.sleep({SLEEPER})"
        children = [subprocess.Popen([sys.executable, '-c', hold]) for _ in range(10)]
        time.sleep(8)
    """
    submit(lab, folder, last=bomb)


@attack("ok killed", MERGE)
def fork_bomb(lab, folder):
    """Forks sleepers, which fork more: 600 at most."""
    bomb = f"""
        import os
        for _ in range(600):
            try:
                if os.fork() == 0:
                    os.execvp('sleep', ['sleep', '{SLEEPER}'])
            except OSError:
                break
    """
    submit(lab, folder, last=bomb)


@attack("ok killed", MERGE)
def detached_processes(lab, folder):
    """Fifty processes in sessions of their own, which would outlive the kernel."""
    detach = f"""
        import subprocess
        for _ in range(50):
            try:
                subprocess.Popen(['sleep', '{SLEEPER}'], start_new_session=True, close_fds=False)
            except OSError:
                pass
    """
    submit(lab, folder, last=detach)


@attack("ok killed", MERGE)
def fills_the_disk(lab, folder):
    """Writes up to 3 GB each into the working folder, /tmp, the home folder and /dev/shm."""
    fill = """
        import os
        for place in ('.', '/tmp', os.path.expanduser('~'), '/dev/shm', '/var/tmp'):
            try:
                with open(os.path.join(place, 'fills-the-disk'), 'wb') as file:
                    for _ in range(48):
                        file.write(b'x' * (64 << 20))
            except OSError:
                pass
    """
    submit(lab, folder, last=fill)


@attack("ok killed", MERGE)
def endless_generator(lab, folder):
    """A generator without end, as an answer."""
    submit(lab, folder, softmax=define("softmax", "while True:\n    yield scores"))


@attack("ok killed", MERGE)
def raises_its_limits(lab, folder):
    """Tries to lift its resource limits, to enter other namespaces and to mount."""
    lift = """
        import ctypes, os, resource
        for limit in range(16):
            try:
                resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (ValueError, OSError):
                pass
        libc = ctypes.CDLL(None, use_errno=True)
        LIFTED = [flag for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000) if libc.unshare(flag) == 0]
        LIFTED += ['mount'] * (libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0)
        assert not LIFTED, f'LIFTED {LIFTED}'
    """
    submit(lab, folder, last=lift)


@attack("ok killed", FULL)
def three_hundred_threads(lab, folder):
    """Everything is right, and three hundred threads go on running."""
    notebook = solved(lab)
    threads = (
        "import threading, time\nfor _ in range(300):\n    try:\n"
        "        threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()\n"
        "    except RuntimeError:\n        break"
    )
    insert(notebook, threads, "start")
    hand_in(folder, notebook)


@attack("ok killed", MERGE)
def forty_sessions(lab, folder):
    """Forty processes, each in a session of its own so that the system's scheduler counts it apart, count for 20 s."""
    spin = """
        import subprocess, sys, time
        spin = "import time\\nends = time.monotonic() + 20\\nwhile time.monotonic() < ends: pass"
        for _ in range(40):
            subprocess.Popen([sys.executable, "-c", spin], start_new_session=True)
        time.sleep(5)
    """
    submit(lab, folder, first=spin)


@attack("ok killed", MERGE)
def memory_of_the_system(lab, folder):
    """Memory that no process is charged for: semaphores, message queues, full sockets; and off the list of those that
    the system ends first."""
    hold = """
        import ctypes, socket
        libc = ctypes.CDLL(None, use_errno=True)
        for _ in range(300):
            libc.semget(0, 32000, 0o1666)
        for _ in range(200):
            queue = libc.msgget(0, 0o1666)
            while queue >= 0 and libc.msgsnd(queue, b"\\1\\0\\0\\0\\0\\0\\0\\0" + b"x" * 8000, 8000, 0o4000) == 0:
                pass
        KEPT = []
        try:
            open("/proc/self/oom_score_adj", "w").write("0")
        except OSError:
            pass
        try:
            for _ in range(150):
                for one in socket.socketpair():
                    KEPT.append(one)
                    one.setblocking(False)
                    try:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
                    except OSError:
                        pass
                    try:
                        while one.send(b"x" * 65536):
                            pass
                    except BlockingIOError:
                        pass
        except OSError:
            pass
    """
    submit(lab, folder, first=hold)
