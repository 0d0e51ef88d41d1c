"""What a process of its own with limits must do: answer, or end without taking us along."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from course.grading import apart

BOUNDS = apart.Bounds(memory_mb=300, cpu_s=2, wall_s=60, answer_mb=1)


WITHOUT_LINUX = """
import os, signal, sys
for name in ("SIGBUS", "SIGKILL", "SIGXCPU"):
    delattr(signal, name)
for name in ("fork", "sched_getaffinity", "sched_setaffinity", "geteuid", "pidfd_open"):
    delattr(os, name)
sys.modules["resource"] = sys.modules["fcntl"] = sys.modules["pwd"] = None
from course.scoring import score
from course.grading import execute
print("ready", score.__name__, execute.Grader.__name__)
"""


def test_what_selfgrade_needs_loads_without_linux():
    """Students score their labs on Windows and macOS, too: by the grader's own modules."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_LINUX], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout == "ready score Grader\n", done.stderr


LOADED = """
import sys
from course.grading import apart, execute
if __name__ == "__main__":
    execute.single_threaded(sys.argv[1])
    print(apart.run(eval, "'torch' in __import__('sys').modules"))
"""


@pytest.mark.parametrize(("lab", "model"), [("lab02_attention", True), ("lab01_tokenization", False)])
def test_what_a_labs_judges_need_is_loaded_before_the_processes_are_forked(lab, model):
    done = subprocess.run([sys.executable, "-c", LOADED, lab], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.split()[-1:] == [str(model)], done.stderr


def double(number):
    return [number, 2 * number]


def eat():
    return len(["x" * i for i in range(10**6)])


def spin():
    while True:
        pass


def talk():
    return "x" * 3_000_000


def refuse():
    raise ValueError("no é here")


def end():
    os._exit(3)


def deep():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested


def processors():
    return sorted(os.sched_getaffinity(0))


def environment():
    return [os.environ.get("COURSE_LABS"), os.environ.get("HOME")]


def test_the_answer_comes_back_as_json_keeps_it():
    assert apart.run(double, 21) == [21, 42]


@pytest.mark.parametrize(
    "function, why", [(eat, "memory"), (spin, "cpu"), (talk, "memory"), (end, "died")], ids=lambda x: str(x)
)
def test_what_passes_a_bound_ends_alone(function, why):
    with pytest.raises(apart.Ended) as ended:
        apart.run(function, bounds=BOUNDS)
    assert ended.value.why == why


def test_the_wall_clock_counts_while_it_sleeps():
    began = time.monotonic()
    with pytest.raises(apart.Ended) as ended:
        apart.run(time.sleep, 60, bounds=apart.Bounds(wall_s=1))
    assert ended.value.why == "wall" and time.monotonic() - began < 10


def test_errors_keep_their_words():
    with pytest.raises(ValueError, match="no é here"):
        apart.run(refuse, bounds=BOUNDS)
    with pytest.raises(RuntimeError, match="RecursionError"):
        apart.run(deep, bounds=BOUNDS)


def test_it_sees_todays_environment(monkeypatch):
    apart.run(double, 1)  # the server runs now
    monkeypatch.setenv("COURSE_LABS", "here")
    monkeypatch.delenv("HOME", raising=False)
    assert apart.run(environment) == ["here", None]


def test_it_runs_on_the_one_processor_that_it_is_given():
    core = max(os.sched_getaffinity(0))
    assert apart.run(processors, bounds=apart.Bounds(core=core)) == [core]
    assert apart.run(processors) == sorted(os.sched_getaffinity(0))


def test_what_crashes_is_told_from_what_was_ended():
    for number, why in ((signal.SIGSEGV, "crashed"), (signal.SIGABRT, "crashed"), (signal.SIGKILL, "died")):
        with pytest.raises(apart.Ended) as ended:
            apart.run(signal.raise_signal, int(number))
        assert ended.value.why == why


def test_many_threads_are_each_told_of_their_own():
    def one(number):
        try:
            return apart.run(double, number) if number % 3 else apart.run(signal.raise_signal, int(signal.SIGXCPU))
        except apart.Ended as ended:
            return ended.why

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(60)))
    assert told == [[number, 2 * number] if number % 3 else "cpu" for number in range(60)]


def test_those_that_are_stopped_are_told_so():
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(apart.run, time.sleep, 60)
        while not any(child.name == "apart" for child in multiprocessing.active_children()):
            time.sleep(0.01)
        apart.stop()
        assert sleeping.exception(timeout=20).why == "died"
