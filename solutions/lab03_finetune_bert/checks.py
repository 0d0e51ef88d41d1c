"""Fine-tuning BERT: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

import csv
import functools
import os
from pathlib import Path

import numpy as np

from course.authoring import Case, Lab, Part, written_numbers
from helpers import checkpoints

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "torch"})

LIBRARY = frozenset({"pad_sequence", "DataLoader", "batched", "accuracy_score", "f1_score", "LambdaLR", "SequentialLR"})

collate = Part(
    "collate",
    "A batch with padding, mask and labels",
    points={"equal lengths": 1, "padding": 2},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Which three keys should the dict have, and what is the shape of each value?",
        'Find the longest row first: `longest = max(len(row["input_ids"]) for row in rows)`.',
        "For each row, use `ids + [pad_id] * missing` and `[1] * len(ids) + [0] * missing`, with `missing = longest - len(ids)`.",
    ),
)


def _rows(rng, lengths):
    return [
        {"input_ids": rng.integers(1000, 30000, size=n).tolist(), "label": int(rng.integers(0, 5))} for n in lengths
    ]


@collate.cases
def collate_cases(rng):
    yield Case(
        ([{"input_ids": [101, 7, 102], "label": 1}, {"input_ids": [101, 8, 102], "label": 0}], 0), "equal lengths"
    )
    yield Case((_rows(rng, [4]), 0), "equal lengths")
    yield Case((_rows(rng, [int(rng.integers(2, 6))] * 3), 1), "equal lengths")
    yield Case(([{"input_ids": [101, 7, 8, 102], "label": 0}, {"input_ids": [101, 102], "label": 1}], 0), "padding")
    yield Case((_rows(rng, [3, 5, 2]), 0), "padding")
    yield Case((_rows(rng, [2, int(rng.integers(4, 8)), 3]), int(rng.integers(1, 50))), "padding")
    inside = _rows(rng, [3, 2])
    inside[0]["input_ids"][1] = inside[1]["input_ids"][0] = 3  # real tokens with the id of the padding
    yield Case((inside, 3), "padding")


learning_rate = Part(
    "learning_rate",
    "Warmup and decay",
    points={"warmup": 1, "decay": 1},
    imports=ALLOWED,
    banned=LIBRARY | {"get_linear_schedule_with_warmup"},
    atol=1e-12,
    hints=(
        "Draw it on paper for `steps` = 10, `warmup` = 2, `peak` = 1. What is the rate at steps 0, 1, 2, 6 and 10?",
        "There are two straight lines: one from (0, 0) to (warmup, peak) and one from (warmup, peak) to (steps, 0).",
        "Use `peak * step / warmup` while `step < warmup`, then `peak * max(0, steps - step) / (steps - warmup)`.",
    ),
)


@learning_rate.cases
def learning_rate_cases(rng):
    yield Case((1, 10, 2, 0.5), "warmup")
    yield Case((0, 10, 2, 0.5), "warmup")
    for _ in range(3):
        warmup = int(rng.integers(3, 12))
        yield Case(
            (int(rng.integers(1, warmup)), int(rng.integers(20, 60)), warmup, float(rng.uniform(1e-5, 1e-3))), "warmup"
        )
    yield Case((2, 10, 2, 0.5), "decay")
    yield Case((6, 10, 2, 0.5), "decay")
    yield Case((9, 10, 2, 0.5), "decay")
    yield Case((10, 10, 2, 0.5), "decay")
    yield Case((12, 10, 2, 0.5), "decay")
    yield Case((0, 10, 0, 0.5), "decay")
    for _ in range(3):
        warmup, steps = int(rng.integers(1, 9)), int(rng.integers(20, 60))
        yield Case((int(rng.integers(warmup + 1, steps)), steps, warmup, float(rng.uniform(1e-5, 1e-3))), "decay")


accuracy = Part(
    "accuracy",
    "Accuracy",
    points={"share": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "In the smallest case, how many predictions are there, and how many of them are right?",
        "Count the positions where prediction and label agree, whatever the label is.",
        "Use `sum(p == y for p, y in zip(predictions, labels)) / len(labels)`.",
    ),
)


@accuracy.cases
def accuracy_cases(rng):
    yield Case(([1, 0, 0], [1, 1, 0]), "share")
    yield Case(([0, 0, 1], [2, 0, 1]), "share")
    for size in (7, 11, 13):
        labels = rng.integers(0, 3, size=size)
        predictions = np.where(rng.random(size) < 0.6, labels, rng.integers(0, 3, size=size))
        yield Case((predictions.tolist(), labels.tolist()), "share")


macro_f1 = Part(
    "macro_f1",
    "Macro-F1",
    points={"every class predicted": 1, "a class never predicted": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "In the smallest case, count for each class how many are right, how many are wrongly called by its name, and how many are missed.",
        "The F1 of a class is 2·right / (2·right + wrongly called + missed). Over which classes should the mean be taken?",
        "Take `classes = sorted(set(labels))`, compute one F1 for each, and return their plain mean.",
    ),
)


@macro_f1.cases
def macro_f1_cases(rng):
    def draw(size):
        """Labels of three classes, some of them mistaken; of each class at least one is right."""
        labels = [0, 1, 2, *rng.choice(3, size=size - 3, p=[0.6, 0.3, 0.1]).tolist()]
        return [y if i < 3 or rng.random() < 0.5 else int(rng.integers(0, 3)) for i, y in enumerate(labels)], labels

    yield Case(([0, 0, 0, 0, 1], [0, 0, 0, 1, 1]), "every class predicted")
    yield Case(draw(9), "every class predicted")
    yield Case(draw(14), "every class predicted")
    yield Case(([1, 1], [1, 1]), "every class predicted")
    yield Case(([0, 3, 3, 7], [0, 0, 3, 7]), "every class predicted")  # classes are names: not 0, 1, 2, …
    names = rng.permutation(np.arange(2, 30))[:3]
    yield Case(tuple([int(names[c]) for c in row] for row in draw(11)), "every class predicted")
    yield Case(([0, 0, 0], [0, 0, 1]), "a class never predicted")
    yield Case(([4, 9, 4, 4], [4, 9, 9, 2]), "a class never predicted")
    yield Case(([0, 2, 1, 0], [0, 0, 1, 1]), "a class never predicted")
    predictions, labels = draw(12)
    yield Case(([min(p, 1) for p in predictions], labels), "a class never predicted")
    predictions, labels = draw(12)
    yield Case(
        ([p if rng.random() < 0.7 else 5 for p in predictions], [min(y, 1) for y in labels]), "a class never predicted"
    )


label_ids = Part(
    "label_ids",
    "Bug: labels as numbers",
    points={"fixed": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        'Which number does "positive" get if the first review is positive? And which if the first review is negative?',
        "The order of the names must not depend on the order of the rows, so sort the names.",
        "Use `order = sorted(set(names))`, then `[order.index(name) for name in names]`.",
    ),
)


@label_ids.cases
def label_ids_cases(rng):
    yield Case((["b", "a"],), "fixed")
    yield Case((["positive", "negative", "positive"],), "fixed")
    yield Case((["b", "A", "a", "B", "b"],), "fixed")  # as `sorted` has it: capitals first, digit by digit, é after z
    yield Case((["10", "9", "2", "10"],), "fixed")
    yield Case((["zoo", "école", "east"],), "fixed")
    words = ["travel", "Food", "film", "App", "course", "Shop", "food"]
    for size in (5, 8, 11):
        some = rng.permutation(words)[:4]
        yield Case(([str(rng.choice(some)) for _ in range(size - 4)] + [str(x) for x in some],), "fixed")


batches = Part(
    "batches",
    "Bug: rows that are never seen",
    points={"fixed": 1},
    imports=ALLOWED - {"torch"},
    banned=LIBRARY,
    hints=(
        "How many rows go in, and how many are in all your batches together?",
        "Batches start at 0, size, 2·size, …, as long as there is a row left.",
        "Use `[rows[i : i + size] for i in range(0, len(rows), size)]`.",
    ),
)


@batches.cases
def batches_cases(rng):
    yield Case(([1, 2, 3], 2), "fixed")
    yield Case(([1, 2, 3, 4], 2), "fixed")
    yield Case(([7], 3), "fixed")
    yield Case(([5, 5, 7, 5, 5], 2), "fixed")  # equal rows are different rows
    yield Case(([4, 4, 2], 1), "fixed")
    for size, count in ((3, 7), (4, 12), (3, 11)):
        yield Case((rng.integers(10, 99, size=count).tolist(), size), "fixed")


without_copies = Part(
    "without_copies",
    "Bug: copies of test texts",
    points={"fixed": 1},
    imports=ALLOWED | {"re", "string"},
    banned=LIBRARY,
    hints=(
        "Which training text looks the same as a test text to a reader, but is not the same string?",
        "Bring both sides into the same form before you compare: lower case, and one space between words.",
        'Use `key = lambda text: " ".join(text.lower().split())`, and keep `t` if `key(t)` is not among the keys of `test`.',
    ),
)


@without_copies.cases
def without_copies_cases(rng):
    yield Case((["Fine.", "Bad."], ["fine."]), "fixed")
    yield Case((["never  again", "Once more"], ["never again"]), "fixed")
    yield Case((["good", "Good food", "good"], ["Good food."]), "fixed")
    yield Case(
        (
            ["Never\tagain", "never   again", "never again\n", "Never\n \tagain", "never\r\nagain", "late"],
            ["never again"],
        ),
        "fixed",
    )
    yield Case((["never again", "late"], ["\tNEVER \n  again "]), "fixed")
    yield Case((["again never", "Never never again", "never", "never again again"], ["never again"]), "fixed")
    yield Case((["good bye", "goodbye", "can not"], ["cannot", "good-bye"]), "fixed")
    words = ["good", "bad", "food", "film", "never", "again", "most", "late"]

    def text():
        return " ".join(rng.permutation(words)[: int(rng.integers(2, 5))])

    for _ in range(3):
        test = [text().capitalize() for _ in range(3)]
        copies = [test[0], test[1].upper(), f" {test[2]} ".replace(" ", "  "), test[1].lower() + "\n"]
        copies += [test[2].replace(" ", "\t"), test[0].replace(" ", "   "), test[1].replace(" ", " \n ")]
        turned = " ".join(reversed(test[0].split()))
        train = [text(), text().capitalize(), text().upper(), turned, f"{test[1]} {test[1].split()[-1]}", *copies]
        train = [train[i] for i in rng.permutation(len(train))]
        yield Case(([*train, train[0]], test), "fixed")


epoch_loss = Part(
    "epoch_loss",
    "Bug: the loss of an epoch",
    points={"fixed": 1},
    imports=ALLOWED,
    banned=LIBRARY | {"fmean"},
    hints=(
        "A batch of 2 texts has the mean loss 1, and a batch of 1 text has the mean loss 4. What is the sum of the three losses?",
        "First compute the sum over all texts, then divide by their number.",
        "Use `sum(m * s for m, s in zip(means, sizes)) / sum(sizes)`.",
    ),
)


@epoch_loss.cases
def epoch_loss_cases(rng):
    yield Case(([1.0, 4.0], [2, 1]), "fixed")
    for count in (2, 3, 5):
        yield Case((rng.uniform(0.1, 2, size=count).tolist(), [*[8] * (count - 1), int(rng.integers(1, 7))]), "fixed")
    yield Case((rng.uniform(0.1, 2, size=4).tolist(), rng.permutation(np.arange(2, 20))[:4].tolist()), "fixed")


masked_mean = Part(
    "masked_mean",
    "Bug: padding in the mean",
    points={"fixed": 1},
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "For the first text of the smallest case, which vectors should be in the mean, and how many are there?",
        "Two things change: padding adds nothing to the sum, and you divide the sum by the number of real tokens.",
        "Use `(vectors * attention_mask[:, :, None]).sum(axis=1) / attention_mask.sum(axis=1, keepdims=True)`.",
    ),
)


@masked_mean.cases
def masked_mean_cases(rng):
    yield Case((np.array([[[2.0, 4.0, 6.0], [9.0, 9.0, 9.0]]]), np.array([[1, 0]])), "fixed")
    for texts, tokens, width in ((2, 3, 4), (3, 5, 2), (2, 4, 3)):
        lengths = [tokens, *rng.integers(1, tokens, size=texts - 1).tolist()]
        mask = (np.arange(tokens) < np.array(lengths)[:, None]).astype(int)
        yield Case((rng.normal(size=(texts, tokens, width)), mask), "fixed")
    yield Case((rng.normal(size=(3, 4, 3)), np.array([[0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]])), "fixed")


descend = Part(
    "descend",
    "Bug: gradients that pile up",
    points={"fixed": 1},
    imports=ALLOWED,
    banned=LIBRARY | {"backward"},
    hints=(
        "Print `gradient` after each batch. What does it hold at the start of the second batch?",
        "In a training loop with torch, which line comes before `loss.backward()`?",
        "`gradient = 0.0` belongs inside the loop over the batches.",
    ),
)


@descend.cases
def descend_cases(rng):
    yield Case(([([1.0], [1.0]), ([1.0], [1.0])], 0.25), "fixed")
    yield Case(([([1.0, 2.0], [1.0, 3.0])], 0.125), "fixed")
    for count in (2, 3, 4):
        drawn = [(rng.normal(size=size).tolist(), rng.normal(size=size).tolist()) for size in (2, 3, 3, 2)[:count]]
        yield Case((drawn, float(rng.uniform(0.05, 0.2))), "fixed")


BANDS = {0.66: 2, 0.72: 2, 0.75: 2}

DRAWN = 150  # of each label of the practice set; 500 of a private one

PRIVATE = "COURSE_PRIVATE"


@functools.cache
def _labeled(folder):
    """Sentences and labels that `predict` is scored on: the instructor's own from `folder`, else the reviews' test split.

    Raises ValueError when `folder` is given and holds no file sentences.tsv with at least 1,000 lines, at least 400 of
    each label: sentence, tab, 0 or 1.
    """
    if not folder:
        with open(checkpoints.ASSETS / "reviews/test.csv", encoding="utf-8", newline="") as file:
            return {row["text"]: int(row["label"] == "positive") for row in csv.DictReader(file)}
    path, found = Path(folder) / "sentences.tsv", {}
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise ValueError(f"{PRIVATE} names {folder}, but {path.name} in it cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        sentence, tab, label = line.rpartition("\t")
        if not line.strip() or (number == 1 and label.strip() == "label"):
            continue
        if not tab or label.strip() not in ("0", "1") or not sentence.strip():
            raise ValueError(f"{path}, line {number}: expected a sentence, a tab and a label, 0 or 1.")
        if found.setdefault(sentence, int(label)) != int(label):
            raise ValueError(f"{path}, line {number}: this sentence is also in the file with the other label.")
    positive = sum(found.values())
    if len(found) < 1000 or not 400 <= positive <= len(found) - 400:
        raise ValueError(
            f"{path} holds {len(found):,} different sentences, {positive:,} of them positive. A fair score needs "
            "at least 1,000, with at least 400 of each label."
        )
    return found


predict = Part(
    "predict",
    "Beat the baseline",
    points={f"at least {band:.2f}": points for band, points in BANDS.items()},
    imports=ALLOWED | {"transformers", "sklearn", "scipy", "pandas", "datasets", "tqdm", "re", "string", "helpers"},
    banned=frozenset({"pipeline", "load_dataset", "read_csv", "read_text", "questions", "data_file", "expected"}),
    stretch=True,
    hints=(
        "Score your function on the validation split first. Is it better there than giving every review the same label?",
        "Which words matter? Try pairs of words, a different strength of regularization, or naive Bayes instead of regression.",
        "Once you have chosen the settings on validation, train again on train and validation together.",
    ),
    judge="predict",
)


@predict.cases
def predict_cases(rng):
    known = _labeled(folder := os.environ.get(PRIVATE, ""))
    groups = [rng.permutation(sorted(s for s in known if known[s] == label)).tolist() for label in (0, 1)]
    each = min(500 if folder else DRAWN, *map(len, groups))  # as many of each label: the same for all is right for half
    drawn = rng.permutation([s for group in groups for s in group[:each]]).tolist()
    labels = [known[sentence] for sentence in drawn]
    for band in BANDS:
        facts = {"labels": labels, "needed": band, "public": not folder}
        yield Case((drawn,), f"at least {band:.2f}", facts)


LAB = Lab(
    "lab03_finetune_bert",
    "Fine-tuning BERT",
    [
        collate,
        learning_rate,
        accuracy,
        macro_f1,
        label_ids,
        batches,
        without_copies,
        epoch_loss,
        masked_mean,
        descend,
        predict,
        written_numbers("consistent"),
    ],
)
