"""Where am I: profile, device, versions, seed. (`helpers.doctor` looks for what is wrong with the place.)"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import random
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

QUIET = "COURSE_CHECKS_QUIET"
"""Set while a notebook is scored: its checks and explorers then do nothing, the scoring does."""

Profile = Literal["offline", "cpu", "gpu"]
PROFILES = ("auto", "offline", "cpu", "gpu")
PROBE_SECONDS = 2.0
NO_GPU = (
    "No GPU here: everything runs without one, training takes longer. Colab's menu Runtime > "
    "Change runtime type > T4 GPU gives one; then run the notebook from the top."
)

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
    "nbclient",
    "papermill",
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
    warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")  # peft's business


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


def reason(error: BaseException) -> str:
    """An error in one line: its type and the first line of its message."""
    line = first_line(error)
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, and its folder, whole or not at all: a crash leaves the old file or the new one, never half of one.

    A text is written as UTF-8, with `?` for what UTF-8 cannot write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # processes may write the same file
    with part.open("wb") as file:
        file.write(content.encode(errors="replace") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


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


def versions() -> dict[str, str]:
    """Installed versions of the packages that matter, by name; a package that is not there is left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def keep_memory() -> None:
    """Let glibc reuse big freed blocks instead of handing them back: a fifth faster on a CPU (Linux only)."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(-4, 0)  # M_MMAP_MAX: big blocks from the heap as well
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD
    except OSError:
        pass
