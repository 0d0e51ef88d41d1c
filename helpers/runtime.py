"""Where am I: profile, device, versions, seed. `course doctor` prints what this module finds."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import random
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

Profile = Literal["offline", "cpu", "gpu"]
PROFILES = ("auto", "offline", "cpu", "gpu")
PROBE_SECONDS = 2.0
NO_GPU = (
    "No GPU here: everything runs without one, training takes longer. Colab's menu Runtime > "
    "Change runtime type > T4 GPU gives one; then run the notebook from the top."
)

_profile: Profile | None = None


@dataclass(frozen=True)
class Run:
    """What `start` settled for this notebook."""

    profile: Profile
    device: str
    seed: int


def on_colab() -> bool:
    return "google.colab" in sys.modules


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this, so that rich outputs have a place to go."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def hub_endpoint() -> str:
    """The Hub's address: `HF_ENDPOINT` if it is set (a mirror, say), else the public one."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def hub_forbidden() -> bool:
    """Whether the reader forbids to ask the Hub (`HF_HUB_OFFLINE`)."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


@cache
def hub_answers(seconds: float | None = None) -> bool:
    """Whether the Hub answers one request within `seconds` (PROBE_SECONDS); never when `HF_HUB_OFFLINE` is set.

    Looking up a name can hang for longer than any socket timeout, so the probe runs in a thread that is left behind.
    """
    from threading import Thread

    if hub_forbidden():
        return False
    seconds = seconds or PROBE_SECONDS
    answers: list[bool] = []

    def probe() -> None:
        try:
            request = urllib.request.Request(f"{hub_endpoint()}/", method="HEAD")
            with urllib.request.build_opener().open(request, timeout=seconds):  # with the proxies of now
                answers.append(True)
        except urllib.error.HTTPError as error:
            answers.append(error.code < 500)  # it speaks HTTP: a front page may well be missing on a mirror
        except (OSError, ValueError):
            answers.append(False)

    thread = Thread(target=probe, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers and answers[0])


def has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def resolve_profile(wanted: str) -> Profile:
    """From `auto`, `offline`, `cpu` or `gpu` to one of the last three; `COURSE_PROFILE` overrides `wanted`.

    `auto` is `gpu` if there is a CUDA device and the Hub answers, `cpu` if the Hub answers, else `offline`.
    Raises ValueError for any other word.
    """
    override = os.environ.get("COURSE_PROFILE", "")
    name = override or wanted
    if name not in PROFILES:
        where = "The environment variable COURSE_PROFILE" if override else "PROFILE"
        raise ValueError(f"{where} is {name!r}; it can be {', '.join(PROFILES)}.")
    if name != "auto":
        return name
    if not hub_answers():
        return "offline"
    return "gpu" if has_cuda() else "cpu"


def profile() -> Profile:
    """The profile that `start` settled, or that `auto` gives now."""
    return _profile or resolve_profile("auto")


def choose_device(wanted: str | None = None) -> str:
    """`cuda` if there is one, else `cpu`; Apple's `mps` only when it is asked for."""
    return wanted or ("cuda" if has_cuda() else "cpu")


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's generators."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def print_anything() -> None:
    """From now on a character that the terminal or the file behind it lacks, such as → in cp1252, is printed as ?."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a notebook's stream takes all; one may be closed
            stream.reconfigure(errors="replace")


def quiet() -> None:
    """No progress bars or advice from the libraries in a lesson's outputs."""
    import warnings

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    import datasets
    import transformers

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", message=".*pin_memory.*")


def start(profile: str = "auto", seed: int = 0, device: str | None = None) -> Run:
    """Settle profile, device and seed for a lesson, say so in one line, and return them."""
    global _profile
    _profile = resolve_profile(profile)
    print_anything()
    quiet()
    seed_everything(seed)
    run = Run(_profile, choose_device(device), seed)
    record({"kind": "start", "profile": run.profile, "device": run.device, "seed": seed})
    print(f"profile {run.profile} · device {run.device} · seed {run.seed}")
    if on_colab() and not has_cuda():
        print(NO_GPU)
    return run


def path_of(name: str) -> Path:
    """`name` as a path, with ~ resolved. Raises ValueError for a name that is not UTF-8, and for ~ of nobody here."""
    try:
        name.encode()
        return Path(name).expanduser()
    except UnicodeEncodeError:
        raise ValueError(f"The name {name.encode('utf-8', 'replace').decode()} is not UTF-8: rename it.") from None
    except RuntimeError:
        raise ValueError(
            f"{name}: nobody here has the home folder {Path(name).parts[0]}. Write the whole path."
        ) from None


def first_line(error: BaseException) -> str:
    """The first line of an error's message; empty if it has none."""
    return next(iter(str(error).strip().splitlines()), "")


@contextlib.contextmanager
def fails(*expected: type[BaseException]) -> Iterator[None]:
    """Show an error that must happen: print its first line and go on. If it does not happen, that is the error."""
    try:
        yield
    except expected or Exception as error:  # noqa: B030
        print(f"{type(error).__name__}: {first_line(error)}")
    else:
        names = ", ".join(e.__name__ for e in expected) or "an error"
        raise AssertionError(f"Nothing failed here, though {names} was expected.")


def record(fact: dict[str, object]) -> None:
    """Add a line to the run's report, if one is being written (`course run` names it in COURSE_REPORT)."""
    if path := os.environ.get("COURSE_REPORT"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(fact) + "\n")


# --- doctor --------------------------------------------------------------------------------------

PACKAGES = (
    "torch",
    "transformers",
    "datasets",
    "tokenizers",
    "huggingface_hub",
    "accelerate",
    "peft",
    "numpy",
    "matplotlib",
    "scikit-learn",
    "ipywidgets",
    "ipykernel",
    "jupyterlab",
    "papermill",
)


def versions() -> dict[str, str]:
    """Installed versions of the packages that matter, by name; a package that is not there is left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def requirements() -> dict[str, str]:
    """The version ranges that the installed distribution declares, by package name, extras included."""
    from packaging.requirements import Requirement

    ranges: dict[str, str] = {}
    for line in metadata.requires("transformers-by-hand") or []:
        requirement = Requirement(line)
        ranges.setdefault(requirement.name.lower(), str(requirement.specifier))
    return ranges


def doctor() -> list[dict[str, str]]:
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
    offline = os.environ.get("HF_HUB_OFFLINE")
    add(
        "Hub",
        "OK" if hub_answers() else "WARN",
        f"{hub_endpoint()} answers"
        if hub_answers()
        else ("HF_HUB_OFFLINE is set" if offline else f"{hub_endpoint()} did not answer within {PROBE_SECONDS:g} s"),
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
            optional = name in {"jupyterlab", "papermill"}
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
