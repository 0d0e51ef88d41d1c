"""What is wrong with the place where the course runs, and what helps: `course doctor`, and lesson 00."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata

from helpers import runtime
from helpers.runtime import PACKAGES, PROBE_SECONDS, first_line, versions


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
    results: list[dict[str, str]] = []

    def add(check: str, status: str, detail: str, advice: str = "") -> None:
        results.append({"check": check, "status": status, "detail": detail, "advice": "" if status == "OK" else advice})

    checks = {
        "Python": _check_python,
        "course": _check_packages,
        "device": _check_device,
        "memory": _check_memory,
        "disk": _check_disk,
        "Hub": _check_hub,
        "names": _check_names,
    }
    for name, check in checks.items():
        try:
            check(add)
        except Exception as error:  # what is broken here must not hide the rest
            add(
                name,
                "FAIL",
                f"could not be looked at: {type(error).__name__}: {first_line(error)}",
                "Put in order what is named here (a folder, a setting, a package), then run course doctor again.",
            )
    return results


def _check_python(add) -> None:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    add(
        "Python",
        "OK" if supported else "FAIL" if sys.version_info < (3, 11) else "WARN",
        platform.python_version(),
        "The course is tested on Python 3.11 to 3.13: make an environment with one of them.",
    )


def _check_hub(add) -> None:
    hub = runtime.hub_endpoint()
    offline = os.environ.get("HF_HUB_OFFLINE")
    add(
        "Hub",
        "OK" if runtime.hub_answers() else "WARN",
        f"{hub} answers"
        if runtime.hub_answers()
        else ("HF_HUB_OFFLINE is set" if offline else f"{hub} did not answer within {PROBE_SECONDS:g} s"),
        "Nothing to do: the lessons run on the checkpoints that ship with the course. For the big ones, see "
        "README, 'When the network is bad'.",
    )


def _check_names(add) -> None:
    from helpers import checkpoints

    for name in checkpoints.NAMES:
        try:
            found = checkpoints.resolve(name)
            add(f"name {name}", "OK", f"{found.label} ({found.why})")
        except FileNotFoundError as error:
            add(f"name {name}", "WARN", str(error), "The other names work all the same.")
        except OSError as error:
            add(f"name {name}", "FAIL", str(error), "Reinstall the course, or run: course fetch minilm")
        except ValueError as error:
            add(f"name {name}", "FAIL", str(error), "Unset COURSE_PROFILE, or set it to one of these words.")


def _check_packages(add) -> None:
    from packaging.specifiers import SpecifierSet

    try:
        ranges = requirements()
    except metadata.PackageNotFoundError:
        add(
            "course",
            "WARN",
            "helpers is imported from a folder, the distribution is not installed",
            'Install it where you cloned it: pip install -e ".[lab]"',
        )
        return
    installed = versions()
    for name in PACKAGES:
        wanted = ranges.get(name.lower().replace("_", "-"), ranges.get(name.lower(), ""))
        if name not in installed:
            optional = name in {"jupyterlab", "nbclient", "papermill"}
            add(name, "WARN" if optional else "FAIL", "not installed", f'pip install "{name}{wanted}"')
        elif SpecifierSet(wanted).contains(installed[name], prereleases=True):
            add(name, "OK", installed[name])
        else:
            add(name, "WARN", f"{installed[name]} is outside {wanted}", f'pip install "{name}{wanted}"')


def _check_device(add) -> None:
    try:
        import torch
    except ImportError as error:
        if "torch" in versions():  # else the packages say so
            add(
                "device",
                "FAIL",
                f"torch cannot be imported: {first_line(error)}",
                "Install it once more: pip install --force-reinstall torch",
            )
        return
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        add(
            "device",
            "OK",
            f"cuda: {properties.name}, {properties.total_memory / 2**30:.0f} GB, "
            f"torch built for CUDA {torch.version.cuda}",
        )
    elif shutil.which("nvidia-smi"):
        add(
            "device",
            "WARN",
            f"an NVIDIA driver is here, but torch {torch.__version__} does not see a GPU",
            "Install a CUDA build of torch: README, 'Without make'.",
        )
    else:
        add("device", "OK", f"cpu, {os.cpu_count()} cores")


def _check_memory(add) -> None:
    try:
        import psutil
    except ImportError:
        return
    free = psutil.virtual_memory().available / 2**30
    add(
        "memory",
        "OK" if free >= 3 else "WARN",
        f"{free:.1f} GB free",
        "Close other programs: lessons need up to 2.5 GB.",
    )


def _check_disk(add) -> None:
    """Where checkpoints go, or the nearest folder above that is there; and whether something can be written."""
    home = os.path.expanduser("~")
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    cache = os.environ.get("HF_HOME") or os.path.join(caches, "huggingface")
    if not os.path.isdir(home):
        add("home", "WARN", f"your home folder {home} is not there", "Set HOME to a folder that you can write.")
    place = os.path.abspath(os.path.expanduser(cache))
    while not os.path.isdir(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    if not os.access(place, os.W_OK | os.X_OK):
        add(
            "cache",
            "WARN",
            f"{place} cannot be written, so nothing is fetched to {cache}",
            "Nothing to do if all you need is in it. Else set HF_HOME to a folder of your own.",
        )
    free = shutil.disk_usage(place).free / 2**30
    add(
        "disk",
        "OK" if free >= 5 else "WARN",
        f"{free:.0f} GB free",
        f"Free some space: the full gpt2 and bert checkpoints take about 1 GB in {cache}.",
    )
