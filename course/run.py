"""Running the lessons through papermill: what a cell costs, what names resolved to, whether budgets hold."""

from __future__ import annotations

import ast
import errno
import json
import os
import platform
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from course import places
from helpers.show import LIVE_VIEW

SAMPLE_SECONDS = 0.05
FAMILY_SECONDS = 0.5  # how often the kernel's children are looked up: that costs more than a sample
SLOW_FACTOR = 2.0  # COURSE_SLOW: budgets are measured on a quiet machine
CELL_TIMEOUT = 1800  # seconds after which a cell counts as hanging
VERSIONS = (
    "transformers-by-hand",
    "torch",
    "transformers",
    "datasets",
    "tokenizers",
    "huggingface_hub",
    "accelerate",
    "peft",
    "numpy",
    "scikit-learn",
    "matplotlib",
    "ipykernel",
    "papermill",
    "nbclient",
)


class MemorySampler(threading.Thread):
    """Peak resident memory (MB) of a process and all its descendants; shared pages count in each."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        import psutil

        self._errors, self._root = psutil.Error, psutil.Process(pid)
        self._ended, self._peak, self._lock = threading.Event(), 0.0, threading.Lock()
        self._family, self._next_look = [self._root], 0.0

    def sample(self) -> float:
        try:
            if time.monotonic() >= self._next_look:
                self._family = [self._root, *self._root.children(recursive=True)]
                self._next_look = time.monotonic() + FAMILY_SECONDS
        except self._errors:
            return 0.0
        total = 0
        for process in self._family:
            try:
                total += process.memory_info().rss
            except self._errors:  # it ended meanwhile
                continue
        with self._lock:
            self._peak = max(self._peak, total / 1e6)
        return total / 1e6

    def take_peak(self) -> float:
        """The peak since the last call."""
        self.sample()
        with self._lock:
            peak, self._peak = self._peak, 0.0
        return peak

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.sample()

    def stop(self) -> None:
        self._ended.set()


class Progress:
    """What one sees while notebooks run: a live bar on a terminal, plain lines elsewhere."""

    def __init__(self, console) -> None:
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self.console = console
        self.bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(24),
            TextColumn("cell {task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[cell]}"),
            console=console,
            transient=True,
        )
        self._task, self._name, self._last_line = None, "", 0.0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def notebook(self, name: str, number: int, count: int, cells: int) -> None:
        if self._task is not None:
            self.bar.remove_task(self._task)
        self._name, self._last_line = name, time.monotonic()
        self._task = self.bar.add_task(f"[{number}/{count}] {name}", total=cells, cell="starting the kernel")
        if not self.console.is_terminal:
            self.console.print(f"[{number}/{count}] {name}: {cells} cells", markup=False, highlight=False)

    def begins(self, cell_id: str) -> None:
        self.bar.update(self._task, cell=cell_id)

    def ends(self, cell_id: str, done: int, total: int, seconds: float) -> None:
        self.bar.update(self._task, completed=done)
        if not self.console.is_terminal and (time.monotonic() - self._last_line > 5 or seconds > 2):
            self._last_line = time.monotonic()
            self.console.print(f"    cell {done}/{total} {cell_id}: {seconds:.1f} s", markup=False, highlight=False)


class Watch:
    """Follows one notebook: seconds and memory of each code cell, as the engine tells of them."""

    def __init__(self, progress: Progress, index_of: Mapping[str, int]) -> None:
        self.progress, self.index_of = progress, index_of
        self.cells: list[dict[str, Any]] = []
        self.sampler: MemorySampler | None = None
        self.notebook, self.current, self._began = None, None, 0.0

    def begins(self, cell, pid: int | None) -> None:
        if self.sampler is None and pid:
            self.sampler = MemorySampler(pid)
            self.sampler.start()
        elif self.sampler:
            self.sampler.take_peak()
        self.current, self._began = cell, time.perf_counter()
        self.progress.begins(self._name(cell))

    def ends(self, cell) -> None:
        seconds = time.perf_counter() - self._began
        peak = self.sampler.take_peak() if self.sampler else 0.0
        name = self._name(cell)
        self.cells.append(
            {"id": name, "index": self.index_of.get(name), "seconds": round(seconds, 3), "peak_mb": round(peak, 1)}
        )
        self.progress.ends(name, len(self.cells), len(self.index_of), seconds)

    def stop(self) -> None:
        if self.sampler:
            self.sampler.stop()

    @staticmethod
    def _name(cell) -> str:
        return "injected-parameters" if "injected-parameters" in places.cell_tags(cell) else cell.get("id", "")


def register_engine() -> str:
    """Register with papermill an engine that tells a `Watch` about every code cell; return its name."""
    from jupyter_client.manager import KernelManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.log import logger
    from traitlets.config import Config

    config = Config()
    if hasattr(KernelManager, "transport_encryption"):  # else newer kernels warn, once per notebook
        config.KernelManager.transport_encryption = "auto"

    class Client(PapermillNotebookClient):
        def execute_cell(self, cell, cell_index, **kwargs):
            if cell.cell_type != "code" or not cell.source.strip():
                return super().execute_cell(cell, cell_index, **kwargs)
            self.nb_man.watch.begins(cell, getattr(self.km.provisioner, "pid", None))
            try:
                return super().execute_cell(cell, cell_index, **kwargs)
            finally:
                self.nb_man.watch.ends(cell)

    class CourseEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man, kernel_name, watch=None, start_timeout=60, execution_timeout=None, **_
        ):
            nb_man.watch, watch.notebook = watch, nb_man.nb
            try:
                Client(
                    nb_man,
                    kernel_name=kernel_name,
                    timeout=execution_timeout,
                    startup_timeout=start_timeout,
                    record_timing=False,
                    log=logger,
                    config=config,
                ).execute()
            finally:
                watch.stop()

    papermill_engines.register("course", CourseEngine)
    return "course"


# --- parameters and budgets -----------------------------------------------------------------------


def parse_parameters(pairs: Iterable[str]) -> dict[str, Any]:
    """`["epochs=2", "name=gpt2"]` as a dictionary; numbers and lists are read as Python, the rest is text.

    Raises ValueError for one without `=` or whose name is no Python name.
    """
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ValueError(f"--param takes NAME=VALUE; {pair!r} is not that.")
        try:
            parameters[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            parameters[name] = {"true": True, "false": False, "none": None}.get(value.lower(), value)
    return parameters


def known_parameters(notebook) -> set[str]:
    """Names that the notebook's `parameters` cell sets."""
    names: set[str] = set()
    for cell in notebook.cells:
        if "parameters" in places.cell_tags(cell):
            for statement in ast.parse(cell.source).body:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                )
                names |= {t.id for t in targets if isinstance(t, ast.Name)}
    return names


def read_budgets(root: Path) -> dict[str, dict[str, float]]:
    """Seconds and memory (MB) a lesson may take offline on the CPU, by name, from `notebooks/budget.toml`."""
    path = root / "notebooks" / "budget.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def slow_factor() -> float:
    """What seconds of a budget are multiplied with: COURSE_SLOW, or 2. Raises ValueError if that is no number."""
    try:
        factor = float(os.environ.get("COURSE_SLOW") or SLOW_FACTOR)
    except ValueError:
        factor = 0.0
    if factor <= 0:
        raise ValueError(f"COURSE_SLOW is {os.environ['COURSE_SLOW']!r}; it must be a number above 0, such as 2.")
    return factor


def judge_budget(entry: Mapping[str, Any], budget: Mapping[str, float] | None, factor: float) -> dict[str, Any] | None:
    """The budget that applied, and `within`; None for a lesson without one or not run offline on the CPU."""
    if not budget or entry["status"] != "ok" or entry["profile"] != "offline" or entry["device"] != "cpu":
        return None
    limits = {"seconds": budget["seconds"] * factor, "memory_mb": budget["memory_mb"]}
    within = entry["seconds"] <= limits["seconds"] and entry["peak_mb"] <= limits["memory_mb"]
    return {**limits, "within": within}


# --- one notebook -----------------------------------------------------------------------------------


def drop_live_views(notebook) -> None:
    """Leave the static forms of every interactive view: a live one dies with its kernel, and its id is new each run."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for part in ("data", "metadata"):
                output.get(part, {}).pop(LIVE_VIEW, None)


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """An environment variable, set for a while: kernels that start meanwhile inherit it."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def copy_outputs(executed, source) -> None:
    """Put the outputs of the `executed` notebook into the cells of `source`, by id, executions counted from 1."""
    outputs = {c.get("id"): c.outputs for c in executed.cells if c.cell_type == "code"}
    count = 0
    for cell in (c for c in source.cells if c.cell_type == "code"):
        ran = bool(cell.source.strip())
        count += ran
        cell.execution_count = count if ran else None
        cell.outputs = outputs.get(cell.get("id"), [])
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = count
    places.tidy(source)


def _error(watch: Watch, problem: BaseException) -> dict[str, Any]:
    """What went wrong, from the failing cell's own error where there is one, else from `problem`."""
    cell = watch.current or {}
    told = next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)
    return {
        "cell": Watch._name(cell) if cell else None,
        "source": cell.get("source", ""),
        "ename": told.ename if told else type(problem).__name__,
        "evalue": told.evalue if told else str(problem),
        "traceback": list(told.traceback) if told else [],
    }


def read_facts(path: Path) -> list[dict[str, Any]]:
    """The JSON lines that `helpers.runtime.record` left; a last line that a dying kernel cut off is passed over."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def run_one(
    path: Path,
    *,
    kernel: str,
    parameters: Mapping[str, Any],
    out: Path,
    progress: Progress,
    position: tuple[int, int] = (1, 1),
    timeout: float = CELL_TIMEOUT,
) -> tuple[dict[str, Any], Any]:
    """Execute one notebook in its own folder; return its entry for the report, and it, executed (or None)."""
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    entry: dict[str, Any] = {
        "name": path.stem,
        "status": "error",
        "seconds": 0.0,
        "peak_mb": 0.0,
        "kernel": kernel,
        "profile": None,
        "device": None,
        "seed": None,
        "cells": [],
        "resolved": [],
        "error": None,
    }
    source = places.read_notebook(path)
    code = {c.get("id", str(i)): i for i, c in enumerate(source.cells) if c.cell_type == "code" and c.source.strip()}
    if parameters:
        code["injected-parameters"] = None
    watch = Watch(progress, code)
    progress.notebook(path.stem, *position, len(code))
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "report.jsonl"
        began = time.perf_counter()
        try:
            # What a run does is not the reader's progress.
            with setting("COURSE_REPORT", str(lines)), setting("COURSE_PROGRESS", ""):
                execute_notebook(
                    str(path).replace("{", "{{").replace("}", "}}"),
                    None,
                    dict(parameters),
                    kernel_name=kernel,
                    engine_name=register_engine(),
                    progress_bar=False,
                    cwd=path.parent,
                    watch=watch,
                    execution_timeout=timeout,
                )
            entry["status"] = "ok"
        except PapermillExecutionError as error:
            entry["error"] = _error(watch, error)
        except Exception as error:  # the kernel died, did not start, hangs: the others still run
            entry["error"] = _error(watch, error)
        entry["seconds"] = round(time.perf_counter() - began, 2)
        facts = read_facts(lines)
    if started := next((f for f in facts if f.get("kind") == "start"), None):  # from runtime.start
        entry |= {key: started.get(key) for key in ("profile", "device", "seed")}
    entry["resolved"] = [f for f in facts if f.get("kind") != "start"]
    entry["cells"] = watch.cells
    entry["peak_mb"] = max((c["peak_mb"] for c in watch.cells), default=0.0)
    if watch.notebook is not None:
        drop_live_views(watch.notebook)
        _keep(watch.notebook, path, out)
    return entry, watch.notebook


def _keep(notebook, path: Path, out: Path) -> None:
    from course import html

    places.write_notebook(notebook, out / "notebooks" / path.name)
    html.export(notebook, path, out / "html" / f"{path.stem}.html")


# --- all of them ------------------------------------------------------------------------------------


def run_notebooks(
    names: Iterable[str] = (),
    *,
    profile: str | None = None,
    kernel: str = "python3",
    params: Mapping[str, Any] | None = None,
    out: str | Path = "build",
    report: str | Path | None = None,
    update: bool = False,
    strict: bool = False,
    timeout: float = CELL_TIMEOUT,
    console=None,
) -> int:
    """Run notebooks one after the other; return the exit code, 1 if one failed (`strict`: or went over budget).

    Leaves in `out`: `notebooks/` (executed), `html/` (to be read), `report.json` (or where `report` says).
    `profile` is passed on as COURSE_PROFILE, so that it wins over what a notebook says. `update` writes the
    outputs back into the notebooks that passed. Raises ValueError for an unknown notebook, kernel, profile or
    parameter.
    """
    from rich.console import Console

    from course.kernels import check_kernel
    from helpers.runtime import PROFILES

    console = console or Console()
    root = places.course_root()
    paths = places.find_notebooks(list(names), root)
    factor, budgets, params = slow_factor(), read_budgets(root), dict(params or {})
    if profile and profile not in PROFILES:
        raise ValueError(f"--profile is {profile!r}; it can be {', '.join(PROFILES)}.")
    check_kernel(kernel)
    takes = {path: known_parameters(places.read_notebook(path)) for path in paths}
    if unknown := sorted(set(params) - set().union(*takes.values())):
        known = ", ".join(sorted(set().union(*takes.values()))) or "none"
        raise ValueError(f"No chosen notebook has a parameter {', '.join(unknown)}; the parameters are: {known}.")
    out, entries = Path(out).resolve(), []
    report = Path(report).resolve() if report else out / "report.json"
    for folder in (out / "notebooks", out / "html", report.parent):  # now, not after the first lesson has run
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    before = os.environ.get("COURSE_PROFILE")
    if profile:
        os.environ["COURSE_PROFILE"] = profile
    try:
        with Progress(console) as progress:
            for number, path in enumerate(paths, 1):
                chosen = {name: value for name, value in params.items() if name in takes[path]}
                entry, executed = run_one(
                    path,
                    kernel=kernel,
                    parameters=chosen,
                    out=out,
                    progress=progress,
                    position=(number, len(paths)),
                    timeout=timeout,
                )
                entry["budget"] = judge_budget(entry, budgets.get(path.stem), factor)
                entries.append(entry)
                if entry["status"] != "ok":
                    show_error(entry, console)
                elif update:
                    source = places.read_notebook(path)
                    copy_outputs(executed, source)
                    places.write_notebook(source, path)
    finally:
        if profile:
            os.environ.pop("COURSE_PROFILE")
            if before is not None:
                os.environ["COURSE_PROFILE"] = before
        write_report(report, entries, profile or before or "auto", kernel, params, factor)
    show_table(entries, console)
    if update and params:
        console.print("Note: the outputs written back were made with other parameters than the notebooks show.")
    failed = [e["name"] for e in entries if e["status"] != "ok"]
    over = [e["name"] for e in entries if e["budget"] and not e["budget"]["within"]]
    first = out / "html" / f"{(failed or [paths[0].stem])[0]}.html"
    verdict = f"Failed: {', '.join(failed)}. " if failed else f"Over budget: {', '.join(over)}. " if over else ""
    console.print(
        f"{verdict}Read {_near(first)} in a browser, or type `make lab` to work through the lessons.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return int(bool(failed) or (strict and bool(over)))


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _agreed(values: Iterable[Any]) -> Any:
    """The one value that all notebooks share; None when they differ or have none."""
    found = {v for v in values if v is not None}
    return found.pop() if len(found) == 1 else None


def write_report(
    path: Path, entries: list[dict[str, Any]], profile: str, kernel: str, params: Mapping[str, Any], factor: float
) -> None:
    """Write `report.json`: what ran, on what, how long, how much memory, and what each name resolved to."""
    from importlib import metadata

    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    content = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "versions": versions,
        "profile": _agreed(e["profile"] for e in entries) or profile,
        "kernel": kernel,
        "device": _agreed(e["device"] for e in entries),
        "seed": _agreed(e["seed"] for e in entries),
        "parameters": dict(params),
        "slow_factor": factor,
        "seconds": round(sum(e["seconds"] for e in entries), 2),
        "peak_mb": max((e["peak_mb"] for e in entries), default=0.0),
        "notebooks": entries,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def show_error(entry: Mapping[str, Any], console) -> None:
    """The failing cell with line numbers, and under it the error as Jupyter would show it."""
    from rich.panel import Panel
    from rich.syntax import Syntax
    from rich.text import Text

    error = entry["error"]
    title = f"{entry['name']}, cell {error['cell'] or '(before the first cell)'}"
    if error["source"]:
        console.print(
            Panel(Syntax(error["source"], "python", line_numbers=True, word_wrap=True), title=title, title_align="left")
        )
    traceback = Text.from_ansi("\n".join(error["traceback"]))
    if len(traceback.split()) > 40:
        traceback = Text("\n").join([*traceback.split()[:10], Text("…"), *traceback.split()[-28:]])
    console.print(traceback if error["traceback"] else "", soft_wrap=True)
    console.print(
        Text(f"{title}: {error['ename']}: {error['evalue'].splitlines()[0] if error['evalue'] else ''}", "bold red"),
        soft_wrap=True,
    )


def show_table(entries: list[dict[str, Any]], console) -> None:
    """Notebook, cells, seconds, peak memory, budget."""
    from rich.table import Table

    table = Table(title="The lessons that ran")
    table.add_column("notebook")
    for heading in ("cells", "seconds", "peak memory"):
        table.add_column(heading, justify="right")
    table.add_column("budget")
    for entry in entries:
        budget = entry["budget"]
        if entry["status"] != "ok":
            word = "[red]failed[/]"
        elif budget is None:
            word = "none"
        else:
            limits = f"{budget['seconds']:g} s, {budget['memory_mb']:g} MB"
            word = f"[green]within[/] {limits}" if budget["within"] else f"[red]over[/] {limits}"
        table.add_row(
            entry["name"], str(len(entry["cells"])), f"{entry['seconds']:.1f}", f"{entry['peak_mb']:.0f} MB", word
        )
    if len(entries) > 1:
        table.add_section()
        table.add_row(
            "all",
            str(sum(len(e["cells"]) for e in entries)),
            f"{sum(e['seconds'] for e in entries):.1f}",
            f"{max(e['peak_mb'] for e in entries):.0f} MB",
            "",
        )
    console.print(table)
