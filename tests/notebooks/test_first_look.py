"""What lesson 06 opens with is recorded by the lesson's own recipe, and belongs to the validation reviews."""

import ast
import importlib.util
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD = json.loads((ROOT / "notebooks" / "recorded" / "first_look.json").read_text("utf-8"))
LESSON = nbformat.read(ROOT / "notebooks" / "06_finetune_bert.ipynb", as_version=4)


def source(name: str) -> str:
    (cell,) = [cell for cell in LESSON.cells if cell.id == name]
    return cell.source


@pytest.fixture
def benchmark(monkeypatch):
    """The benchmark as a module; it looks away from its own folder, so the import path is put back."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("first_look", ROOT / "benchmarks" / "first_look.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_recipe_is_the_lessons(benchmark):
    assert RECORD["recipe"] == benchmark.RECIPE
    values = {s.targets[0].id: ast.literal_eval(s.value) for s in ast.parse(source("parameters")).body}
    assert (values["EPOCHS"], values["BATCH"]) == (RECORD["recipe"]["epochs"], RECORD["recipe"]["batch"])
    arguments = source("arguments-set")
    for said in ("warmup_steps=0.1,", 'train_sampling_strategy="group_by_length"', 'metric_for_best_model="loss"'):
        assert said in arguments
    assert f"else {RECORD['recipe']['learning_rate']:.0e})".replace("e-0", "e-") in source("arguments")


def test_counting_words_gives_the_recorded_probabilities(benchmark):
    from helpers import corpora

    counted = benchmark.counted(corpora.load("reviews"))
    assert len(RECORD["runs"]) == len(counted) == 128
    for (recorded, reading), now in zip(RECORD["runs"], counted, strict=True):
        assert recorded == pytest.approx(now, abs=2e-3) and 0 <= reading <= 1


def test_the_picture_shows_what_the_lesson_says_of_it():
    from helpers import corpora

    data = corpora.load("reviews")["validation"]
    shown = ast.literal_eval(re.search(r"look\.loc\[(\[[\d, ]+\])\]", source("opening"))[1])
    counting, reading = ([(RECORD["runs"][row][k] > 0.5) == bool(data["label"][row]) for row in shown] for k in (0, 1))
    assert counting == [False] * 5 and sorted(reading) == [False, True, True, True, True]
