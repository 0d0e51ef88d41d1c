"""The recorded experiments say how they were made, and hold what lessons 07 and 09 to 11 read from them."""

import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "notebooks" / "recorded").glob("*.json"))
TRAININGS = ("sweeps", "methods", "pretraining")  # of benchmarks/adaptation.py
SETTINGS = ("body", "method", "targets", "layer", "C", "rate", "examples", "seed", "epochs")
CHOSEN = ("targets", "layer", "C", "rate")
TEST_REVIEWS, VALIDATION_REVIEWS = 392, 128


def runs_of(record: dict) -> list[dict]:
    return [dict(zip(record["columns"], row, strict=True)) for row in record["runs"]]


def read(name: str) -> dict:
    return json.loads((ROOT / "notebooks" / "recorded" / f"{name}.json").read_text(encoding="utf-8"))


def test_there_are_records():
    assert {path.stem for path in RECORDS} >= {*TRAININGS, "copied"}


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_record_says_how_when_and_where(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["name"] == path.stem and record["about"] and record["recipe"]
    script = re.fullmatch(r"python (benchmarks/\w+\.py)( --only \w+)?( --seeds \d+)?", record["command"])
    assert script and (ROOT / script[1]).is_file()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", record["date"])
    assert {"python", "torch", "transformers", "numpy"} <= set(record["versions"])
    assert path.stem not in TRAININGS or "peft" in record["versions"]
    assert re.search(r"\d+ cores", record["machine"])
    assert not re.search(r"/(?:home|root|tmp|work)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_record_is_written_as_it_is_read(path, tmp_path, monkeypatch):
    from course import recorded

    record = read(path.stem)
    known = ("about", "command", "date", "recipe")
    own = {"name", "versions", "machine", "columns", "runs", *known}
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "recorded")
    file = recorded.write(
        path.stem,
        runs_of(record),
        packages=set(record["versions"]),
        **{key: record[key] for key in known},
        extra={key: value for key, value in record.items() if key not in own},
    )
    again = json.loads(file.read_text(encoding="utf-8"))
    here = ("versions", "machine")  # of the computer that writes
    assert list(again) == list(record) and set(again["versions"]) == set(record["versions"])
    assert {k: v for k, v in again.items() if k not in here} == {k: v for k, v in record.items() if k not in here}
    with pytest.raises(ValueError, match="different keys"):
        recorded.write("x", [{"a": 1}, {"b": 2}], packages=set(), **{key: record[key] for key in known})
    assert not (tmp_path / "recorded" / "x.json").exists()


def test_a_record_is_of_today_unless_a_date_is_given(tmp_path, monkeypatch):
    from course import recorded

    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    head = {"about": "a", "command": "c", "packages": set(), "recipe": {}}
    days = [f"{datetime.now(UTC):%Y-%m-%d}"]
    written = json.loads(recorded.write("x", [{"a": 1}], **head).read_text(encoding="utf-8"))
    days.append(f"{datetime.now(UTC):%Y-%m-%d}")
    assert written["date"] in days  # both, at midnight
    again = recorded.write("x", [{"a": 1}], **head, date="2020-02-02").read_text(encoding="utf-8")
    assert json.loads(again)["date"] == "2020-02-02"


@pytest.mark.parametrize("name", TRAININGS)
def test_runs_are_distinct_and_plausible(name):
    runs = runs_of(read(name))
    assert len({tuple(run[name] for name in SETTINGS) for run in runs}) == len(runs)
    for run in runs:
        assert 0.3 < run["test_accuracy"] < 1 and 0.3 < run["validation_accuracy"] < 1
        assert run["trainable"] > 0 and run["cpu_seconds"] >= 0


def test_margins_give_the_recorded_accuracy():
    from helpers import corpora

    data = corpora.load("reviews")
    for run in runs_of(read("methods")):
        for split, count in (("test", TEST_REVIEWS), ("validation", VALIDATION_REVIEWS)):
            margins, labels = run[f"{split}_margins"], list(data[split]["label"])
            assert len(margins) == count
            share = sum((margin > 0) == bool(label) for margin, label in zip(margins, labels, strict=True)) / count
            assert abs(share - run[f"{split}_accuracy"]) < 2 / count  # a margin rounded to 0 may have fallen either way


def test_methods_are_compared_on_the_same_seeds():
    record = read("methods")
    seeds = {m: [r["seed"] for r in runs_of(record) if r["method"] == m] for m in ("counts", "frozen", "lora", "full")}
    assert seeds["lora"] == seeds["full"] == list(range(record["seeds"])) and record["seeds"] >= 3
    assert seeds["counts"] == seeds["frozen"] == [0]  # no seed has a part in them
    assert {probe["method"] for probe in record["probes"]} == {"frozen", "lora", "full"}
    assert ("--seeds" in record["command"]) == (record["seeds"] != 20)


def test_methods_have_the_settings_that_validation_chose():
    sweeps = read("sweeps")
    for run in runs_of(read("methods")):
        assert {name: run[name] for name in CHOSEN} == sweeps["chosen"][run["method"]]
    for method, chosen in sweeps["chosen"].items():
        found = {}
        for run in runs_of(sweeps):
            if run["method"] == method:
                found.setdefault(tuple(run[name] for name in CHOSEN), []).append(run["validation_accuracy"])
        seeds = 2 if method in ("lora", "full") else 1
        means = {settings: sum(values) / seeds for settings, values in found.items() if len(values) == seeds}
        assert means[tuple(chosen.values())] == max(means.values())
        if seeds == 2:  # the finals were between the best of the first seed
            assert len(means) == 2 and sorted(values[0] for values in found.values())[-2:] == sorted(
                found[settings][0] for settings in means
            )


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_chosen_learning_rate_is_not_at_the_edge_of_the_sweep(method):
    """Lesson 07 says so: where the best is the largest that was tried, the sweep stopped too early."""
    sweeps = read("sweeps")
    chosen = sweeps["chosen"][method]
    runs = [run for run in runs_of(sweeps) if run["method"] == method and run["targets"] == chosen["targets"]]
    assert min(run["rate"] for run in runs) < chosen["rate"] < max(run["rate"] for run in runs)


def test_pretraining_is_compared_on_the_same_grid():
    runs = runs_of(read("pretraining"))
    grid = {
        body: {(run["examples"], run["seed"]) for run in runs if run["body"] == body}
        for body in ("words", "scratch", "storybook-bert", "MiniLM")
    }
    assert len(set(map(frozenset, grid.values()))) == 1 and len(grid["MiniLM"]) >= 6


def benchmark(name: str, monkeypatch):
    """The benchmark as a module; it looks away from its own folder, so the import path is put back."""
    import importlib.util

    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def adaptation(monkeypatch):
    return benchmark("adaptation", monkeypatch)


@pytest.fixture
def copied(monkeypatch):
    return benchmark("copied", monkeypatch)


def test_nothing_is_lost_when_the_benchmark_is_stopped(adaptation, tmp_path):
    work = tmp_path / "runs.jsonl"
    first, second = (adaptation.job("MiniLM", "full", seed, 16, rate=1e-4) for seed in (0, 1))
    adaptation.append(work, first)
    with work.open("a") as file:
        file.write('{"body": "Mini')  # killed while it wrote
    assert list(adaptation.read(work)) == [adaptation.key(first)]
    adaptation.append(work, second)
    assert list(adaptation.read(work)) == [adaptation.key(first), adaptation.key(second)]


def made(adaptation, accuracies):
    """Runs with these validation accuracies, as if they had been made."""
    return {adaptation.key(one): one | {"validation_accuracy": accuracy} for one, accuracy in accuracies}


def test_a_sweep_goes_on_until_the_best_rate_lies_inside(adaptation):
    def job(rate, seed=0):
        return adaptation.job("MiniLM", "full", seed, rate=rate)

    def rates(runs):
        return [one["rate"] for one in adaptation.tried_rates("full", "", runs)]

    first = [(job(rate), accuracy) for rate, accuracy in zip(rates({}), (0.7, 0.7, 0.7, 0.7, 0.8), strict=True)]
    assert rates(made(adaptation, first)) == [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]
    runs = made(adaptation, [*first, (job(3e-3), 0.75)])
    assert rates(runs) == [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]
    second = adaptation.finals("full", runs)
    assert [[(one["rate"], one["seed"]) for one in pair] for pair in second] == [
        [(1e-3, 0), (1e-3, 1)],
        [(3e-3, 0), (3e-3, 1)],
    ]
    assert adaptation.best_settings("full", runs) is None  # the second seed is missing
    runs |= made(adaptation, [(job(1e-3, 1), 0.5), (job(3e-3, 1), 0.7)])
    assert adaptation.best_settings("full", runs)["rate"] == 3e-3


def test_a_seed_counts_when_both_methods_have_it(adaptation, monkeypatch):
    chosen = {
        "counts": adaptation.job("words", "counts", 0, C=1.0),
        "frozen": adaptation.job("MiniLM", "frozen", 0, layer=3, C=1.0),
        "lora": adaptation.job("MiniLM", "lora", 0, targets="all-linear", rate=1e-3),
        "full": adaptation.job("MiniLM", "full", 0, rate=1e-4),
    }
    monkeypatch.setattr(adaptation, "best_settings", lambda method, runs: chosen[method])
    runs = made(adaptation, [(one, 0.8) for one in chosen.values()])
    assert adaptation.complete_seeds(runs) == 1
    runs |= made(adaptation, [(chosen["full"] | {"seed": 1}, 0.8), (chosen["lora"] | {"seed": 2}, 0.8)])
    assert adaptation.complete_seeds(runs) == 1 and adaptation.complete_seeds(runs, seeds=1) == 1


def test_drawn_reviews_are_balanced_and_follow_the_seed(adaptation):
    labels = adaptation.reviews()["train"]["label"]
    for size in adaptation.SIZES:
        rows = adaptation.drawn(size, 3)
        assert len(set(rows)) == size and sum(labels[i] for i in rows) == size // 2
    assert adaptation.drawn(64, 3) == adaptation.drawn(64, 3) != adaptation.drawn(64, 4)


def test_the_benchmark_refuses_to_mix_old_runs_in(adaptation, tmp_path):
    work = tmp_path / "runs.jsonl"
    adaptation.append(work, adaptation.job("MiniLM", "full", 0, 16, rate=1e-4))
    command = [sys.executable, str(ROOT / "benchmarks" / "adaptation.py"), "--work", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "--resume" in done.stderr


def test_copied_was_made_with_the_bundled_weights_and_the_benchmarks_settings(copied):
    record = read("copied")
    weights = hashlib.sha256((copied.MODEL / "model.safetensors").read_bytes()).hexdigest()
    assert record["recipe"]["weights"] == weights, "other weights: run benchmarks/copied.py again"
    recipe = {"prompt": copied.PROMPT, "new": copied.NEW, "n": copied.N, "ways": copied.WAYS, "people": copied.PEOPLE}
    assert recipe.items() <= record["recipe"].items()
    assert [run["way"] for run in runs_of(record)] == [*copied.WAYS, *copied.PEOPLE]


def test_books_hold_what_their_bytes_hold(copied, monkeypatch):
    """The table is made in parts. The planted fault: parts that do not overlap (without `+ self.LONG - 1`)."""
    monkeypatch.setattr(copied.Books, "PART", 100)
    rng = np.random.default_rng(0)
    text = bytes(rng.integers(97, 123, 5_000, dtype=np.uint8))
    books = copied.Books(text)
    there = [text[place : place + length] for place, length in rng.integers((0, 1), (4_950, 51), size=(400, 2))]
    assert all(sought in books for sought in [*there, text[:12], text[-12:], text[94:106]])
    assert not any(sought + b"!" in books for sought in there)


def test_copied_shares_and_intervals_follow_from_the_counts(copied):
    runs = runs_of(read("copied"))
    texts = len(runs[0]["counts"])
    assert texts >= 40
    for run in runs:
        shares = [count / (copied.NEW - copied.N + 1) for count in run["counts"]]
        assert len(shares) == texts and 0 <= min(shares) <= max(shares) <= 1
        assert run["copied"] == pytest.approx(sum(shares) / texts, abs=1e-4)
        assert (run["low"], run["high"]) == pytest.approx(copied.interval(shares), abs=2e-3)
        assert run["low"] <= run["copied"] <= run["high"]
        assert run["times"] <= sum(run["counts"]) and (run["longest"] >= copied.N) == (sum(run["counts"]) > 0)


def test_lesson_09_shows_the_copied_record_as_it_is():
    lesson = json.loads((ROOT / "notebooks" / "09_decoding_and_cache.ipynb").read_text(encoding="utf-8"))
    outputs = {cell["id"]: json.dumps(cell.get("outputs"), ensure_ascii=False) for cell in lesson["cells"]}
    record = read("copied")
    assert record["date"] in outputs["copied"]
    for run in runs_of(record):
        assert f"{run['way']} {100 * run['copied']:.1f}" in outputs["copied"]
        assert run["way"] in outputs["copied-what"] and str(run["longest"]) in outputs["copied-what"]


def test_a_reach_is_the_longest_run_from_each_token_that_stands_in_the_books(copied):
    books = b"the cat sat on the mat\0on the cat"
    words = ["the", " cat", " sat", " on", " the", " cat", " ran", " mat"]
    naive = [
        max(n for n in range(len(words) - start + 1) if "".join(words[start : start + n]).encode() in books)
        for start in range(len(words))
    ]
    assert copied.reaches(words, "".join, books) == naive == [5, 4, 3, 2, 2, 1, 0, 1]


def test_copied_pieces_are_counted_in_each_text(copied, monkeypatch):
    monkeypatch.setattr(copied, "N", 2)
    monkeypatch.setattr(copied, "NEW", 4)
    prompts, rows = [list("pq"), list("rs"), list("tu")], [list("xbcb"), list("abca"), list("zzzz")]
    line = copied.measured("a way", prompts, rows, "".join, b"abc\0bca")
    assert line["counts"] == [1, 3, 0] and line["copied"] == pytest.approx(4 / 9, abs=1e-4)
    assert (line["favorite"], line["times"], line["longest"], line["passage"]) == ("bc", 2, 3, "abc")
    assert line["prompt"] == "rs"  # of the text that has this passage


def test_without_the_books_the_benchmark_says_so_and_leaves_the_record(copied, monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(copied.recorded, "FOLDER", tmp_path / "recorded")
    assert copied.main() == 0 and "COURSE_DATA" in capsys.readouterr().out
    assert not (tmp_path / "recorded").exists()


# --- what lesson 10 shows of a generator that reads ------------------------------------------------


@pytest.fixture
def retrieval(monkeypatch):
    return benchmark("retrieval", monkeypatch)


def test_the_retrieval_record_is_of_this_recipe_and_these_questions(retrieval):
    from helpers import checkpoints, corpora
    from helpers.reference.answers import normalized

    record, tales = read("retrieval"), corpora.fairytales("test")
    recipe = {"questions": retrieval.QUESTIONS, "new": retrieval.NEW, "ask": retrieval.ASK, "read": retrieval.READ}
    assert recipe.items() <= record["recipe"].items()
    assert record["recipe"]["weights"] == checkpoints.SMOLLM2_SHA256, "other weights: run benchmarks/retrieval.py again"
    runs = runs_of(record)
    assert [run["way"] for run in runs] == ["alone", "found", "right"] * retrieval.QUESTIONS
    assert [run["question"] for run in runs[::3]] == retrieval.drawn(tales)
    for run in runs:
        question = tales.questions[run["question"]]
        if run["way"] == "right":
            assert (run["section"],) == question.sections
            text = normalized(tales.sections[run["section"]].text)
            assert any(normalized(answer) in text for answer in question.answers)
        assert (run["section"] is None) == (run["way"] == "alone")
    for alone, found, right in zip(*(runs[k::3] for k in range(3)), strict=True):
        assert alone["question"] == found["question"] == right["question"]
        assert found["section"] != right["section"] or found["reply"] == right["reply"], "one prompt has one reply"


def test_a_prompt_has_the_section_only_where_there_is_one(retrieval):
    alone = retrieval.prompt_of("Who ran?", None)
    assert "Question: Who ran?" in alone and "text above" not in alone
    assert retrieval.prompt_of("Who ran?", "The fox ran.").startswith("The fox ran.\n\n")


# --- what lesson 11 shows of SmolLM2's translations ---------------------------------------------------


def test_the_recorded_translations_have_the_recorded_scores():
    from helpers import corpora
    from helpers.reference import translation

    record = read("translation")
    first = [known[:1] for _, known in corpora.translations("test")][: record["recipe"]["sentences"]]
    assert [run["way"] for run in runs_of(record)] == ["asked", "three examples"]
    for run in runs_of(record):
        assert round(translation.bleu(run["answers"], first), 2) == run["bleu"]
        assert round(translation.chrf(run["answers"], first), 2) == run["chrf"]
