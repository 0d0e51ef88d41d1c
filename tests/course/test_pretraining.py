"""How the bundled checkpoints are made: the same weights whatever interrupts the run, and honest measurements."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from course import pretraining, reading
from course.pretraining import Recipe
from helpers.metrics import END_OF_TEXT

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = Recipe(
    width=16,
    layers=1,
    heads=2,
    vocabulary=300,
    context=16,
    batch=4,
    micro_batch=2,
    tokens=10 * 4 * 16,
    dropout_after=0.5,
    growing=0.0,
    held_out=("sea",),
)  # 10 steps, the last five with dropout

SENTENCES = {
    "hill": "The goat climbed the {} hill and looked at the {} village below, where a {} bell rang. ",
    "mill": "When the {} miller woke, the {} wheel stood still and the {} river had gone. ",
    "sea": "Nobody had seen the {} lighthouse since the {} storm, except one {} gull. ",
}
ADJECTIVES = ["old", "green", "quiet", "crooked", "silver", "lonely", "windy", "bright", "narrow", "hollow", "gentle"]


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> Path:
    """Three small books; `sea` is held out."""
    import random

    draw = random.Random(0)
    folder = tmp_path_factory.mktemp("books")
    for name, sentence in SENTENCES.items():
        lines = [sentence.format(*draw.choices(ADJECTIVES, k=3)) for _ in range(60)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run(books, out, recipe=TINY, **options):
    return pretraining.pretrain([str(books)], out, recipe, **options)


def weights(out: Path) -> dict:
    import torch

    return torch.load(out / "state.pt", weights_only=True)["model"]


def assert_same_weights(one: Path, other: Path) -> None:
    import torch

    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    different = [name for name in first if not torch.equal(first[name], second[name])]
    assert different == []


@pytest.fixture(scope="module")
def whole(books, tmp_path_factory):
    """An undisturbed run for each architecture: its folder and its metrics."""
    runs = {}
    for architecture in ("gpt2", "bert"):
        out = tmp_path_factory.mktemp("whole") / architecture
        runs[architecture] = out, run(books, out, replace(TINY, architecture=architecture))
    return runs


# --- the recipe --------------------------------------------------------------------------------


def test_steps_and_learning_rate():
    recipe = Recipe(batch=4, context=16, tokens=1000 * 4 * 16, learning_rate=0.01, warmup=0.1)
    assert recipe.steps == 1000
    rates = [recipe.learning_rate_at(step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01 / 100)
    assert rates[99] == rates[100] == pytest.approx(0.01)
    assert all(a < b for a, b in pairwise(rates[:100]))
    assert all(a > b for a, b in pairwise(rates[100:]))
    assert rates[550] == pytest.approx(0.005)
    assert 0 < rates[-1] < 1e-7
    assert recipe.learning_rate_at(1000) == pytest.approx(0, abs=1e-12)
    level = replace(recipe, level=0.6)
    rates = [level.learning_rate_at(step) for step in range(1000)]
    assert set(rates[100:601]) == {0.01} and all(a > b for a, b in pairwise(rates[600:]))
    assert rates[800] == pytest.approx(0.005) and 0 < rates[-1] < 1e-6
    assert Recipe(tokens=1).steps == 1


def test_bert_has_fewer_masks_to_fill_as_it_goes():
    recipe = replace(TINY, masked=0.1, masked_first=0.4, tokens=4 * 4 * 16)  # 4 steps
    assert [recipe.masked_at(step) for step in range(4)] == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert replace(recipe, tokens=1).masked_at(0) == 0.4


def test_windows_grow():
    recipe = replace(TINY, context=100, tokens=10 * 4 * 100, growing=0.8)
    assert [recipe.context_at(step) for step in range(10)] == [6, 6, 12, 12, 25, 25, 50, 50, 100, 100]
    assert replace(recipe, growing=0.0).context_at(0) == 100
    assert replace(recipe, context=8).context_at(0) == 1


def test_the_recipes_of_the_bundled_checkpoints_fit_the_course():
    for architecture, recipe in pretraining.RECIPES.items():
        assert recipe.architecture == architecture
        assert recipe.held_out == (() if architecture == "marian" else pretraining.HELD_OUT)
        assert recipe.batch % recipe.micro_batch == recipe.width % recipe.heads == 0


# --- the text ----------------------------------------------------------------------------------


def test_windows_are_a_function_of_seed_and_step_and_cover_the_text():
    import numpy as np

    ids = np.arange(1000)
    recipe = replace(TINY, batch=5)
    per_pass = (len(ids) - 1 - 16) // 16
    steps = math.ceil(per_pass / 5)
    first = [pretraining.windows(ids, step, recipe) for step in range(steps)]
    again = [pretraining.windows(ids, step, recipe) for step in reversed(range(steps))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    rows = np.concatenate(first)[:per_pass]
    assert rows.shape == (per_pass, 17)
    assert (np.diff(rows) == 1).all(), "a window is text as it stands: its labels are the next tokens"
    inputs = rows[:, :-1].ravel()
    assert len(set(inputs)) == len(inputs), "in one pass nothing is read twice"
    assert set(inputs) == set(range(inputs.min(), inputs.max() + 1)), "and nothing in between is left out"
    assert len(ids) - len(inputs) < 3 * 16
    assert (np.diff(rows[:, 0]) != 16).any(), "shuffled"
    other = np.concatenate([pretraining.windows(ids, step, replace(recipe, seed=1)) for step in range(steps)])
    assert not np.array_equal(other[:per_pass], rows)
    long_run = np.concatenate([pretraining.windows(ids, step, recipe) for step in range(20 * steps)])
    assert set(range(16, 984)) <= set(long_run.ravel()), "later passes cut elsewhere"


def test_a_text_that_is_too_short():
    import numpy as np

    with pytest.raises(ValueError, match=r"20 tokens: too few for windows of 16\. Use a smaller context"):
        pretraining.windows(np.arange(20), 0, TINY)


def test_a_held_out_name_that_is_not_there(books, tmp_path):
    with pytest.raises(ValueError, match=r"hold 3 .txt files and lack the held-out moon.*--held-out"):
        run(books, tmp_path / "out", replace(TINY, held_out=("moon",)))
    with pytest.raises(ValueError, match="lack the held-out rest"):
        pretraining.read_corpus([str(books)], ("hill", "mill", "sea"))
    assert not (tmp_path / "out").exists()


def test_an_archive_reads_like_its_folder(books, tmp_path):
    import tarfile

    with tarfile.open(tmp_path / "books.tar.xz", "w:xz") as archive:
        archive.add(books, arcname="books")
    assert pretraining.read_corpus([str(tmp_path / "books.tar.xz")], ("sea",)) == pretraining.read_corpus(
        [str(books)], ("sea",)
    )


def test_several_archives_and_books_that_are_read_more_often(books, tmp_path):
    for name in ("hill", "mill"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(name, encoding="utf-8")
    corpora = [str(tmp_path / name) for name in ("hill", "mill")]
    training, held_out = pretraining.read_corpus([*corpora, str(books)], ("sea",))
    assert list(training) == ["hill", "mill"] and list(held_out) == ["sea"]
    training, _ = pretraining.read_corpus([str(books), *corpora], ("sea",))
    assert training == {"hill": "hill", "mill": "mill"}, "a name that comes again is the later text"
    with pytest.raises(ValueError, match=r"no folder or archive .*gone\. Several corpora"):
        pretraining.read_corpus([str(books), str(tmp_path / "gone")], ("sea",))
    recipe = replace(TINY, often=("mi", "sea"), times=3)
    assert reading.in_one_pass(training, recipe) == ["hill", "mill", "mill", "mill"]
    assert reading.in_one_pass(training, TINY) == ["hill", "mill"]


def test_a_paragraph_with_a_slur_is_left_out_of_what_is_trained_on(tmp_path):
    text = "A goat.\nTwo Redskins came.\nA niggardly host.\nThe half-breed ran.\nThe end"
    for name in ("land", "sea"):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    training, held_out = pretraining.read_corpus([str(tmp_path)], ("sea",))
    assert training == {"land": "A goat.\nA niggardly host.\nThe end"}
    assert held_out == {"sea": text}, "what is measured stays what it was"


def test_each_text_begins_with_the_end_of_text_and_a_newline(books):
    texts, _ = pretraining.read_corpus([str(books)], ("sea",))
    tokenizer = pretraining.train_tokenizer(list(texts.values()), TINY)
    ids = pretraining.encode_books(tokenizer, ["The goat", "A bell"]).tolist()
    assert tokenizer.decode(ids) == f"{END_OF_TEXT}\nThe goat{END_OF_TEXT}\nA bell"
    assert ids.count(tokenizer.convert_tokens_to_ids(END_OF_TEXT)) == 2, "the marker is one token"


def test_the_storybooks(course_data):
    train, held_out = pretraining.read_corpus([str(course_data / "storybooks.tar.xz")], pretraining.HELD_OUT)
    assert (len(train), len(held_out)) == (40, 2)
    assert not any(text in train for text in held_out.values())


def test_masking():
    import torch
    from transformers import BertTokenizer

    names = [*reading.BERT_SPECIAL_TOKENS, *(f"w{i}" for i in range(495))]
    tokenizer = BertTokenizer(vocab={name: i for i, name in enumerate(names)})
    ids = torch.randint(0, 500, (400, 500), generator=torch.Generator().manual_seed(0))
    inputs, labels = pretraining.mask_tokens(ids, tokenizer, 0.15, torch.Generator().manual_seed(1))
    special, asked = ids < 5, labels != -100
    assert not (asked & special).any(), "special tokens are never asked for"
    assert torch.equal(labels[asked], ids[asked])
    assert torch.equal(inputs[~asked], ids[~asked])
    count = int(asked.sum())
    assert count / int((~special).sum()) == pytest.approx(0.15, abs=0.005)
    masked = inputs[asked] == tokenizer.mask_token_id
    kept = inputs[asked] == ids[asked]
    # About 30,000 draws: a share's standard deviation is below 0.003.
    assert float(masked.float().mean()) == pytest.approx(0.8, abs=0.01)
    assert float(kept.float().mean()) == pytest.approx(0.1 + 0.1 / 495, abs=0.01)
    replaced = inputs[asked][~masked & ~kept]
    assert len(replaced) / count == pytest.approx(0.1, abs=0.01)
    assert (replaced >= 5).all(), "a random token is a word, not a special token"
    assert len(set(replaced.tolist())) > 450


@pytest.mark.parametrize("architecture", ["gpt2", "bert"])
def test_a_tokenizer_is_trained_the_same_each_time(architecture, books):
    texts = list(pretraining.read_corpus([str(books)], ("sea",))[0].values())
    recipe = replace(TINY, architecture=architecture)
    first, *others = [pretraining.train_tokenizer(texts, recipe) for _ in range(3)]
    assert all(other.get_vocab() == first.get_vocab() for other in others)
    assert sorted(first.get_vocab().values()) == list(range(len(first)))
    special = reading.BERT_SPECIAL_TOKENS if architecture == "bert" else [pretraining.END_OF_TEXT]
    assert [first.convert_tokens_to_ids(token) for token in special] == list(range(len(special)))
    assert set(first.all_special_ids) == set(range(len(special)))
    line = texts[0].splitlines()[0]
    ids = first(line, add_special_tokens=False)["input_ids"]
    assert "".join(first.decode(ids).lower().split()) == "".join(line.lower().split())


# --- the run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ["gpt2", "bert"])
def test_stopped_and_resumed_is_as_if_undisturbed(architecture, books, whole, tmp_path):
    recipe = replace(TINY, architecture=architecture)
    out = tmp_path / "out"
    assert run(books, out, recipe, stop_after=3) == {"step": 3}
    run(books, out, recipe, stop_after=7, resume=True)  # seven steps: into the part with dropout
    run(books, out, recipe, resume=True)
    assert_same_weights(out, whole[architecture][0])


@pytest.mark.parametrize("architecture", ["gpt2", "bert"])
def test_the_written_model_loads_and_is_what_was_trained(architecture, whole):
    import torch
    from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    out, metrics = whole[architecture]
    assert AutoModel.from_pretrained(out / "model").dtype == torch.float16
    head = AutoModelForCausalLM if architecture == "gpt2" else AutoModelForMaskedLM
    model = head.from_pretrained(out / "model")
    trained = weights(out)
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, trained[name].half()), name
    tokenizer = AutoTokenizer.from_pretrained(out / "model")
    assert len(tokenizer) == model.config.vocab_size <= 300
    assert tokenizer.model_max_length == 16
    if architecture == "gpt2":
        assert model.config.activation_function == "gelu_new"
        assert tokenizer.decode(tokenizer("A gull – ünseen!")["input_ids"]) == "A gull – ünseen!"
        assert 0 < metrics["bits_per_character"]["all"] == pytest.approx(metrics["bits_per_character"]["sea"])
        assert metrics["bits_per_character_without_overlap"] >= metrics["bits_per_character"]["all"] - 0.05
    else:
        assert 0 <= metrics["masked_accuracy"] <= 1
    dropout = "resid_pdrop" if architecture == "gpt2" else "hidden_dropout_prob"
    assert getattr(model.config, dropout) == 0.1  # trained without, but who tunes it gets what the architecture has
    assert json.loads((out / "metrics.json").read_text()) == metrics
    assert json.loads((out / "recipe.json").read_text())["architecture"] == architecture
    last = json.loads((out / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 10


def test_a_run_learns(books, tmp_path):
    recipe = replace(TINY, tokens=60 * 4 * 16, learning_rate=0.02)
    run(books, tmp_path / "out", recipe, stop_after=50)
    rows = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [25, 50]
    assert rows[1]["loss"] < rows[0]["loss"] < math.log(300)


def test_a_run_with_growing_windows_asks_for_the_same_tokens(books, tmp_path, monkeypatch):
    """The pieces of a window hold its tokens in order; what does not fill a piece is left out."""
    import torch

    seen = []
    recipe = replace(TINY, architecture="bert", context=20, growing=1.0, masked=0.5, masked_first=0.5)
    forward = transformers_bert().forward

    def spy(self, input_ids=None, **options):
        if torch.is_grad_enabled():
            seen.append(tuple(input_ids.shape))
        return forward(self, input_ids=input_ids, **options)

    monkeypatch.setattr(transformers_bert(), "forward", spy)
    run(books, tmp_path / "out", replace(recipe, tokens=8 * 4 * 20))
    per_step = [shapes for shapes in zip(seen[::2], seen[1::2], strict=True)]
    assert [one for one, _ in per_step] == [(40, 1)] * 2 + [(20, 2)] * 2 + [(8, 5)] * 2 + [(4, 10)] * 2
    assert all(one == other for one, other in per_step)


def transformers_bert():
    from transformers import BertForMaskedLM

    return BertForMaskedLM


def test_bert_starts_with_the_frequencies_of_its_tokens(books):
    import numpy as np
    import torch

    recipe = replace(TINY, architecture="bert")
    texts = list(pretraining.read_corpus([str(books)], recipe.held_out)[0].values())
    tokenizer = pretraining.train_tokenizer(texts, recipe)
    ids = pretraining.encode_books(tokenizer, texts)
    model = pretraining.build_model(recipe, tokenizer)
    pretraining.start_at_frequencies(model, ids)
    shares = torch.softmax(model.cls.predictions.bias.detach(), 0).numpy()
    counts = np.bincount(ids, minlength=len(tokenizer)) + 1
    np.testing.assert_allclose(shares, counts / counts.sum(), rtol=1e-5)
    assert model.cls.predictions.decoder.bias is model.cls.predictions.bias


def test_validation_looks_into_every_held_out_text():
    sample = pretraining.slices({"one": "a" * 100 + "b" * 100, "two": "c" * 50}, count=2, size=10)
    assert sample == "\n".join(["a" * 10, "b" * 10, "c" * 10, "c" * 10])


def test_another_recipe_is_refused(books, whole, tmp_path):
    out = whole["gpt2"][0]
    before = (out / "recipe.json").read_text()
    with pytest.raises(
        ValueError, match=r"a different recipe \(layers, learning_rate\): resume it with its own options"
    ):
        run(books, out, replace(TINY, layers=2, learning_rate=1e-4), resume=True)
    assert (out / "recipe.json").read_text() == before


def test_a_folder_with_a_run_is_not_overwritten(books, whole):
    with pytest.raises(FileExistsError, match="holds a run already: add --resume to continue it, or name another"):
        run(books, whole["gpt2"][0])


def test_what_a_run_without_a_state_left_is_not_used(books, whole, tmp_path):
    out = tmp_path / "out"
    run(books, out, replace(TINY, vocabulary=270), stop_after=1)
    (out / "state.pt").unlink()
    run(books, out)
    assert_same_weights(out, whole["gpt2"][0])
    assert json.loads((out / "recipe.json").read_text())["vocabulary"] == 300


ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def test_killed_and_resumed_is_as_if_undisturbed(books, whole, tmp_path):
    """SIGKILL in the middle of a step after the first state; the rest of the run happens here."""
    import torch

    out = tmp_path / "out"
    program = (
        "from course import pretraining; import sys, time; accumulate = pretraining.accumulate\n"
        "def slow(*args):\n    time.sleep(0.2)\n    return accumulate(*args)\n"
        "pretraining.accumulate = slow\n"
        f"recipe = pretraining.{TINY!r}\n"
        "pretraining.pretrain(sys.argv[1], sys.argv[2], recipe, save_every=0)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(books), str(out)],
        # sums of as many threads as here: on some processors their last bit depends on it
        env=os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(torch.get_num_threads())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 120
    while not (out / "state.pt").exists():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < torch.load(out / "state.pt", weights_only=True)["step"] < 10
    run(books, out, resume=True)
    assert_same_weights(out, whole["gpt2"][0])


def test_two_processes_give_the_loss_of_one(books, tmp_path):
    """What `torchrun --nproc-per-node 2 -m course.cli pretrain` starts, without its launcher: gloo on the CPU."""
    recipe = replace(TINY, dropout=0.0)  # each process draws its own
    program = (
        "from course import pretraining; import sys\n"
        f"pretraining.pretrain(sys.argv[1], sys.argv[2], pretraining.{recipe!r}, stop_after=3)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    common = os.environ | ENVIRONMENT | ({"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {})
    world = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(books), str(tmp_path / "two")],
            env=common | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(printed)
    assert "2 process(es)" in printed[0]
    run(books, tmp_path / "one", recipe, stop_after=3)

    def last(name):
        return json.loads((tmp_path / name / "log.jsonl").read_text().splitlines()[-1])

    assert last("one")["step"] == last("two")["step"] == 3
    assert last("two")["loss"] == pytest.approx(last("one")["loss"], abs=1e-3)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    from transformers import AutoTokenizer

    start = pretraining.build_model(recipe, AutoTokenizer.from_pretrained(tmp_path / "one" / "tokenizer")).state_dict()
    apart, moved = (
        sum(float((one[name] - other[name]).square().sum()) for name in one) ** 0.5 for other in (two, start)
    )
    # Sums are formed in another order in bfloat16, and AdamW makes whole steps of gradients near zero.
    assert apart < 0.05 * moved, (apart, moved)


def test_the_command_says_a_mistake_in_one_line(books, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "state.pt").write_bytes(b"")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "course.cli",
            "pretrain",
            "gpt2",
            "--corpus",
            str(books),
            "--out",
            str(tmp_path / "out"),
        ],
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "holds a run already: add --resume" in done.stderr
    assert "Traceback" not in done.stderr


# --- measuring ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def storyteller(whole):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = whole["gpt2"][0] / "model"
    return AutoModelForCausalLM.from_pretrained(folder, dtype="float32"), AutoTokenizer.from_pretrained(folder)


def naive_bits(model, tokenizer, text: str, stride: int) -> float:
    """Token by token: each is predicted in the first window that holds it."""
    import torch

    ids = [tokenizer.convert_tokens_to_ids(pretraining.END_OF_TEXT), *tokenizer(text)["input_ids"]]
    context, bits = model.config.n_positions, 0.0
    for position in range(1, len(ids)):
        start = 0
        while position > start + context:
            start += stride
        with torch.no_grad():
            logits = model(torch.tensor([ids[start:position]])).logits[0, -1]
        bits -= float(torch.log_softmax(logits.double(), -1)[ids[position]]) / math.log(2)
    return bits / len(text)


@pytest.mark.parametrize("length", [5, 16, 17, 60, 231])
@pytest.mark.parametrize("stride", [None, 5, 16])
def test_bits_per_character_is_the_sum_over_single_predictions(length, stride, storyteller, books):
    model, tokenizer = storyteller
    text = (books / "sea.txt").read_text()[:length]
    expected = naive_bits(model, tokenizer, text, stride or 8)
    # float32 here, double there
    assert pretraining.bits_per_character(model, tokenizer, text, stride=stride) == pytest.approx(expected, rel=1e-5)


def test_bits_per_character_does_not_depend_on_the_batch(storyteller, books):
    model, tokenizer = storyteller
    text = (books / "sea.txt").read_text()[:500]
    values = [pretraining.bits_per_character(model, tokenizer, text, batch=batch) for batch in (1, 3, 64)]
    assert values == pytest.approx([values[0]] * 3, rel=1e-6)


def test_measuring_leaves_the_mode_as_it_was(storyteller):
    model, tokenizer = storyteller
    model.train()
    pretraining.bits_per_character(model, tokenizer, "a gull")
    assert model.training
    model.eval()
    pretraining.bits_per_character(model, tokenizer, "a gull")
    assert not model.training


def test_masked_accuracy_counts_what_is_right(whole):
    import types

    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(whole["bert"][0] / "model")
    ids = torch.randint(5, len(tokenizer), (320,), generator=torch.Generator().manual_seed(0))

    class Oracle(torch.nn.Linear):
        """Knows the text, except every token from half the vocabulary on."""

        def __init__(self):
            super().__init__(1, 1)
            self.calls = 0

        def forward(self, input_ids):
            rows = ids.view(-1, 16)[self.calls : self.calls + len(input_ids)]
            self.calls += len(input_ids)
            guess = torch.where(rows < middle, rows, 0)
            return types.SimpleNamespace(logits=torch.nn.functional.one_hot(guess, len(tokenizer)).float())

    middle = len(tokenizer) // 2
    recipe = replace(TINY, architecture="bert")
    _, labels = pretraining.mask_tokens(ids.view(-1, 16), tokenizer, 0.15, torch.Generator().manual_seed(1))
    asked = labels[labels != -100]
    expected = float((asked < middle).float().mean())
    assert 0.2 < expected < 0.8
    assert pretraining.masked_accuracy(Oracle(), tokenizer, ids.numpy(), recipe, batch=7) == pytest.approx(expected)


# --- pairs of sentences --------------------------------------------------------------------------

MARIAN = replace(TINY, architecture="marian", inner=32, context=24, tokens=10 * 4 * 24, held_out=(), vocabulary=200)
WORDS = {
    "old": "vieux",
    "big": "grand",
    "cat": "chat",
    "dog": "chien",
    "Tom": "Tom",
    "sleeps": "dort",
    "waits": "attend",
}


@pytest.fixture(scope="module")
def few_held_out():
    """Ten of the thousand sentences in each split: a tiny model need not translate them all."""
    from helpers import corpora

    complete = corpora.translations
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpora, "translations", lambda split="test": complete(split)[:10])
        yield complete


@pytest.fixture(scope="module")
def pairs(tmp_path_factory, few_held_out) -> Path:
    """A zip of pairs a line, with a held-out sentence in other dress, an empty side, and a line without a tab."""
    import random
    import zipfile

    draw = random.Random(0)
    rows = [draw.choices(list(WORDS), k=draw.randint(1, 6)) for _ in range(80)]
    lines = [f"{' '.join(row)}!\t{' '.join(WORDS[word] for word in row)} !\tnot read" for row in rows]
    held_out = few_held_out("test")[3][0].upper().replace(" ", "  ")
    path = tmp_path_factory.mktemp("pairs") / "pairs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_about.md", "no\tpair")
        archive.writestr("fra.txt", "\n".join([*lines, f"{held_out}\tnon", "empty\t ", "no tab", ""]))
    return path


@pytest.fixture(scope="module")
def marian(pairs, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "marian"
    return out, run(pairs, out, MARIAN)


@pytest.fixture(scope="module")
def encoded(pairs):
    read = reading.read_pairs(str(pairs))
    tokenizer = reading.train_tokenizer([sentence for pair in read for sentence in pair], MARIAN)
    return tokenizer, read, reading.Pairs(tokenizer, read)


def test_pairs_are_read_without_what_is_held_out(pairs, tmp_path):
    read = reading.read_pairs(str(pairs))
    assert len(read) == 80 and all(french.endswith(" !") for _, french in read)
    (tmp_path / "pairs.tsv").write_text("Two  cats.\tDeux\u202fchats.\tx\n", "utf-8")
    assert reading.read_pairs([str(tmp_path / "pairs.tsv")]) == [("Two cats.", "Deux chats.")]
    (tmp_path / "pairs.tsv").write_text("no tab\n", "utf-8")
    with pytest.raises(ValueError, match="hold no pairs: a pair is a line with a tab"):
        reading.read_pairs(str(tmp_path / "pairs.tsv"))


def test_no_sentence_of_the_test_is_trained_on(course_data):
    from helpers import corpora

    kept = {corpora.same_text(source) for source, _ in reading.read_pairs(str(course_data / "tatoeba-fra-eng.zip"))}
    for split in ("validation", "test"):
        assert not kept & {corpora.same_text(source) for source, _ in corpora.translations(split)}


def test_the_tokenizer_of_two_languages(encoded):
    tokenizer, read, _ = encoded
    again = reading.train_tokenizer([sentence for pair in read for sentence in pair], MARIAN)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert tokenizer.convert_tokens_to_ids(reading.MARIAN_SPECIAL_TOKENS) == [0, 1, 2]
    for sentence in read[0]:
        ids = tokenizer(sentence)["input_ids"]
        assert ids[-1] == tokenizer.eos_token_id and tokenizer.decode(ids, skip_special_tokens=True) == sentence
    assert "▁!" in tokenizer.tokenize(read[0][1]), "French writes a space before it"
    lines = ["l'eau n'est pas l'eau", "I'm sure you're l'eau"] * 9
    pieces = reading.train_tokenizer(lines, MARIAN).tokenize("l'eau, I'm")
    assert pieces[:2] == ["▁l'", "eau"] and "▁I'" in pieces


def test_a_pass_reads_each_pair_once_in_batches_of_like_length(encoded):
    _, read, data = encoded
    first = data._one_pass(0, MARIAN)
    assert sorted(i for batch in first for i in batch) == list(range(len(read)))
    assert data._one_pass(0, MARIAN) == first != data._one_pass(1, MARIAN)
    for step in (0, len(first) - 1, len(first), 3 * len(first), 2):
        inputs, labels = data.batch(step, MARIAN)
        assert inputs.numel() + labels.numel() <= MARIAN.batch * MARIAN.context
        assert int((labels == -100).sum()) <= 0.3 * labels.numel()
        again = reading.Pairs(encoded[0], read).batch(step, MARIAN)
        assert [rows.tolist() for rows in (inputs, labels)] == [rows.tolist() for rows in again]


def test_the_loss_is_that_of_the_library_and_ignores_padding(encoded):
    import torch

    tokenizer, _, data = encoded
    model = pretraining.build_model(MARIAN, tokenizer).eval()
    inputs, labels = data.padded([0, 1, 2, 3])
    assert (labels == -100).any() and (inputs == tokenizer.pad_token_id).any()
    with torch.no_grad():
        ours = float(pretraining.translation_loss(model, inputs, labels)) / int((labels != -100).sum())
        mask = (inputs != tokenizer.pad_token_id).long()
        theirs = float(model(input_ids=inputs, attention_mask=mask, labels=labels).loss)
        one = sum(float(pretraining.translation_loss(model, *data.padded([i]))) for i in range(4))
        smooth = float(pretraining.translation_loss(model, inputs, labels, 0.1))
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert one == pytest.approx(ours * int((labels != -100).sum()), rel=1e-4)
    assert smooth != pytest.approx(one, rel=1e-4)


def test_a_stopped_translator_is_resumed_as_if_undisturbed(pairs, marian, tmp_path):
    out = tmp_path / "out"
    assert run(pairs, out, MARIAN, stop_after=3) == {"step": 3}
    run(pairs, out, MARIAN, stop_after=7, resume=True)
    run(pairs, out, MARIAN, resume=True)
    assert_same_weights(out, marian[0])


def test_dropout_reaches_a_translator(encoded):
    import torch

    model = pretraining.build_model(MARIAN, encoded[0]).train()
    batch = encoded[2].padded([0, 1])
    losses = {}
    for share in (0.0, 0.3):
        pretraining.set_dropout(model, share)
        losses[share] = {round(pretraining.translation_loss(model, *batch).item(), 4) for _ in range(3)}
        torch.manual_seed(1)
    assert len(losses[0.0]) == 1 < len(losses[0.3])


def test_the_written_translator_loads_and_is_what_was_trained(marian):
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    out, metrics = marian
    model, tokenizer = (kind.from_pretrained(out / "model") for kind in (AutoModelForSeq2SeqLM, AutoTokenizer))
    trained = weights(out)
    for name, weight in model.state_dict().items():
        assert weight.dtype == torch.float16 and torch.equal(weight, trained[name].half()), name
    assert len(tokenizer) == model.config.vocab_size <= 200
    config, generation = model.config, model.generation_config
    assert config.decoder_start_token_id == tokenizer.pad_token_id and config.eos_token_id == tokenizer.eos_token_id
    assert (config.dropout, generation.num_beams, generation.max_length) == (0.1, 4, 24)
    assert {"bleu_greedy_first", "bleu_beams_all", "chrf_beams_first", "validation_loss"} < set(metrics)
    assert json.loads((out / "metrics.json").read_text()) == metrics


def test_what_was_translated_comes_in_the_order_of_the_sentences(encoded, monkeypatch):
    """Short sentences are translated first; a model that copies shows whether they come back to their places."""
    tokenizer, _, _ = encoded
    model = pretraining.build_model(MARIAN, tokenizer)
    monkeypatch.setattr(model, "generate", lambda input_ids, **options: input_ids)
    sentences = ["red cat eats!", "Tom!", "old old dog sleeps eats!", "dog!"]
    for batch in (1, 2, 3, 9):
        assert pretraining.translate(model, tokenizer, sentences, batch=batch) == sentences


def test_a_translator_learns(pairs, tmp_path):
    recipe = replace(MARIAN, tokens=120 * 4 * 24, learning_rate=0.02, warmup=0.1, dropout=0.0)
    metrics = run(pairs, tmp_path / "out", recipe)
    rows = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"] and metrics["steps"] == 120
