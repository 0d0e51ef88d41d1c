"""`course finetune`: the same weights whatever kills the run, in one process or two; figures and files that hold."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course import cli, finetuning, model_card
from course.finetuning import Recipe
from helpers.metrics import accuracy_and_f1, bootstrap_interval, confusion, figures

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = Recipe(epochs=3, batch=8, learning_rate=1e-2, precision="float32")
OPINIONS = {
    "bad": ["awful", "dull", "broken", "sour"],
    "fair": ["plain", "usual", "middling", "decent"],
    "good": ["lovely", "bright", "superb", "sweet"],
}
THINGS = ["soup", "film", "book", "lamp", "walk", "song", "chair", "train", "game", "coat", "tea", "map"]
FILLING = ["really", "perhaps", "of course", "on the whole", "as they say", "to my mind", "this time"]
ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
pytestmark = pytest.mark.usefixtures("one_thread")  # as in the child processes: sums are formed in the same order


def sentences(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Different texts of 9 to 20 words and their labels, which four words in each give away."""
    draw, made = random.Random(seed), {}
    while len(made) < count:
        label = draw.choice(list(OPINIONS))
        things = [draw.choice(THINGS) for _ in range(3)]
        middle = " ".join([*draw.sample(FILLING, draw.randrange(4)), *draw.choices(OPINIONS[label], k=4)])
        made["the {} was {} for {} and {} number {}".format(things[0], middle, *things[1:], draw.randrange(1000))] = (
            label
        )
    return list(made.items())


def table(path: Path, rows: list[tuple[str, str]], names: tuple[str, str] = ("text", "label")) -> Path:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


@pytest.fixture(scope="module")
def reviews(tmp_path_factory) -> Path:
    return table(tmp_path_factory.mktemp("data") / "reviews.csv", sentences(150))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A random BERT of two layers, 16 wide, with dropout, and its tokenizer."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

    folder = tmp_path_factory.mktemp("tiny") / "bert"
    known = sorted({word for text, _ in sentences(150) for word in text.split() if not word.isdigit()})
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known]
    inner = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="[UNK]"))
    inner.normalizer, inner.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        model_max_length=32,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    set_seed(0)
    config = BertConfig(
        vocab_size=len(names),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def still(tiny, tmp_path_factory) -> Path:
    """The same without dropout, which each process would draw for itself."""
    import shutil

    folder = shutil.copytree(tiny, tmp_path_factory.mktemp("still") / "bert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def whole(reviews, tiny, tmp_path_factory):
    """An undisturbed run: its folder and its metrics."""
    out = tmp_path_factory.mktemp("whole") / "out"
    return out, finetuning.finetune(str(reviews), out, str(tiny), TINY, save_every=1e9)


def weights(out: Path) -> dict:
    from safetensors.torch import load_file

    return load_file(out / "model.safetensors")


def assert_same_weights(one: Path, other: Path) -> None:
    import torch

    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


# --- the order --------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [8, 7])
def test_an_epoch_reads_every_text_once_in_an_order_of_seed_and_epoch(batch, reviews, tiny, tmp_path, monkeypatch):
    """Texts of similar length are in a batch; the next epoch and another seed have another order."""
    from transformers import Trainer

    seen, real = [], Trainer.training_step

    def spy(self, model, inputs, *arguments):
        seen.append(inputs["input_ids"])
        return real(self, model, inputs, *arguments)

    monkeypatch.setattr(Trainer, "training_step", spy)

    def epochs(name, **change):
        seen.clear()
        finetuning.finetune(str(reviews), tmp_path / name, str(tiny), replace(TINY, batch=batch, epochs=2, **change))
        steps = [[tuple(row[row != 0].tolist()) for row in ids] for ids in seen]
        return [steps[: len(steps) // 2], steps[len(steps) // 2 :]]

    first, second = epochs("one")
    assert len(first) == -(-90 // batch) and max(map(len, first)) == batch
    texts = sorted(row for step in first for row in step)
    assert len(texts) == 90 and texts == sorted(row for step in second for row in step)
    assert first != second and epochs("other", seed=1)[0] != first and epochs("same") == [first, second]

    def padding(rows):
        parts = [rows[k : k + batch] for k in range(0, len(rows), batch)]
        return sum(len(part) * max(map(len, part)) for part in parts) / sum(map(len, rows)) - 1

    assert padding([row for step in first for row in step]) < 0.7 * padding(random.Random(0).sample(texts, 90))
    longest = [[max(map(len, step)) for step in epoch] for epoch in (first, second)]
    sorted_together = 90 // (4 * batch)  # batches that Trainer sorts by length together, long ones first
    rises = [(k + 1) % sorted_together for one in longest for k in range(len(one) - 1) if one[k] < one[k + 1]]
    assert any(rises), "long batches do not come first"


# --- figures -----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
@settings(deadline=None)
def test_accuracy_and_f1_are_those_of_scikit_learn(pairs):
    from sklearn.metrics import accuracy_score, f1_score

    actual, predicted = map(np.array, zip(*pairs))
    accuracy, f1 = accuracy_and_f1(confusion(actual, predicted, 5))
    assert accuracy == pytest.approx(accuracy_score(actual, predicted))
    assert f1 == pytest.approx(f1_score(actual, predicted, average="macro", zero_division=0))


def test_the_interval_is_that_of_resampling_the_examples():
    table = np.array([[80, 20], [10, 290]])
    found = figures(table)
    expected = bootstrap_interval(np.repeat([1.0, 0.0], [370, 30]))
    assert found["accuracy"] == 0.925 and found["examples"] == 400
    # 2,000 resamples place an end within about a tenth of the interval's width.
    assert found["accuracy_interval"] == pytest.approx(expected, abs=0.004)
    low, high = found["macro_f1_interval"]
    assert 0.85 < low < found["macro_f1"] < high < 0.93


# --- the recipe --------------------------------------------------------------------------------


def test_layers_further_down_learn_slower(tiny):
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=3)
    groups = finetuning.parameter_groups(model, replace(TINY, learning_rate=1.0, layer_decay=0.5, weight_decay=0.1))
    rates = {id(weight): (group["lr"], group["weight_decay"]) for group in groups for weight in group["params"]}
    found = {name: rates.pop(id(weight)) for name, weight in model.named_parameters()}
    assert rates == {}
    assert found["classifier.weight"] == found["bert.pooler.dense.weight"] == (1.0, 0.1)
    assert found["classifier.bias"] == (1.0, 0.0)
    assert found["bert.encoder.layer.1.output.dense.weight"] == (0.5, 0.1)
    assert found["bert.encoder.layer.0.attention.self.query.weight"] == (0.25, 0.1)
    assert found["bert.encoder.layer.0.output.LayerNorm.weight"] == (0.25, 0.0)
    assert found["bert.embeddings.word_embeddings.weight"] == (0.125, 0.1)
    flat = finetuning.parameter_groups(model, TINY)
    assert {group["lr"] for group in flat} == {1e-2} and len(flat) == 2


def test_what_is_left_open_is_settled_by_the_checkpoint_and_the_device():
    import types

    import torch
    from families import tiny as family
    from transformers import AutoModel

    tokenizer = types.SimpleNamespace(model_max_length=10**30)
    small = family("bert", AutoModel, 99, max_position_embeddings=256)
    settled = Recipe().settle(small, tokenizer, "cpu")
    assert (settled.max_length, settled.learning_rate) == (256, 1e-4)
    wide = family("bert", AutoModel, 99, hidden_size=768, max_position_embeddings=1024)
    assert Recipe().settle(wide, tokenizer, "cpu").learning_rate == 3e-5
    assert Recipe().settle(wide, tokenizer, "cpu").max_length == 512
    assert Recipe(learning_rate=1.0, max_length=9).settle(small, tokenizer, "cpu").max_length == 9
    with pytest.raises(ValueError, match="--max-length 300: this checkpoint reads 256 tokens at most"):
        Recipe(max_length=300).settle(small, tokenizer, "cpu")
    assert Recipe().settle(family("roberta", AutoModel, 99), tokenizer, "cpu").max_length == 38, "it counts from 2"
    assert Recipe().settle(family("xlnet", AutoModel, 99), tokenizer, "cpu").max_length == 512, "it has no limit"
    assert finetuning.choose_precision("mps") == "float32"
    flags = "_is_avx512_bf16_supported", "_is_amx_tile_supported"
    with pytest.MonkeyPatch.context() as patch:
        for has, expected in ((False, "float32"), (True, "bfloat16")):
            for flag in flags:
                patch.setattr(torch.cpu, flag, lambda has=has: has, raising=False)
            assert finetuning.choose_precision("cpu") == expected
        for flag in flags:
            patch.delattr(torch.cpu, flag)
        assert finetuning.choose_precision("cpu") == "float32", "an older torch"


# --- the run -----------------------------------------------------------------------------------


def test_the_folder_is_one_that_pipeline_loads(whole, reviews):
    from transformers import pipeline

    out, _ = whole
    classify = pipeline("text-classification", model=str(out), device="cpu")
    texts = [text for text, _ in sentences(150)]
    answers = classify(texts, truncation=True)
    assert {answer["label"] for answer in answers} <= set(OPINIONS)
    right = np.mean([answer["label"] == label for answer, (_, label) in zip(answers, sentences(150))])
    assert right > 0.6, "it has learned what the words give away"


def test_metrics_are_those_of_the_saved_model(whole, reviews):
    from transformers import pipeline

    from helpers import corpora

    out, metrics = whole
    assert json.loads((out / "metrics.json").read_text()) == metrics
    data = corpora.load(str(reviews))
    names = data["test"].features["label"].names
    assert metrics["labels"] == names == sorted(OPINIONS)
    answers = pipeline("text-classification", model=str(out), device="cpu")(list(data["test"]["text"]))
    right = [answer["label"] == names[label] for answer, label in zip(answers, data["test"]["label"])]
    test = metrics["test"]
    assert test["accuracy"] == pytest.approx(np.mean(right))
    low, high = test["accuracy_interval"]
    assert low <= test["accuracy"] <= high and high - low < 0.5
    assert np.array(test["confusion"]).sum() == len(data["test"]) == test["examples"] == metrics["sizes"]["test"]
    counts = np.bincount(data["train"]["label"])
    assert test["majority"]["accuracy"] == pytest.approx(np.mean(np.array(data["test"]["label"]) == counts.argmax()))
    assert metrics["seconds"] > 0 and metrics["seed"] == 0 and metrics["device"] == "cpu"
    assert metrics["checkpoint"] == "bert from your folder"
    assert metrics["versions"]["transformers"]


def test_the_best_epoch_is_kept_or_the_last(whole, reviews, tiny, tmp_path):
    """The log for TensorBoard has all epochs; the saved weights are of the one that was best."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    out, metrics = whole
    log = EventAccumulator(str(out / "tensorboard")).Reload()
    scores = [event.value for event in log.Scalars("eval/macro_f1")]
    assert len(scores) == 3
    assert metrics["epoch"] == 1 + int(np.argmax(scores))
    assert metrics["validation"]["macro_f1"] == pytest.approx(max(scores), abs=1e-6)
    assert len(log.Scalars("train/loss")) == len(log.Scalars("train/learning_rate")) >= 20
    rising = replace(TINY, keep="last", epochs=1)
    assert finetuning.finetune(str(reviews), tmp_path / "last", str(tiny), rising)["epoch"] == 1


def test_what_else_is_in_the_folder(whole):
    from PIL import Image

    out, metrics = whole
    assert not (out / "checkpoints").exists()
    assert not list(out.glob("*.part"))
    for picture in ("curve.png", "confusion.png"):
        assert min(Image.open(out / picture).size) > 200
    recipe = json.loads((out / "recipe.json").read_text())
    assert recipe | asdict(TINY) | {"max_length": 32} == recipe
    card = (out / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlibrary_name: transformers\npipeline_tag: text-classification\n---\n# bert, fine-")
    assert "{" not in card and "bad, fair, good" in card
    test = metrics["test"]
    assert f"| test | {test['accuracy']:.3f} ({test['accuracy_interval'][0]:.3f} to" in card
    assert f"| test, always the most frequent label | {test['majority']['accuracy']:.3f} |" in card
    assert "90 texts for training, 30 for validation, 30 for the test" in card
    assert "a learning rate of 0.01" in card and "float32" in card
    assert "No text is in two splits" in card or "nearly repeat" in card
    right = int(np.trace(test["confusion"]))
    assert f"Of 30 test texts {right} are on the diagonal" in card


def test_stopped_between_epochs_and_within_one(reviews, tiny, whole, tmp_path, monkeypatch):
    """Each Ctrl-C comes a few steps later; every step is saved."""
    from transformers import Trainer

    out, done, real = tmp_path / "out", [0], Trainer.training_step

    def interrupted(self, *arguments, **options):
        if self.state.global_step == done[0] + 5:
            done[0] = self.state.global_step
            raise KeyboardInterrupt
        return real(self, *arguments, **options)

    monkeypatch.setattr(Trainer, "training_step", interrupted)
    for start in range(0, 36, 5):
        try:
            finetuning.finetune(str(reviews), out, str(tiny), TINY, resume=start > 0, save_every=0)
        except KeyboardInterrupt:
            continue
        break
    assert done[0] == 35
    assert_same_weights(out, whole[0])
    log = json.loads((out / "metrics.json").read_text())
    assert log["epoch"] == whole[1]["epoch"] and log["test"] == whole[1]["test"]


PROGRAM = """
import os, signal, sys, threading, time
sys.path.insert(0, {repository!r})
os.environ["COURSE_PROFILE"] = "offline"
import torch, safetensors.torch
from transformers import Trainer
from course import finetuning

torch.set_num_threads(1)
real_save, real_step, saves = torch.save, Trainer.training_step, [0]

def kill_in_the_middle(what, path, *arguments, **options):
    saves[0] += 1
    real_save(what, path, *arguments, **options)
    if {kill_at_save} == saves[0]:
        os.truncate(path, os.path.getsize(path) // 2)
        os.kill(os.getpid(), signal.SIGKILL)

def slow(*arguments, **options):
    time.sleep({pause})
    return real_step(*arguments, **options)

torch.save, Trainer.training_step = kill_in_the_middle, slow
recipe = finetuning.{recipe!r}
finetuning.finetune({data!r}, {out!r}, {checkpoint!r}, recipe, resume={resume}, save_every={save_every})
"""


def start(reviews, tiny, out, *, kill_at_save=0, pause=0.0, resume=False, save_every=0, recipe=TINY, **environment):
    program = PROGRAM.format(
        repository=str(REPOSITORY),
        recipe=recipe,
        data=str(reviews),
        out=str(out),
        pause=pause,
        checkpoint=str(tiny),
        resume=resume,
        save_every=save_every,
        kill_at_save=kill_at_save,
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_killed_in_a_step_and_resumed_is_as_if_undisturbed(reviews, tiny, whole, tmp_path):
    """SIGKILL from outside at a random moment between the first and the last step."""
    out = tmp_path / "out"
    process = start(reviews, tiny, out, pause=0.1)
    deadline = time.monotonic() + 240
    while not list(out.glob("checkpoints/*/trainer_state.json")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(random.uniform(0, 2.5))  # 36 steps of at least 0.1 s
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (out / "metrics.json").exists()
    finetuning.finetune(str(reviews), out, str(tiny), TINY, resume=True)
    assert_same_weights(out, whole[0])


def test_killed_while_it_saves_and_resumed_is_as_if_undisturbed(reviews, tiny, whole, tmp_path):
    """Half of a state is on the disk; torch.save is called three times a checkpoint."""
    out = tmp_path / "out"
    process = start(reviews, tiny, out, kill_at_save=random.randrange(4, 90))
    printed = process.communicate(timeout=240)[0]
    assert process.returncode == -signal.SIGKILL, printed
    broken = [path for path in out.glob("checkpoints/*") if not (path / "trainer_state.json").exists()]
    assert len(broken) == 1, "the kill hit a checkpoint"
    finetuning.finetune(str(reviews), out, str(tiny), TINY, resume=True)
    assert_same_weights(out, whole[0])


def test_killed_while_the_results_are_written(reviews, tiny, whole, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"

    def broken(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(model_card, "text", broken)
        with pytest.raises(KeyboardInterrupt):
            finetuning.finetune(str(reviews), out, str(tiny), TINY)
    (out / "model.safetensors").write_bytes(b"half")
    assert not (out / "metrics.json").exists()
    metrics = finetuning.finetune(str(reviews), out, str(tiny), TINY, resume=True)
    assert_same_weights(out, whole[0])
    capsys.readouterr()
    assert finetuning.finetune(str(reviews), out, str(tiny), TINY, resume=True) == metrics
    assert "is already finished" in capsys.readouterr().out.replace("\n", " ")


def losses(out: Path) -> list[float]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return [event.value for event in EventAccumulator(str(out / "tensorboard")).Reload().Scalars("train/loss")]


def test_two_processes_give_the_loss_curve_of_one(still, tmp_path):
    """What `accelerate launch` and torchrun start, without the launcher: gloo on the CPU, the same global batch.

    Full batches only: Trainer fills up a last one that processes cannot share equally, with texts from the beginning.
    """
    reviews = table(tmp_path / "even.csv", sentences(160))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    world = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    world |= {"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}
    processes = [
        start(reviews, still, tmp_path / "two", **world, RANK=str(rank), LOCAL_RANK=str(rank)) for rank in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(printed)
    assert "2 process(es) on cpu" in printed[0]
    assert "validation loss" not in printed[1]
    one = finetuning.finetune(str(reviews), tmp_path / "one", str(still), TINY)
    two = json.loads((tmp_path / "two" / "metrics.json").read_text())
    assert (one["processes"], two["processes"]) == (1, 2)
    alone, together = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(alone) == len(together) == 36, "96 texts in batches of 8 are 12 steps, in each of 3 epochs"
    assert np.mean(alone[-12:]) < 0.8 * np.mean(alone[:12]), "it learns, over the epochs; one batch says little"
    assert together == pytest.approx(alone, abs=1e-3)
    assert two["validation"]["accuracy"] == pytest.approx(one["validation"]["accuracy"], abs=1 / 30 + 1e-9)


def test_a_batch_that_processes_cannot_share(reviews, tiny, tmp_path, monkeypatch):
    from accelerate import PartialState

    monkeypatch.setitem(PartialState(cpu=True)._shared_state, "num_processes", 3)
    with pytest.raises(ValueError, match="--batch 8 cannot be divided among 3 processes"):
        finetuning.finetune(str(reviews), tmp_path / "out", str(tiny), TINY)
    assert not (tmp_path / "out").exists()


def test_odd_labels_and_rows_are_told_everywhere(tiny, tmp_path, recwarn, capsys):
    """In the console, in the model card and in the metrics; and a failed try is not in the way of the next."""
    strange = ["正面", "a" * 200, "costs $5 and $6 |", "سلبي"]
    rows = [(text, strange[i % 3]) for i, (text, _) in enumerate(sentences(60))]
    rows += [("so so", strange[3]), ("very plain", strange[3]), ("nothing", "")]
    path, out = table(tmp_path / "mine.csv", rows), tmp_path / "out"
    with pytest.raises(ValueError, match="line 64 has no label"):
        finetuning.finetune(str(path), out, str(tiny), replace(TINY, epochs=1))
    with pytest.raises(ValueError, match="--max-length 64: "):
        finetuning.finetune(str(path), out, str(tiny), replace(TINY, epochs=1, max_length=64), drop_missing=True)
    assert not out.exists()
    capsys.readouterr()
    metrics = finetuning.finetune(str(path), out, str(tiny), replace(TINY, epochs=1), drop_missing=True)
    assert metrics["absent"] == {"train": [], "validation": ["سلبي"], "test": []}
    assert metrics["labels"] == sorted(strange)
    told = capsys.readouterr().out
    card = (out / "README.md").read_text(encoding="utf-8")
    for text in (told, card):
        assert "1 row without a label left out, line 64 first" in text
        assert "No text of validation has the label 'سلبي'" in text
    assert f"Labels in the picture: 1 = {'a' * 79}…, 2 = costs $5 and $6 \\|, 3 = سلبي, 4 = 正面." in card
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message) or "layout" in str(warning.message)]


# --- mistakes ----------------------------------------------------------------------------------


def test_a_folder_with_something_in_it(whole, reviews, tiny, tmp_path):
    with pytest.raises(FileExistsError, match="holds a run already: add --resume to continue it, or name another"):
        finetuning.finetune(str(reviews), whole[0], str(tiny), TINY)
    (tmp_path / "letter.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(FileExistsError, match="not empty and holds no run of course finetune"):
            finetuning.finetune(str(reviews), tmp_path, str(tiny), TINY, resume=resume)
    with pytest.raises(FileExistsError, match="is a file"):
        finetuning.finetune(str(reviews), tmp_path / "letter.txt", str(tiny), TINY)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_resuming_with_other_options(reviews, tiny, tmp_path):
    (tmp_path / "recipe.json").write_text(
        json.dumps(
            {
                "data": str(reviews),
                "text": None,
                "label": None,
                "checkpoint": str(tiny),
                "resolved": "bert from your folder",
            }
            | asdict(replace(TINY, max_length=20))
        )
    )
    with pytest.raises(
        ValueError, match=r"a different one \(epochs: 3, now 5; seed: 0, now 1\): resume it with its own options"
    ):
        finetuning.finetune(str(reviews), tmp_path, str(tiny), replace(TINY, epochs=5, seed=1), resume=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", "comment"], "has no column 'comment'; it has text, label. Say which one to use: --text text."),
        (["--text", "text", "--label", "text"], "cannot both be the column 'text' of"),
        (["--data", "{folder}/header.csv"], "no header: its first line is"),
        (["--data", "{folder}/one_text.csv"], "'bad' occurs 20 times, but with one and the same text"),
        (["--data", "{folder}/empty.csv"], "line 3 has no label (2 such rows). Fill it in, or leave such rows out: --"),
        (["--data", "{folder}/lists.jsonl"], "line 1: the label is a list"),
        (["--data", "{folder}/rare.csv"], "'fair' occurs once, so it cannot be in training and test"),
        (["--data", "{folder}/one.csv"], "one label only (good)"),
        (["--data", "{folder}/gone.csv"], "gone.csv. Files are looked for in "),
        (["--data", "nosuch"], "Check the spelling and the network; --data reviews needs neither."),
        (["--data", "https://example.org/x.csv"], "is an address, not a file: download it and name the file."),
        (["--data", "~nouser9/x.csv"], "~nouser9/x.csv: nobody here has the home folder ~nouser9."),
        (["--checkpoint", "~nouser9/x"], "~nouser9/x: nobody here has the home folder ~nouser9."),
        (["--out", "~nouser9/x"], "~nouser9/x: nobody here has the home folder ~nouser9."),
        (["--data", "caf\udce9.csv"], "The name caf?.csv is not UTF-8: rename it."),
        (["--checkpoint", "{folder}/caf\udce9"], "caf? is not UTF-8: rename it."),
        (["--out", "{folder}/caf\udce9/out"], "caf?/out is not UTF-8: rename it."),
        (["--checkpoint", "{folder}/gone"], "There is no folder"),
        (["--checkpoint", "nobody/nothing"], "The checkpoint nobody/nothing: "),
        (["--max-length", "64"], "--max-length 64: this checkpoint reads 32 tokens at most"),
        (["--precision", "float16"], "--precision is 'float16'; it can be auto, float32, bfloat16"),
        (["--keep", "all"], "--keep is 'all'; it can be best, last"),
    ],
)
def test_mistakes_are_one_line(options, message, reviews, tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("COURSE_TRACEBACK", raising=False)
    monkeypatch.setattr("datasets.load_dataset", lambda name: (_ for _ in ()).throw(ConnectionError("no network")))
    table(tmp_path / "one.csv", [(text, "good") for text, _ in sentences(20)])
    table(tmp_path / "header.csv", [(text, "0") for text, _ in sentences(20)], ("so so", "0"))
    table(tmp_path / "one_text.csv", [("so so", "bad"), ("very good", "good")] * 20)
    table(tmp_path / "empty.csv", [("so so", "fair"), ("so good", ""), ("so bad", "")])
    (tmp_path / "lists.jsonl").write_text('{"text": "so so", "label": ["fair", "bad"]}\n')
    table(tmp_path / "rare.csv", [("so so", "fair"), *((text, "bad") for text, _ in sentences(20))])
    given = {"--data": str(reviews), "--checkpoint": str(tiny), "--out": str(tmp_path / "out")}
    given |= dict(zip(options[::2], (option.format(folder=tmp_path) for option in options[1::2])))
    monkeypatch.setattr(sys, "argv", ["course", "finetune", *(part for pair in given.items() for part in pair)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and message in lines[0], lines
    assert "corpora.load" not in lines[0] and "Notebooks" not in lines[0]
    assert not (tmp_path / "out").exists(), "nothing is left of a run that did not begin"
    assert not any(path.is_dir() for path in tmp_path.iterdir())


@pytest.mark.parametrize("name", ["roberta", "mpnet", "xlnet"])
def test_texts_as_long_as_the_model_takes(name, tmp_path):
    """Robertuito has 130 places and takes 128 tokens; its tokenizer does not say so."""
    from families import tiny as family
    from transformers import AutoModel, AutoTokenizer

    from helpers import checkpoints

    words = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert", model_max_length=int(1e30))
    family(name, AutoModel, len(words)).save_pretrained(tmp_path / name)
    words.save_pretrained(tmp_path / name)
    data = table(tmp_path / "long.csv", [(f"{text} " * 12, label) for text, label in sentences(40)])
    metrics = finetuning.finetune(str(data), tmp_path / "out", str(tmp_path / name), replace(TINY, epochs=1))
    assert metrics["cut"] == (0 if name == "xlnet" else 40)
    saved = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert saved.model_max_length == (512 if name == "xlnet" else 38)


@pytest.mark.parametrize("fault", ["no tokenizer", "weights", "added tokens"])
def test_a_checkpoint_that_cannot_serve_is_one_line(fault, reviews, tiny, tmp_path, monkeypatch, capsys):
    import shutil

    from transformers import AutoTokenizer

    folder = shutil.copytree(tiny, tmp_path / "mine")
    if fault == "no tokenizer":
        for file in folder.glob("tokenizer*"):
            file.unlink()
        words = f"The folder {folder} holds a model but no tokenizer"
    elif fault == "weights":
        (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
        words = f"{folder / 'model.safetensors'} is only a pointer of Git LFS"
    else:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.add_tokens([FILLING[0].split()[0] + "!"])
        tokenizer.save_pretrained(folder)
        reviews = table(tmp_path / "more.csv", [(f"{text} really!", label) for text, label in sentences(60)])
        words = "resize_token_embeddings"
    monkeypatch.setattr(
        sys,
        "argv",
        ["course", "finetune", "--data", str(reviews), "--checkpoint", str(folder), "--out", str(tmp_path / "out")],
    )
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert words in lines[-1] and lines[-1].startswith("Error: "), lines
    assert not any("Traceback" in line for line in lines) and not (tmp_path / "out").exists()


def test_the_command_hands_on_its_options(monkeypatch):
    from typer.testing import CliRunner

    seen = []
    monkeypatch.setattr(finetuning, "finetune", lambda *given, **named: seen.append((given, named)))
    done = CliRunner().invoke(
        cli.app,
        [
            "finetune",
            "--data",
            "mine.csv",
            "--text",
            "comment",
            "--label",
            "stars",
            "--checkpoint",
            "gpt2",
            "--out",
            "x",
            "--encoding",
            "cp1251",
            "--merge-labels",
            "--drop-missing",
            "--resume",
            "--epochs",
            "2",
            "--batch",
            "4",
            "--learning-rate",
            "0.001",
            "--max-length",
            "40",
            "--precision",
            "bfloat16",
            "--keep",
            "last",
            "--seed",
            "3",
        ],
    )
    assert done.exit_code == 0, done.output
    recipe = Recipe(epochs=2, batch=4, learning_rate=0.001, max_length=40, precision="bfloat16", keep="last", seed=3)
    assert seen == [
        (
            ("mine.csv", "x", "gpt2", recipe),
            {
                "task": "classification",
                "text": "comment",
                "label": "stars",
                "question": None,
                "passage": None,
                "answer": None,
                "encoding": "cp1251",
                "merge_labels": True,
                "drop_missing": True,
                "resume": True,
            },
        )
    ]


def test_help_states_the_defaults_of_the_recipe():
    from typer.testing import CliRunner

    shown = " ".join(CliRunner().invoke(cli.app, ["finetune", "--help"], env={"COLUMNS": "300"}).output.split())
    for value in (Recipe().epochs, Recipe().batch):
        assert f"[default: ({value})]" in shown
    assert "1e-4 up to 512 wide, 3e-5" in shown
    assert "pipeline" in shown and "--resume" in shown


def test_long_texts_are_cut_and_counted(tiny, tmp_path, capsys):
    rows = sentences(60)
    rows[0] = (rows[0][0] + " really" * 50, rows[0][1])
    metrics = finetuning.finetune(
        str(table(tmp_path / "long.csv", rows, ("comment", "stars"))),
        tmp_path / "out",
        str(tiny),
        replace(TINY, epochs=1),
        text="comment",
        label="stars",
    )
    assert metrics["cut"] == 1
    assert "1 of 60 texts are longer than 32 tokens, so they are cut" in capsys.readouterr().out
    assert "1 texts were longer than 32 tokens" in (tmp_path / "out" / "README.md").read_text()


def test_a_decoder_without_a_pad_token(reviews, tmp_path):
    """GPT-2: the classification head reads the last token, so the padding must be known to it."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, GPT2Config, GPT2Model

    folder = tmp_path / "gpt2"
    tokenizer = AutoTokenizer.from_pretrained(REPOSITORY / "helpers" / "assets" / "storybook-gpt2")
    tokenizer.save_pretrained(folder)
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, n_positions=64)
    GPT2Model(config).save_pretrained(folder)
    finetuning.finetune(str(reviews), tmp_path / "out", str(folder), replace(TINY, epochs=1, precision="bfloat16"))
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.pad_token_id == tokenizer.eos_token_id
    assert model.config.id2label == dict(enumerate(sorted(OPINIONS)))
