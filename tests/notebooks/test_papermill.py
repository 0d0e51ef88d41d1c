"""`course run` on small notebooks: what it executes, measures, reports, writes back, and how it fails.

And papermill itself, with which readers run the lessons with parameters of their own.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from course import places
from course.run import judge_budget, known_parameters, parse_parameters, read_facts, run_notebooks
from course.watch import MemorySampler

LESSONS = places.lessons(Path(__file__).resolve().parents[2])
START = {"kind": "start", "profile": "offline", "device": "cpu", "seed": 3}
GOOD = (
    ("parameters", "size = 1", "parameters"),
    ("start", "import os\nfrom helpers.runtime import record\nrecord(START)".replace("START", str(START))),
    ("memory", "block = bytearray(150_000_000)\nsize, os.environ['COURSE_PROFILE'], os.path.basename(os.getcwd())"),
    ("load", "del block\nrecord({'kind': 'checkpoint', 'name': 'bert', 'label': 'MiniLM'})"),
)
BAD = (("first", "1"), ("breaks", "def f():\n    return 1 / 0\nf()"), ("never", "print('not reached')"))


def course_run(*names, read="build/report.json", **options):
    """Exit code, what was printed, and the report."""
    console = Console(file=io.StringIO(), width=120)
    code = run_notebooks(names, profile="offline", console=console, **options)
    return code, console.file.getvalue(), json.loads(Path(read).read_text("utf-8"))


def test_a_run_is_measured_reported_and_kept(notebook):
    notebook("01_good", *GOOD)
    before = Path("notebooks/01_good.ipynb").read_bytes()
    code, printed, report = course_run("01", params={"size": 7})
    assert code == 0
    (entry,) = report["notebooks"]
    assert [c["id"] for c in entry["cells"]] == ["parameters", "injected-parameters", "start", "memory", "load"]
    assert [c["index"] for c in entry["cells"]] == [0, None, 1, 2, 3]
    peaks = {c["id"]: c["peak_mb"] for c in entry["cells"]}
    assert 140 < peaks["memory"] - peaks["start"] < 200  # the 150 MB block
    assert all(0 < c["seconds"] < entry["seconds"] for c in entry["cells"])
    assert entry["resolved"] == [{"kind": "checkpoint", "name": "bert", "label": "MiniLM"}]
    assert (entry["status"], entry["error"], entry["budget"]) == ("ok", None, None)
    wanted = {"profile": "offline", "device": "cpu", "seed": 3, "kernel": "python3", "parameters": {"size": 7}}
    assert {key: report[key] for key in wanted} == wanted
    assert report["python"].startswith("3.")
    assert "papermill" in report["versions"]
    executed = places.read_notebook(Path("build/notebooks/01_good.ipynb"))
    assert executed.cells[3].outputs[0].data["text/plain"] == "(7, 'offline', 'notebooks')"
    assert Path("notebooks/01_good.ipynb").read_bytes() == before
    assert "01_good" in printed
    assert "Read build/html/01_good.html in a browser, or type `make lab`" in printed


def test_what_a_lesson_started_with_is_recorded(tmp_path, monkeypatch):
    from helpers import runtime

    monkeypatch.setenv("COURSE_REPORT", str(tmp_path / "lines"))
    monkeypatch.setenv("COURSE_PROFILE", "offline")
    monkeypatch.setattr(runtime, "_profile", None)
    run = runtime.start("gpu", seed=3)
    assert read_facts(tmp_path / "lines") == [{**START, "device": run.device}]
    with (tmp_path / "lines").open("a") as file:
        file.write('{"kind": "che')
    assert len(read_facts(tmp_path / "lines")) == 1


def test_a_failing_cell_ends_its_notebook_only(notebook):
    notebook("01_bad", *BAD)
    notebook("02_good", *GOOD)
    code, printed, report = course_run()
    assert code == 1
    bad, good = report["notebooks"]
    assert (bad["status"], good["status"]) == ("error", "ok")
    assert (bad["error"]["cell"], bad["error"]["ename"]) == ("breaks", "ZeroDivisionError")
    assert [c["id"] for c in bad["cells"]] == ["first", "breaks"]
    assert "return 1 / 0" in printed
    assert "01_bad, cell breaks: ZeroDivisionError: division by zero" in printed
    assert "Failed: 01_bad. Read build/html/01_bad.html" in printed
    assert "\x1b" not in printed
    page = Path("build/html/01_bad.html").read_text("utf-8")
    assert "ZeroDivisionError" in page and 'href="#papermill-error-cell"' in page


def test_a_dead_kernel_and_a_hanging_cell_are_failures_too(notebook):
    notebook("01_dies", ("dies", "import os\nos._exit(3)"), ("after", "1"))
    notebook("02_hangs", ("hangs", "import time\ntime.sleep(60)"))
    notebook("03_good", ("fine", "1"))
    code, printed, report = course_run(timeout=3)
    assert code == 1
    assert [e["status"] for e in report["notebooks"]] == ["error", "error", "ok"]
    assert [e["error"] and e["error"]["cell"] for e in report["notebooks"]] == ["dies", "hangs", None]
    assert "DeadKernelError" in printed


def test_ctrl_c_ends_the_run_and_its_kernel_and_leaves_a_report(notebook, course):
    notebook("01_good", ("fine", "1"))
    notebook("02_long", ("long", "import os, time\nprint(os.getpid(), file=open('pid', 'w'))\ntime.sleep(60)"))
    notebook("03_never", ("never", "open('never', 'w')"))
    pid = course / "notebooks" / "pid"
    with subprocess.Popen([sys.executable, "-m", "course.cli", "run"], start_new_session=True) as run:
        deadline = time.monotonic() + 60
        while not (pid.is_file() and pid.read_text("utf-8").endswith("\n")):
            assert time.monotonic() < deadline and run.poll() is None
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 130
    assert [e["name"] for e in json.loads(Path("build/report.json").read_text("utf-8"))["notebooks"]] == ["01_good"]
    assert not Path("notebooks/never").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text("utf-8")), 0)


FAKE_GPU = """
import sys
from types import SimpleNamespace
from helpers.runtime import record
torch = sys.modules["torch"] = SimpleNamespace(cuda=SimpleNamespace(
    is_initialized=lambda: True, get_device_name=lambda: "Card of 1999", max_memory_allocated=lambda: 123_400_000))
record({"kind": "start", "profile": "offline", "device": "cuda", "seed": 0})
"""


def test_a_run_on_a_gpu_is_compared_with_the_cpu(notebook):
    notebook("01_gpu", ("start", FAKE_GPU))
    notebook("02_bad", ("start", FAKE_GPU), ("breaks", "assert 1 == 2, 'first\\nsecond'"))
    Path("notebooks/budget.toml").write_text("[01_gpu]\nseconds = 77\nmemory_mb = 1\n", encoding="utf-8")
    code, printed, report = course_run(report="build/gpu.json", read="build/gpu.json", strict=True)
    assert code == 1  # for the failure; the budget is for the CPU
    first = report["notebooks"][0]
    assert (report["device"], report["gpu"], report["gpu_peak_mb"]) == ("cuda", "Card of 1999", 123.4)
    assert (first["gpu_peak_mb"], first["seconds_beside"], first["budget"]) == (123.4, 77, None)
    assert "The lessons that ran on Card of 1999" in printed
    assert re.search(r"CPU budget.*GPU memory", printed)
    assert re.search(r"01_gpu .* 77\.0 .* 123 MB", printed)
    assert printed.count("02_bad, cell breaks: AssertionError: first\n") == 2  # where it failed, and under the table
    _, printed, report = course_run("01", beside="build/gpu.json")
    assert report["notebooks"][0]["seconds_beside"] == first["seconds"] and "other run" in printed
    for content in ("[]", "{", '{"notebooks": [1]}'):
        Path("other.json").write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=r"other\.json is not a report: give --beside"):
            course_run("01", beside="other.json")


def test_update_writes_outputs_and_nothing_else(notebook):
    path = notebook("01_good", *GOOD, ("show", "from IPython.display import display\ndisplay('x', display_id='d')\n3"))
    before = places.read_notebook(path)
    assert course_run(update=True, params={"size": 2})[0] == 0
    after = places.read_notebook(path)
    assert [(c.id, c.source, c.metadata) for c in after.cells] == [(c.id, c.source, c.metadata) for c in before.cells]
    assert after.metadata == before.metadata
    assert [c.execution_count for c in after.cells] == [1, 2, 3, 4, 5]
    assert after.cells[2].outputs[0].data["text/plain"] == "(2, 'offline', 'notebooks')"
    assert after.cells[2].outputs[0].execution_count == 3
    assert after.cells[4].outputs[-1].execution_count == 5
    assert not re.search("transient|papermill|iopub|injected", path.read_text("utf-8"))
    first = path.read_bytes()
    assert course_run(update=True, params={"size": 2})[0] == 0
    assert path.read_bytes() == first


def test_update_leaves_a_failing_notebook_alone(notebook):
    path = notebook("01_bad", *BAD)
    before = path.read_bytes()
    assert course_run(update=True)[0] == 1
    assert path.read_bytes() == before


def test_a_budget_is_checked_and_counts_when_strict(notebook, monkeypatch):
    notebook("01_good", *GOOD)
    Path("notebooks/budget.toml").write_text("[01_good]\nseconds = 300\nmemory_mb = 60\n")
    monkeypatch.setenv("COURSE_SLOW", "3")
    code, printed, report = course_run()
    assert code == 0
    assert report["notebooks"][0]["budget"] == {"seconds": 900.0, "memory_mb": 60, "within": False}
    assert "Over budget: 01_good." in printed
    assert course_run(strict=True)[0] == 1
    monkeypatch.setenv("COURSE_SLOW", "fast")
    with pytest.raises(ValueError, match="COURSE_SLOW is 'fast'"):
        course_run()


def test_budgets_apply_offline_on_the_cpu():
    entry = {"status": "ok", "profile": "offline", "device": "cpu", "seconds": 10.0, "peak_mb": 500.0}
    budget = {"seconds": 6, "memory_mb": 600}
    assert judge_budget(entry, budget, 2)["within"]
    assert not judge_budget(entry, budget, 1)["within"]
    assert not judge_budget({**entry, "peak_mb": 601.0}, budget, 2)["within"]
    for other in ({"profile": "gpu"}, {"device": "cuda"}, {"status": "error"}):
        assert judge_budget({**entry, **other}, budget, 2) is None


def test_html_can_be_read_without_scripts_or_network(notebook):
    import nbformat

    path = notebook(
        "01_page",
        (
            "plot",
            "from IPython.display import display\n"
            "display({'image/png': 'iVBORw0KGgo=', 'text/plain': 'A line that \"rises\".'}, raw=True)",
        ),
    )
    made = places.read_notebook(path)
    made.cells.append(
        nbformat.v4.new_code_cell("folded = 1", id="set-up", metadata={"jupyter": {"source_hidden": True}})
    )
    made.cells.insert(
        0, nbformat.v4.new_markdown_cell("Read [on](02_on.ipynb), [the budget](budget.toml): $x_1$", id="text")
    )
    nbformat.write(made, path)
    notebook("02_on", ("one", "1"))
    Path("notebooks/budget.toml").write_text("")
    course_run("02")
    course_run("01")
    page = Path("build/html/01_page.html").read_text("utf-8")
    assert not re.search(r"<script|<link|@import|url\(\s*['\"]?https?:|src=\"https?:", page)
    assert 'href="02_on.html"' in page
    assert 'href="../../notebooks/budget.toml"' in page
    assert "A line that &quot;rises&quot;." in page or "alt='A line that \"rises\".'" in page
    assert "x_1" in page or "<msub>" in page
    assert "<style>.highlight pre { white-space: pre-wrap" in page  # long lines of code are not cut off
    folds = re.findall(r"<details><summary>code</summary>(.*?)</details>", page, re.DOTALL)
    assert len(folds) == 1 and "folded" in folds[0] and "display" not in folds[0]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["07"], {}, "no notebook '07'.*01_good"),
        (["gone.ipynb"], {}, "no notebook"),
        (["01"], {"kernel": "course-tpu"}, "course kernels install"),
        (["01"], {"params": {"width": 3}}, "parameter width; the parameters are: size"),
    ],
)
def test_a_wrong_name_is_one_clear_error(notebook, names, options, message):
    notebook("01_good", *GOOD)
    with pytest.raises(ValueError, match=message):
        course_run(*names, **options)
    assert not Path("build").exists()


def test_an_old_format_says_what_to_type(course):
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [], "metadata": {}}]}
    (course / "old one.ipynb").write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(ValueError, match=r"has format 3.*jupyter nbconvert --to notebook --inplace '.*old one.ipynb'"):
        course_run("old one.ipynb")


def test_names_numbers_and_paths_find_notebooks(notebook, course):
    first, second = notebook("01_good", *GOOD), notebook("02_more", *GOOD)
    further = course / "notebooks" / "further" / "extra.ipynb"
    further.parent.mkdir()
    further.write_bytes(first.read_bytes())
    assert places.find_notebooks([], course) == [first, second, further]
    assert places.find_notebooks(["02", "01_good", "02_more"], course) == [second, first]
    assert places.find_notebooks(["extra", "notebooks/01_good.ipynb"], course) == [further, first]


def test_parameters_are_read_as_python():
    given = ["a=1", "b=2e-5", "c=[1, 2]", "d=gpt2", "e=true", "f=x=y", "g="]
    assert parse_parameters(given) == {"a": 1, "b": 2e-5, "c": [1, 2], "d": "gpt2", "e": True, "f": "x=y", "g": ""}
    for wrong in ("a", "=1", "a b=1"):
        with pytest.raises(ValueError, match="NAME=VALUE"):
            parse_parameters([wrong])


def test_memory_of_children_counts():
    child = "x = bytearray(100_000_000); print(1, flush=True); input()"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert MemorySampler(process.pid).take_peak() > 100
        process.communicate(b"\n")


@pytest.mark.parametrize("namespace", [True, False])
def test_cut_network_reaches_the_kernel(notebook, namespace):
    from course import network

    if namespace and network.namespace_command() is None:
        pytest.skip("this system forbids network namespaces")
    notebook(
        "01_net",
        (
            "try",
            "import socket, time\nbegan = time.monotonic()\ntry:\n    socket.create_connection(('192.0.2.1', 80), 5)\n"
            "except TimeoutError:\n    raise\nexcept OSError:\n    assert time.monotonic() - began < 1\n"
            "else:\n    raise AssertionError",
        ),
    )
    switch = "" if namespace else "from course import network; network.namespace_command = lambda: None; "
    program = f"import sys; {switch}from course.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "run", "--cut-network"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("namespace that holds the loopback" if namespace else "cut in process") in done.stdout


# --- papermill itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_papermill_sees_the_parameters_of_every_lesson(path):
    from papermill import inspect_notebook

    assert set(inspect_notebook(str(path))) == known_parameters(places.read_notebook(path)) >= {"PROFILE"}


def test_papermill_executes_a_lesson_with_parameters(tmp_path, monkeypatch):
    from papermill import execute_notebook

    monkeypatch.delenv("COURSE_PROFILE")  # the parameter counts
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (path,) = (path for path in LESSONS if path.stem == "04_attention")
    done = execute_notebook(
        str(path), str(tmp_path / "04.ipynb"), {"PROFILE": "offline"}, cwd=str(path.parent), progress_bar=False
    )
    (injected,) = (cell for cell in done.cells if "injected-parameters" in cell.metadata.tags)
    assert 'PROFILE = "offline"' in injected.source
    (start,) = (cell for cell in done.cells if cell.get("id") == "start")
    assert "profile offline" in start.outputs[0].text
    assert all(cell.execution_count for cell in done.cells if cell.cell_type == "code" and cell.source)
