"""minilm-reader: what ships, what its card says, and what `checkpoints.load("reader")` makes of it."""

from __future__ import annotations

import json

import pytest

from helpers import checkpoints

FOLDER = checkpoints.ASSETS / checkpoints.READER
STATED = json.loads((FOLDER / "metrics.json").read_text("utf-8"))
needs_minilm = pytest.mark.skipif(checkpoints.minilm_folder() is None, reason="MiniLM is not installed")
TEXT = (
    "Once upon a time a fisherman lived with his wife in a small hut by the sea. Every day he caught a golden fish, "
    "but on Sundays he slept under an old oak."
)


@pytest.fixture(scope="module")
def reader():
    return checkpoints.load("reader")


def test_what_ships_is_small_and_names_no_machine():
    from safetensors.numpy import load_file

    files = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert set(files) == {"README.md", "adapter_config.json", "adapter_model.safetensors", "metrics.json"}
    assert sum(files.values()) < 2_700_000
    weights = load_file(FOLDER / "adapter_model.safetensors")
    assert {weight.dtype.name for weight in weights.values()} == {"float16"}
    assert sum("lora_A" in name for name in weights) == 36 and any("qa_outputs" in name for name in weights)
    config = json.loads((FOLDER / "adapter_config.json").read_text("utf-8"))
    assert (config["r"], config["base_model_name_or_path"]) == (16, "sentence-transformers/all-MiniLM-L6-v2")


def test_the_card_has_the_recorded_figures():
    from course import model_card
    from course.tasks import TASKS

    assert model_card.rows(TASKS["qa"], STATED) in (FOLDER / "README.md").read_text("utf-8")
    for name in ("exact_match", "f1"):
        low, high = STATED["test"][f"{name}_interval"]
        assert 0.1 > high - STATED["test"][name] > 0 < STATED["test"][name] - low < 0.1
    assert STATED["test"]["examples"] == 656


@needs_minilm
def test_it_is_minilm_with_the_adapter_merged(reader):
    import torch
    from transformers import AutoModelForQuestionAnswering

    assert (reader.label, type(reader.model).__name__) == (checkpoints.READER, "BertForQuestionAnswering")
    assert not reader.model.training and {w.dtype for w in reader.model.parameters()} == {torch.float32}
    assert not any("lora" in name for name, _ in reader.model.named_parameters())
    plain = AutoModelForQuestionAnswering.from_pretrained(checkpoints.minilm_folder())
    ours, theirs = (dict(model.named_parameters()) for model in (reader.model, plain))
    assert ours.keys() == theirs.keys()
    same = {name for name in ours if torch.equal(ours[name], theirs[name])}
    assert len(ours) - len(same) == 36 + 2 and not any(name.endswith("query.weight") for name in same)


@needs_minilm
def test_it_answers(reader):
    """And as well as its card says, on the first questions of the test."""
    from course import examples
    from course.finetuning import Recipe
    from course.tasks import TASKS, predict

    task = TASKS["qa"]
    asked = [
        examples.Asked(question, TEXT, (answer,), *examples.find(answer, TEXT), "here")
        for question, answer in {
            "Who lived in a small hut?": "a fisherman",
            "Where did the fisherman live?": "in a small hut by the sea",
            "What did the fisherman catch every day?": "a golden fish",
        }.items()
    ]
    first = examples.fairytale_questions("test")[:48]
    rows, _ = task.encode(reader.tokenizer, {"here": asked, "test": first}, Recipe(max_length=384))
    collate = task.collate(reader.tokenizer, None)
    outputs = {split: predict(reader.model, part, collate, task.gives) for split, part in rows.items()}
    assert task.score(outputs["here"], rows["here"])["f1"] > 0.6, task.answers(outputs["here"], rows["here"])
    assert task.score(outputs["test"], rows["test"])["f1"] == pytest.approx(STATED["test"]["f1"], abs=0.2)


def test_without_minilm_it_guesses_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(checkpoints, "minilm_folder", lambda: None)
    guessing = checkpoints.load("reader")
    assert (guessing.label, type(guessing.model).__name__) == ("storybook-bert", "BertForQuestionAnswering")
    told = capsys.readouterr().out
    assert told.startswith("reader → storybook-bert, ") and "(course fetch minilm), so its answers are guesses" in told


@needs_minilm
def test_a_damaged_adapter_is_one_line(tmp_path, monkeypatch):
    import shutil

    shutil.copytree(FOLDER, tmp_path / checkpoints.READER)
    file = tmp_path / checkpoints.READER / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    monkeypatch.setattr(checkpoints, "ASSETS", tmp_path)
    with pytest.raises(OSError, match=r"adapter_model.safetensors is damaged or was cut off .*: download or copy it"):
        checkpoints.load("reader")
