"""Running the lessons: what a cell costs, what names resolved to, whether budgets hold, how a GPU compares."""

from __future__ import annotations

import ast
import errno
import json
import os
import tempfile
import time
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from course import places, run_report
from course.kernels import check_kernel
from course.watch import MemorySampler, Watch, name_of, progress_bar
from helpers import runtime
from helpers.show import LIVE_VIEW

SLOW_FACTOR = 2.0  # COURSE_SLOW: budgets are measured on a quiet machine
CELL_TIMEOUT = 1800  # seconds after which a cell counts as hanging
# What a kernel's torch knows of its GPU: name and most memory (bytes). A lesson without torch is not made to import it.
GPU_FACTS = (
    "(lambda cuda: (cuda.get_device_name(), cuda.max_memory_allocated()) if cuda and cuda.is_initialized() else None)"
    "(getattr(__import__('sys').modules.get('torch'), 'cuda', None))"
)


# --- parameters and budgets -----------------------------------------------------------------------


def parse_parameters(pairs: Iterable[str]) -> dict[str, Any]:
    """`["epochs=2", "name=gpt2"]` as a dictionary; numbers and lists are read as Python, the rest is text.

    Raises ValueError for one without `=` or whose name is not one in Python.
    """
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ValueError(f"--param must be NAME=VALUE, but {pair!r} is not.")
        try:
            parameters[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            parameters[name] = {"true": True, "false": False, "none": None}.get(value.lower(), value)
    return parameters


def known_parameters(notebook) -> set[str]:
    """Names that the notebook's `parameters` cell sets."""
    cells = (cell for cell in notebook.cells if "parameters" in places.cell_tags(cell))
    statements = [statement for cell in cells for statement in ast.parse(cell.source).body]
    targets = [t for s in statements for t in getattr(s, "targets", [getattr(s, "target", None)])]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def choose_parameters(paths: Iterable[Path], params: Mapping[str, Any]) -> dict[Path, dict[str, Any]]:
    """Of `params` what each notebook takes. Raises ValueError for a parameter that none of them has."""
    names = {path: known_parameters(places.read_notebook(path)) for path in paths}
    union = set().union(*names.values())
    if unknown := sorted(set(params) - union):
        known = ", ".join(sorted(union)) or "none"
        raise ValueError(f"No chosen notebook has a parameter {', '.join(unknown)}; the parameters are: {known}.")
    return {path: {name: value for name, value in params.items() if name in names[path]} for path in names}


def read_budgets(root: Path) -> dict[str, dict[str, float]]:
    """Seconds and memory (MB) a lesson may take offline on the CPU, by name, from `notebooks/budget.toml`."""
    path = root / "notebooks" / "budget.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def slow_factor() -> float:
    """What seconds of a budget are multiplied with: COURSE_SLOW, or 2. Raises ValueError if it is not a number."""
    try:
        factor = float(os.environ.get("COURSE_SLOW") or SLOW_FACTOR)
    except ValueError:
        factor = 0.0
    if factor <= 0:
        raise ValueError(f"COURSE_SLOW is {os.environ['COURSE_SLOW']!r}, but it must be a number above 0, such as 2.")
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


def write_back(executed, path: Path) -> None:
    """Put the outputs of the `executed` notebook into the cells of the file, by id, executions counted from 1."""
    source = places.read_notebook(path)
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
    places.write_notebook(source, path)


def _error(cell, problem: BaseException) -> dict[str, Any]:
    """What went wrong, from the error that the `cell` shows where there is one, else from `problem`."""
    cell = cell or {}
    shown = next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)
    return {
        "cell": name_of(cell) if cell else None,
        "source": cell.get("source", ""),
        "ename": shown.ename if shown else type(problem).__name__,
        "evalue": shown.evalue if shown else str(problem),
        "traceback": list(shown.traceback) if shown else [],
    }


def read_facts(path: Path) -> list[dict[str, Any]]:
    """The JSON lines that `helpers.runtime.record` left; a last line that a dying kernel cut off is passed over."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def prepare(notebook, kernel: str, parameters: Mapping[str, Any]) -> None:
    """Take old outputs out of the notebook, and put in a cell that sets `parameters`, as papermill does."""
    from papermill.parameterize import parameterize_notebook

    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])  # papermill relies on it
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata.setdefault("papermill", {})
    if parameters:
        parameterize_notebook(notebook, dict(parameters), kernel_name=kernel, language="python")


def execute(notebook, kernel: str, watch: Watch, folder: Path, env: Mapping[str, str], timeout: float) -> Any:
    """Execute `notebook` in `folder`; return the GPU's name and memory (bytes) if it used one, else None.

    Raises nbclient's errors for a cell that fails or hangs and a kernel that dies.
    """
    from jupyter_client.manager import KernelManager
    from nbclient import NotebookClient
    from traitlets.config import Config

    config = Config()
    if hasattr(KernelManager, "transport_encryption"):  # else newer kernels warn, once per notebook
        config.KernelManager.transport_encryption = "auto"
    client = NotebookClient(
        notebook,
        kernel_name=kernel,
        timeout=timeout,
        record_timing=False,
        extra_arguments=["--log-level=50"],  # an idle kernel that is told to end would complain
        raise_on_iopub_timeout=True,  # an output that was lost
        force_raise_errors=True,
        config=config,
        on_cell_execute=watch.begins,
        on_cell_executed=watch.ends,
    )
    # Cell by cell: `client.execute` would catch Ctrl-C and call it a dead kernel.
    with client.setup_kernel(cwd=str(folder), env=dict(env)):
        with MemorySampler(getattr(client.km.provisioner, "pid", None)) as watch.sampler:
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
        watch.current = None
        message = client.kc.execute("", silent=True, user_expressions={"gpu": GPU_FACTS})
        answer = client.wait_for_reply(message)["content"]["user_expressions"]["gpu"]
    return ast.literal_eval(answer.get("data", {}).get("text/plain", "None"))


def run_one(
    path: Path,
    *,
    kernel: str,
    parameters: Mapping[str, Any],
    out: Path,
    bar,
    position: tuple[int, int] = (1, 1),
    profile: str | None = None,
    timeout: float = CELL_TIMEOUT,
) -> tuple[dict[str, Any], Any]:
    """Execute one notebook in its own folder; return its entry for the report, and it, executed."""
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    from course import html

    entry: dict[str, Any] = {"name": path.stem, "status": "error", "seconds": 0.0, "peak_mb": 0.0, "kernel": kernel}
    entry |= dict.fromkeys(("profile", "device", "seed", "gpu", "gpu_peak_mb", "error"))
    notebook = places.read_notebook(path)
    indices = {name_of(c): i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()}
    if parameters:
        indices["injected-parameters"] = None
    prepare(notebook, kernel, parameters)
    watch = Watch(bar, f"[{position[0]}/{position[1]}] {path.stem}", indices)
    with tempfile.TemporaryDirectory() as folder:
        facts_file = Path(folder) / "report.jsonl"
        # What a run does is not the reader's progress.
        env = {**os.environ, "COURSE_REPORT": str(facts_file), "COURSE_PROGRESS": ""}
        if profile:
            env["COURSE_PROFILE"] = profile
        began = time.perf_counter()
        try:
            gpu = execute(notebook, kernel, watch, path.parent, env, timeout)
            entry["status"] = "ok"
            if gpu:
                entry |= {"gpu": gpu[0], "gpu_peak_mb": round(gpu[1] / 1e6, 1)}
        except Exception as error:  # a cell fails or hangs, the kernel dies or does not start: the others still run
            if watch.running:
                watch.ends(watch.current, -1)
            entry["error"] = _error(watch.current, error)
            with suppress(PapermillExecutionError):  # its banner on the page, with a link to the cell
                raise_for_execution_errors(notebook, None)
        entry["seconds"] = round(time.perf_counter() - began, 2)
        facts = read_facts(facts_file)
    if start := next((fact for fact in facts if fact.get("kind") == "start"), None):  # from runtime.start
        entry |= {key: start.get(key) for key in ("profile", "device", "seed")}
    entry["resolved"] = [fact for fact in facts if fact.get("kind") != "start"]
    entry["cells"] = watch.cells
    entry["peak_mb"] = max((cell["peak_mb"] for cell in watch.cells), default=0.0)
    drop_live_views(notebook)
    places.write_notebook(notebook, out / "notebooks" / path.name)
    html.export(notebook, path, out / "html" / f"{path.stem}.html")
    return entry, notebook


# --- all of them ------------------------------------------------------------------------------------


def run_notebooks(
    names: Iterable[str] = (),
    *,
    profile: str | None = None,
    kernel: str = "python3",
    params: Mapping[str, Any] | None = None,
    out: str | Path = "build",
    report: str | Path | None = None,
    beside: str | Path | None = None,
    update: bool = False,
    strict: bool = False,
    timeout: float = CELL_TIMEOUT,
    console=None,
) -> int:
    """Run notebooks one after the other; return the exit code, 1 if one failed (`strict`: or went over budget).

    Leaves in `out`: `notebooks/` (executed), `html/` (to be read), `report.json` (or where `report` says).
    `profile` is passed on as COURSE_PROFILE, so that it wins over what a notebook says. `beside`: the report of
    another run, whose seconds are compared; without it a run on a GPU is compared with the budgets. `update` writes
    the outputs back into the notebooks that passed. Raises ValueError for an unknown notebook, kernel, profile or
    parameter, and for course-gpu where there is no GPU.
    """
    from rich.console import Console

    # --- what can be wrong is said now, not after the first lesson has run
    console, root = console or Console(), places.course_root()
    paths = places.find_notebooks(list(names), root)
    factor, budgets = slow_factor(), read_budgets(root)
    if profile and profile not in runtime.PROFILES:
        raise ValueError(f"--profile is {profile!r}; it can be {', '.join(runtime.PROFILES)}.")
    check_kernel(kernel)
    chosen = choose_parameters(paths, params or {})
    elsewhere = run_report.seconds_elsewhere(beside, budgets)
    out = Path(out).resolve()
    report = Path(report).resolve() if report else out / "report.json"
    writable_folders(out / "notebooks", out / "html", report.parent)

    # --- one lesson after the other; a failure ends its own only
    entries: list[dict[str, Any]] = []
    about = {"kernel": kernel, "parameters": dict(params or {}), "slow_factor": factor}
    about["profile"] = profile or os.environ.get("COURSE_PROFILE") or "auto"
    try:
        with progress_bar(console) as bar:
            for number, path in enumerate(paths, 1):
                entry, executed = run_one(
                    path,
                    kernel=kernel,
                    parameters=chosen[path],
                    out=out,
                    bar=bar,
                    position=(number, len(paths)),
                    profile=profile,
                    timeout=timeout,
                )
                entry["budget"] = judge_budget(entry, budgets.get(path.stem), factor)
                if beside or entry["device"] not in (None, "cpu"):
                    entry["seconds_beside"] = elsewhere.get(path.stem)
                entries.append(entry)
                if entry["status"] != "ok":
                    run_report.show_error(entry, console)
                elif update:
                    write_back(executed, path)
    finally:  # after Ctrl-C as well
        run_report.write(report, entries, about)

    # --- the table, and where to read on
    run_report.show_table(entries, console, "other run" if beside else "CPU budget")
    if update and params:
        console.print(
            "Note: the outputs written back were made with parameters that differ from those in the notebooks."
        )
    failed, over = run_report.failed(entries), run_report.over_budget(entries)
    run_report.say_where(out / "html" / f"{(failed or [paths[0].stem])[0]}.html", failed, over, console)
    return int(bool(failed) or (strict and bool(over)))


def writable_folders(*folders: Path) -> None:
    """Make the folders. Raises OSError for one that cannot be made or written."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
