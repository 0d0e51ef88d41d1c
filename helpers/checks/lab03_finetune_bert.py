"""The parts of lab03_finetune_bert: right answers, cases, and the wrong answers that people give."""

from __future__ import annotations

import csv
import functools
import math
import os
from pathlib import Path

import numpy as np

from helpers.checks.parts import Case, Lab, Part

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "torch"})
LIBRARY = frozenset({"pad_sequence", "DataLoader", "batched", "accuracy_score", "f1_score", "LambdaLR", "SequentialLR"})


# --- 1. collate -------------------------------------------------------------------------------------


def _collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    ids = np.full((len(rows), longest), pad_id)
    mask = np.zeros((len(rows), longest), dtype=int)
    for i, row in enumerate(rows):
        ids[i, : len(row["input_ids"])] = row["input_ids"]
        mask[i, : len(row["input_ids"])] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": np.array([row["label"] for row in rows])}


collate = Part(
    "collate",
    "A batch with padding, mask and labels",
    points={"equal lengths": 1, "padding": 2},
    answer=_collate,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Which three keys does the question name, and what is the shape of each value?",
        'Find the longest row first: `longest = max(len(row["input_ids"]) for row in rows)`.',
        "For each row: `ids + [pad_id] * missing` and `[1] * len(ids) + [0] * missing`, with `missing = longest - len(ids)`.",
    ),
)


def _rows(rng, lengths):
    return [
        {"input_ids": rng.integers(1000, 30000, size=n).tolist(), "label": int(rng.integers(0, 5))} for n in lengths
    ]


@collate.cases
def _(rng):
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


def _batch(rows, pad_id, longest=None, left=False, **changed):
    batch = {"input_ids": [], "attention_mask": [], "labels": [row["label"] for row in rows]}
    longest = longest or max(len(row["input_ids"]) for row in rows)
    for row in rows:
        ids = row["input_ids"][:longest]
        pad, real = [pad_id] * (longest - len(ids)), [1] * len(ids)
        batch["input_ids"].append(pad + ids if left else ids + pad)
        batch["attention_mask"].append([0] * len(pad) + real if left else real + [0] * len(pad))
    return batch | {k: f(batch) for k, f in changed.items()}


@collate.mistake(
    "padded on the left",
    "The padding stands before the text; here it belongs behind it.",
    "Where does `[CLS]` stand in your shorter rows, and where does BERT's head look for it?",
    "`ids + [pad_id] * missing`, and the mask in the same order.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, left=True)


@collate.mistake(
    "padded with 0 whatever pad_id is",
    "With `pad_id` 0 it is right, with another one your padding is still 0.",
    "Which argument says what to pad with?",
    "`[pad_id] * missing` in the ids; the 0 belongs in the mask.",
)
def _(rows, pad_id):
    return _batch(rows, 0)


@collate.mistake(
    "mask taken from the ids",
    "A real token that happens to have the id `pad_id` is masked: the mask was made by comparing ids.",
    "Can a token inside a text have the id `pad_id`?",
    "What do you know for sure about each row before it is padded?",
    "Build the mask from the length: `[1] * len(ids) + [0] * missing`.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, attention_mask=lambda b: [[int(i != pad_id) for i in row] for row in b["input_ids"]])


@collate.mistake(
    "mask reversed",
    "Your mask is 1 for padding and 0 for tokens: the opposite of what BERT reads.",
    "What does `attention_mask` say about a row without padding?",
    "1 for a token, 0 for padding.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, attention_mask=lambda b: [[1 - m for m in row] for row in b["attention_mask"]])


@collate.mistake(
    "padded to a fixed length",
    "Every row has 128 places: padded to a fixed length, not to the longest row of the batch.",
    "How long is the longest row of this batch?",
    '`longest = max(len(row["input_ids"]) for row in rows)`.',
)
def _(rows, pad_id):
    return _batch(rows, pad_id, 128)


@collate.mistake(
    "padded to a fixed length",
    "Every row has 512 places: padded to a fixed length, not to the longest row of the batch.",
    "How long is the longest row of this batch?",
    '`longest = max(len(row["input_ids"]) for row in rows)`.',
)
def _(rows, pad_id):
    return _batch(rows, pad_id, 512)


@collate.mistake(
    "cut to the shortest row",
    "Long texts lost their ends: every row is cut to the shortest one.",
    "Which row decides how wide the batch is?",
    "`max`, not `min` (and `zip` stops at the shortest, too).",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, min(len(row["input_ids"]) for row in rows))


@collate.mistake(
    "label instead of labels",
    "The ids and the mask are there, but the key is `label`; models expect `labels`.",
    "What is the name of the argument of the model that takes the answers?",
    'The rows say `"label"`, the batch `"labels"`.',
)
def _(rows, pad_id):
    batch = _batch(rows, pad_id)
    return {k.replace("labels", "label"): v for k, v in batch.items()}


@collate.mistake(
    "rows not padded",
    "The rows still have different lengths: nothing was added to the short ones.",
    "Can rows of 4 and of 2 numbers make a rectangle?",
    "Add `[pad_id] * (longest - len(ids))` to each row.",
)
def _(rows, pad_id):
    batch = _batch(rows, pad_id)
    return batch | {
        "input_ids": [row["input_ids"] for row in rows],
        "attention_mask": [[1] * len(row["input_ids"]) for row in rows],
    }


@collate.mistake(
    "rows not padded",
    "NumPy and torch make no array of rows that differ in length: nothing was added to the short ones.",
    "Can rows of 4 and of 2 numbers make a rectangle?",
    "Add `[pad_id] * (longest - len(ids))` to each row first.",
)
def _(rows, pad_id):
    ids = np.array([row["input_ids"] for row in rows])
    return _batch(rows, pad_id, input_ids=lambda b: ids)


@collate.mistake(
    "ids padded, mask not",
    "The ids make a rectangle, the rows of the mask have different lengths.",
    "What does the mask say about the places that you added?",
    "`[1] * len(ids) + [0] * missing`.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, attention_mask=lambda b: [[1] * len(row["input_ids"]) for row in rows])


@collate.mistake(
    "mask of ones",
    "The mask is 1 everywhere: the model would read the padding as text.",
    "What should the mask say about the places that you added?",
    "0 for each place of padding.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, attention_mask=lambda b: [[1] * len(row) for row in b["input_ids"]])


@collate.mistake(
    "mask of booleans",
    "The mask is right but for its type: integers 1 and 0 are asked for.",
    "What is the dtype of your mask?",
    "`int(…)` for each value, or `.astype(int)`.",
)
def _(rows, pad_id):
    return _batch(rows, pad_id, attention_mask=lambda b: [[bool(m) for m in row] for row in b["attention_mask"]])


@collate.mistake(
    "no mask",
    "`attention_mask` is missing: without it the model reads the padding as text.",
    "Which three keys does the question name?",
    'Add `"attention_mask"`: 1 for a token, 0 for padding.',
)
def _(rows, pad_id):
    batch = _batch(rows, pad_id)
    del batch["attention_mask"]
    return batch


@collate.mistake(
    "labels one row each",
    "Your labels have the shape (rows, 1); one plain number for each row is asked for.",
    "What is the shape of your labels?",
    '`[row["label"] for row in rows]`: no second pair of brackets.',
)
def _(rows, pad_id):
    return _batch(rows, pad_id, labels=lambda b: [[x] for x in b["labels"]])


@collate.mistake(
    "`return` inside the loop",
    "Only the first row comes back: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(rows, pad_id):
    return {key: found[:1] for key, found in _batch(rows, pad_id).items()}


@collate.sign(
    "one row, many times",
    "All rows are alike: `[[…] * width] * n` makes one list and names it n times, so that every change shows in all rows.",
    "After `table = [[0] * 2] * 3` and `table[0][0] = 7`: what is `table[1]`?",
    "`[[pad_id] * longest for _ in rows]` makes a new list for each row.",
)
def _(inputs, expected, outcome):
    found = (
        ([list(row) for row in outcome.output[key]], expected[key].tolist()) for key in ("input_ids", "attention_mask")
    )
    return any(got != right and all(row == got[0] for row in got) for got, right in found)


@collate.mistake(
    "labels from 0 and 1 only",
    "The labels are turned into 0 or 1, but they should stay as they are.",
    "What becomes of the label 3?",
    '`[row["label"] for row in rows]`.',
)
def _(rows, pad_id):
    return _batch(rows, pad_id, labels=lambda b: [int(bool(x)) for x in b["labels"]])


# --- 2. learning rate -------------------------------------------------------------------------------


def _learning_rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * step / warmup
    return peak * max(0, steps - step) / (steps - warmup)


learning_rate = Part(
    "learning_rate",
    "Warmup and decay",
    points={"warmup": 1, "decay": 1},
    answer=_learning_rate,
    imports=ALLOWED,
    banned=LIBRARY | {"get_linear_schedule_with_warmup"},
    atol=1e-12,
    hints=(
        "Draw it on paper for `steps` = 10, `warmup` = 2, `peak` = 1: which values do steps 0, 1, 2, 6 and 10 have?",
        "Two straight lines: one from (0, 0) to (warmup, peak), one from (warmup, peak) to (steps, 0).",
        "`peak * step / warmup` while `step < warmup`, then `peak * max(0, steps - step) / (steps - warmup)`.",
    ),
)


@learning_rate.cases
def _(rng):
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


@learning_rate.mistake(
    "the first step is not 0",
    "Your warmup is one step early: at step 0 the rate is already above 0.",
    "What does the question say about step 0?",
    "`step / warmup`, not `(step + 1) / warmup`.",
)
def _(step, steps, warmup, peak):
    return peak * (step + 1) / warmup if step < warmup else _learning_rate(step, steps, warmup, peak)


@learning_rate.mistake(
    "the last step is 0",
    "Your rate reaches 0 one step early, at step `steps - 1`; its update would change nothing.",
    "At which step does the question put the 0?",
    "Divide `steps - step` by `steps - warmup`, without a further - 1.",
)
def _(step, steps, warmup, peak):
    return peak * step / warmup if step < warmup else peak * max(0, steps - 1 - step) / (steps - 1 - warmup)


@learning_rate.mistake(
    "the decay starts before the warmup ends",
    "At the end of the warmup your rate drops at once: the decay is measured from step 0.",
    "What is your rate at step `warmup`? And one step before?",
    "The decay has `steps - warmup` steps: divide by that.",
)
def _(step, steps, warmup, peak):
    return peak * step / warmup if step < warmup else peak * max(0, steps - step) / steps


@learning_rate.mistake(
    "the steps of the decay counted from 0",
    "Your decay counts the steps of the warmup as well: the rate is 0 too early.",
    "How many steps of the decay are done at step `warmup`?",
    "`steps - step` are left of `steps - warmup`.",
)
def _(step, steps, warmup, peak):
    return peak * step / warmup if step < warmup else peak * max(0, 1 - step / (steps - warmup))


@learning_rate.mistake(
    "negative after the end",
    "After the last step your rate is negative: the model would climb instead of descend.",
    "What is `steps - step` at step 12 of 10?",
    "`max(0, steps - step)`.",
)
def _(step, steps, warmup, peak):
    return peak * step / warmup if step < warmup else peak * (steps - step) / (steps - warmup)


@learning_rate.mistake(
    "no warmup of 0",
    "It stops with a division by zero when `warmup` is 0.",
    "Is `step / warmup` computed even when there is no warmup?",
    "Ask `if step < warmup` first: with warmup 0 that is never true.",
)
def _(step, steps, warmup, peak):
    return peak * min(step / warmup, max(0, steps - step) / (steps - warmup))


@learning_rate.mistake(
    "no warmup",
    "The decay alone: your rate is largest at step 0.",
    "What should the rate be at step 0, when there is a warmup?",
    "`peak * step / warmup` while `step < warmup`.",
)
def _(step, steps, warmup, peak):
    return peak * max(0, steps - step) / steps


@learning_rate.mistake(
    "no decay",
    "The warmup is right; after it your rate stays at the peak.",
    "What should the rate be at step `steps`?",
    "`peak * max(0, steps - step) / (steps - warmup)` after the warmup.",
)
def _(step, steps, warmup, peak):
    return peak * step / warmup if step < warmup else peak


@learning_rate.mistake(
    "the factor without the peak",
    "This is the factor between 0 and 1, not the rate.",
    "What is your largest value?",
    "Multiply by `peak`.",
)
def _(step, steps, warmup, peak):
    return _learning_rate(step, steps, warmup, 1.0)


@learning_rate.mistake(
    "a cosine",
    "The warmup is right, the decay is a cosine; a straight line is asked for.",
    "Halfway between `warmup` and `steps` both have the same value. And a quarter of the way?",
    "`peak * max(0, steps - step) / (steps - warmup)`.",
)
def _(step, steps, warmup, peak):
    if step < warmup:
        return peak * step / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * min(1, (step - warmup) / (steps - warmup))))


@learning_rate.mistake(
    "whole numbers divided",
    "The rate stays at 0 during the warmup: `//` drops everything behind the point.",
    "What is `1 // 2`?",
    "Divide with `/`.",
)
def _(step, steps, warmup, peak):
    return peak * (step // warmup) if step < warmup else peak * (max(0, steps - step) // (steps - warmup))


@learning_rate.mistake(
    "whole numbers divided",
    "During the warmup your rate is 0: `//` drops everything behind the point.",
    "What is `1 // 2`?",
    "Divide with `/`.",
)
def _(step, steps, warmup, peak):
    return peak * (step // warmup) if step < warmup else _learning_rate(step, steps, warmup, peak)


# --- 3. accuracy ------------------------------------------------------------------------------------


def _hits(predictions, labels):
    return sum(p == y for p, y in zip(predictions, labels))


def _accuracy(predictions, labels):
    return _hits(predictions, labels) / len(labels)


accuracy = Part(
    "accuracy",
    "Accuracy",
    points={"share": 1},
    answer=_accuracy,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "How many of the answers in the smallest case are right, and of how many?",
        "Count the places where prediction and label agree, whichever the label is.",
        "`sum(p == y for p, y in zip(predictions, labels)) / len(labels)`.",
    ),
)


@accuracy.cases
def _(rng):
    yield Case(([1, 0, 0], [1, 1, 0]), "share")
    yield Case(([0, 0, 1], [2, 0, 1]), "share")
    for size in (7, 11, 13):
        labels = rng.integers(0, 3, size=size)
        predictions = np.where(rng.random(size) < 0.6, labels, rng.integers(0, 3, size=size))
        yield Case((predictions.tolist(), labels.tolist()), "share")


@accuracy.mistake(
    "a count",
    "This is the number of right answers, not their share.",
    "Can an accuracy be larger than 1?",
    "Divide by `len(labels)`.",
)
def _(predictions, labels):
    return _hits(predictions, labels)


@accuracy.mistake(
    "in percent",
    "Your values are a hundred times too large: percent instead of a share.",
    "What should come out when every answer is right?",
    "Leave out the `100 *`.",
)
def _(predictions, labels):
    return 100 * _accuracy(predictions, labels)


@accuracy.mistake(
    "the share of mistakes",
    "You counted the mistakes: right and wrong are exchanged.",
    "What should come out when every answer is right?",
    "`==`, not `!=`.",
)
def _(predictions, labels):
    return 1 - _accuracy(predictions, labels)


@accuracy.mistake(
    "the recall of label 1",
    "Only texts with label 1 count: this is their recall.",
    "Is a 0 that was rightly called 0 a right answer?",
    "Count agreement for all labels, and divide by all.",
)
def _(predictions, labels):
    found = [p == 1 for p, y in zip(predictions, labels) if y == 1]
    return sum(found) / len(found) if found else 0.0


@accuracy.mistake(
    "only label 1 counted as right",
    "Right answers count only where the label is 1.",
    "Is a 0 that was rightly called 0 a right answer?",
    "`p == y`, without asking for 1.",
)
def _(predictions, labels):
    return sum(p == y == 1 for p, y in zip(predictions, labels)) / len(labels)


@accuracy.mistake(
    "the mean over classes",
    "Every class weighs the same here: this is balanced accuracy, the mean of the recalls.",
    "Which counts for accuracy: each text, or each class?",
    "Count right answers over all texts, divide once.",
)
def _(predictions, labels):
    recalls = [np.mean([p == y for p, y in zip(predictions, labels) if y == c]) for c in set(labels)]
    return float(np.mean(recalls))


@accuracy.mistake(
    "all or nothing",
    "You get 1 or 0: the two lists are compared as wholes.",
    "What is `[1, 0] == [1, 1]`, a list or one bool?",
    "Go through both with `zip`, or turn them into arrays first.",
)
def _(predictions, labels):
    return float(predictions == labels)


@accuracy.mistake(
    "rounded",
    "Right to two digits only: the result was rounded.",
    "Who should round: the function, or whoever prints?",
    "Return the share as it is.",
)
def _(predictions, labels):
    return round(_accuracy(predictions, labels), 2)


@accuracy.mistake(
    "divided by one less",
    "The sum is divided by the number of labels minus one, as for a variance.",
    "What should come out when every answer is right?",
    "Divide by `len(labels)`.",
)
def _(predictions, labels):
    return _hits(predictions, labels) / (len(labels) - 1)


@accuracy.mistake(
    "`return` inside the loop",
    "Only the first prediction is looked at: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(predictions, labels):
    return (predictions[0] == labels[0]) / len(labels)


# --- 4. macro-F1 ------------------------------------------------------------------------------------


def _counts(predictions, labels, c):
    pairs = list(zip(predictions, labels))
    return (sum(p == y == c for p, y in pairs), sum(p == c != y for p, y in pairs), sum(y == c != p for p, y in pairs))


def _ratio(one, other):
    return one / other if other else 0.0


def _f1(predictions, labels, c):
    right, wrong, missed = _counts(predictions, labels, c)
    return _ratio(2 * right, 2 * right + wrong + missed)


def _macro_f1(predictions, labels):
    return float(np.mean([_f1(predictions, labels, c) for c in sorted(set(labels))]))


macro_f1 = Part(
    "macro_f1",
    "Macro-F1",
    points={"every class predicted": 1, "a class never predicted": 1},
    answer=_macro_f1,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Take the smallest case: write down right, wrongly called and missed for each class.",
        "F1 of a class is 2·right / (2·right + wrongly called + missed). Over which classes is the mean taken?",
        "`classes = sorted(set(labels))`; one F1 for each, then their plain mean.",
    ),
)


@macro_f1.cases
def _(rng):
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


@macro_f1.mistake(
    "this is accuracy",
    "The counts of all classes were added before dividing: that is micro-F1, the same as accuracy.",
    "How many F1 values did you take the mean of?",
    "One F1 for each class first, then their mean.",
)
def _(predictions, labels):
    return _accuracy(predictions, labels)


@macro_f1.mistake(
    "weighted by frequency",
    "Frequent classes count more in your mean; in macro-F1 every class counts the same.",
    "With 90 texts of one class and 10 of another: which share of the mean has the rare one?",
    "The plain mean of the F1 values.",
)
def _(predictions, labels):
    return float(np.mean([_f1(predictions, labels, c) for c in labels]))


@macro_f1.mistake(
    "only class 1",
    "This is the F1 of class 1 alone.",
    "How many classes are there?",
    "Compute it for every class in `labels`.",
)
def _(predictions, labels):
    return _f1(predictions, labels, 1)


def _means(predictions, labels):
    found = []
    for c in set(labels):
        right, wrong, missed = _counts(predictions, labels, c)
        found.append((_ratio(right, right + wrong), _ratio(right, right + missed)))
    return np.mean(found, axis=0)


@macro_f1.mistake(
    "F1 of the means",
    "You took the mean precision and the mean recall, and one F1 of the two.",
    "How many F1 values did you take the mean of?",
    "First F1 for each class, then the mean.",
)
def _(predictions, labels):
    p, r = _means(predictions, labels)
    return float(2 * p * r / (p + r))


@macro_f1.mistake(
    "the mean recall",
    "This is the mean of the recalls: texts wrongly called by a class's name cost it nothing.",
    "Which is missing: what a class missed, or what was wrongly called by its name?",
    "F1 needs the precision as well.",
)
def _(predictions, labels):
    return float(_means(predictions, labels)[1])


@macro_f1.mistake(
    "the mean precision",
    "This is the mean of the precisions: texts that a class missed cost it nothing.",
    "Which is missing: what a class missed, or what was wrongly called by its name?",
    "F1 needs the recall as well.",
)
def _(predictions, labels):
    return float(_means(predictions, labels)[0])


@macro_f1.mistake(
    "the plain mean of precision and recall",
    "You took (precision + recall) / 2; F1 is their harmonic mean.",
    "Precision 1, recall 0: is that half good?",
    "`2 * p * r / (p + r)`.",
)
def _(predictions, labels):
    return float(_means(predictions, labels).mean())


@macro_f1.mistake(
    "the factor 2 forgotten",
    "Your values are half of what they should be: the 2 is missing.",
    "What should come out when every answer is right?",
    "`2 * p * r / (p + r)`.",
)
def _(predictions, labels):
    return _macro_f1(predictions, labels) / 2


@macro_f1.mistake(
    "classes that occur in no label",
    "A class that stands only in the predictions got an F1 of 0 of its own.",
    "Over which classes does the question take the mean?",
    "`set(labels)`, without the predictions.",
)
def _(predictions, labels):
    return float(np.mean([_f1(predictions, labels, c) for c in sorted({*labels, *predictions})]))


@macro_f1.mistake(
    "classes taken from the predictions",
    "A class that is never predicted is left out of your mean, just where it should cost.",
    "Over which classes does the question take the mean?",
    "`set(labels)`, not `set(predictions)`.",
)
def _(predictions, labels):
    return float(np.mean([_f1(predictions, labels, c) for c in sorted(set(predictions))]))


@macro_f1.mistake(
    "classes without a prediction left out",
    "A class that is never predicted is left out of your mean; it counts as 0.",
    "A model that never finds a class: should that raise its mean?",
    "Append 0.0 for that class instead of skipping it.",
)
def _(predictions, labels):
    return float(np.mean([_f1(predictions, labels, c) for c in sorted(set(labels)) if c in predictions]))


@macro_f1.mistake(
    "division by zero",
    "It stops where a class is never predicted: its precision is 0 / 0.",
    "What does the question say about 0 / 0?",
    "Or use 2·right / (2·right + wrongly called + missed), which never divides by 0 here.",
)
def _(predictions, labels):
    found = []
    for c in sorted(set(labels)):
        right, wrong, missed = _counts(predictions, labels, c)
        p, r = right / (right + wrong), right / (right + missed)
        found.append(2 * p * r / (p + r))
    return float(np.mean(found))


@macro_f1.mistake(
    "not a number",
    "You get nan where no text of a class is found: 0 / 0.",
    "What does the question say about 0 / 0?",
    "Count such a class as 0.0 before taking the mean.",
)
def _(predictions, labels):
    return _macro_f1(predictions, labels) if all(_counts(predictions, labels, c)[0] for c in labels) else math.nan


def _over(classes):
    """F1 for each of these classes, 0 where there is none, and their mean."""
    return lambda predictions, labels: float(np.mean([_f1(predictions, labels, c) for c in classes(labels)]))


for _classes in (lambda y: range(max(y) + 1), lambda y: range(len(set(y))), lambda y: range(2), lambda y: range(3)):
    macro_f1.mistake(
        "classes counted, not looked up",
        "The mean runs over 0, 1, 2, … up to some number, not over the classes that occur: classes may have "
        "gaps, and one that occurs nowhere has no F1.",
        "Which classes are in the labels [0, 3, 7]? And in `range(max(labels) + 1)`, `range(len(set(labels)))`, `range(2)`?",
        "`sorted(set(labels))`.",
    )(_over(_classes))


@macro_f1.mistake(
    "`return` inside the loop",
    "Only the first class is looked at: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(predictions, labels):
    return _f1(predictions, labels, min(labels))


# --- 5. bug: labels as numbers ----------------------------------------------------------------------


def _numbered(order):
    """An answer that numbers the names in the order that `order` gives."""
    return lambda names: [order(names).index(name) for name in names]


label_ids = Part(
    "label_ids",
    "Bug: labels as numbers",
    points={"mended": 1},
    answer=_numbered(lambda names: sorted(set(names))),
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        'Which number does "positive" get if the first review is positive? And if the first is negative?',
        "The order of the names must not depend on the order of the rows: sort them.",
        "`order = sorted(set(names))`, then `[order.index(name) for name in names]`.",
    ),
)


@label_ids.cases
def _(rng):
    yield Case((["b", "a"],), "mended")
    yield Case((["positive", "negative", "positive"],), "mended")
    yield Case((["b", "A", "a", "B", "b"],), "mended")  # as `sorted` has it: capitals first, digit by digit, é after z
    yield Case((["10", "9", "2", "10"],), "mended")
    yield Case((["zoo", "école", "east"],), "mended")
    words = ["travel", "Food", "film", "App", "course", "Shop", "food"]
    for size in (5, 8, 11):
        some = rng.permutation(words)[:4]
        yield Case(([str(rng.choice(some)) for _ in range(size - 4)] + [str(x) for x in some],), "mended")


@label_ids.mistake(
    "in order of appearance",
    "The numbers follow the order of the rows: another split, which starts with another label, gets other numbers.",
    'Call it on `["a", "b"]` and on `["b", "a"]`. Which number has "a"?',
    "`order = sorted(set(names))`.",
)
def _(names):
    return _numbered(lambda n: list(dict.fromkeys(n)))(names)


@label_ids.mistake(
    "numbered from 1",
    "The order is right, but the numbers start at 1: the last one points past the model's logits.",
    "A model with two labels has the logits 0 and 1. What is your largest number?",
    "`index` counts from 0; add nothing.",
)
def _(names):
    return [i + 1 for i in label_ids.answer(names)]


@label_ids.mistake(
    "the order reversed",
    "The names are numbered from the end of the alphabet.",
    'Which of "a" and "b" should be 0?',
    "`sorted(set(names))`, without `reverse=True`.",
)
def _(names):
    return _numbered(lambda n: sorted(set(n), reverse=True))(names)


@label_ids.mistake(
    "repeated names counted",
    "The numbers have gaps: the names were sorted with their repetitions, and each repetition takes a place.",
    "How many entries has `sorted(names)` when one label occurs five times?",
    "`sorted(set(names))`.",
)
def _(names):
    return _numbered(sorted)(names)


@label_ids.mistake(
    "the same number for all",
    "Every row gets the same number.",
    "Which name do you look up: the row's own?",
    "`[order.index(name) for name in names]`.",
)
def _(names):
    return [0] * len(names)


@label_ids.mistake(
    "the same number for all",
    "Every row gets the number of the first one.",
    "Which name do you look up: the row's own?",
    "`[order.index(name) for name in names]`.",
)
def _(names):
    return [label_ids.answer(names)[0]] * len(names)


@label_ids.mistake(
    "the table instead of the numbers",
    "You return which number each name has; asked for is one number for each row.",
    "How many numbers should come out for five rows?",
    "`[table[name] for name in names]`.",
)
def _(names):
    return {name: i for i, name in enumerate(sorted(set(names)))}


@label_ids.mistake(
    "numbers as text",
    "The numbers are right, but they are strings.",
    "What is the type of your first value?",
    "Return `int`s.",
)
def _(names):
    return [str(i) for i in label_ids.answer(names)]


@label_ids.mistake(
    "the most frequent first",
    "The names are numbered by how often they occur; that differs from split to split.",
    "Would the test set give each name the same number?",
    "Sort by the name itself: `sorted(set(names))`.",
)
def _(names):
    return _numbered(lambda n: sorted(set(n), key=lambda name: (-n.count(name), n.index(name))))(names)


@label_ids.mistake(
    "one number for each row",
    "You number the rows, not the labels: two rows with the same label get different numbers.",
    "Should two rows with the same name have the same number?",
    "Number the different names, `sorted(set(names))`.",
)
def _(names):
    return list(range(len(names)))


@label_ids.sign(
    "sorted without regard to capitals",
    "The names are sorted as if they had no capitals; `sorted` puts capitals before small letters.",
    'What is `sorted(["b", "A", "a", "B"])`?',
    "`sorted(set(names))`, without a `key`.",
)
def _(inputs, expected, outcome):
    table = dict(zip(inputs[0], outcome.output, strict=True))
    order = sorted(table, key=table.get)
    return (
        list(table.values()) != expected
        and sorted(table.values()) == list(range(len(table)))
        and order == sorted(order, key=str.lower)
    )


@label_ids.mistake(
    "capitals taken for small letters",
    "Names that differ only in capitals get the same number, because they were put into small letters first.",
    'Are "b" and "B" the same name?',
    "Leave `.lower()` out.",
)
def _(names):
    small = [name.lower() for name in names]
    return _numbered(lambda n: sorted(set(n)))(small)


@label_ids.mistake(
    "sorted by their numbers",
    'Names that are digits were sorted as numbers; they are strings: "10" comes before "9".',
    'What is `sorted(["10", "9"])`?',
    "`sorted(set(names))`, without a `key`.",
)
def _(names):
    return _numbered(lambda n: sorted(set(n), key=lambda x: (int(x), "") if x.isdigit() else (-1, x)))(names)


@label_ids.mistake(
    "sorted by length",
    "The names are sorted by their length first.",
    'Which comes first in `sorted`: "zoo" or "east"?',
    "`sorted(set(names))`, without a `key`.",
)
def _(names):
    return _numbered(lambda n: sorted(set(n), key=lambda x: (len(x), x)))(names)


@label_ids.mistake(
    "`return` inside the loop",
    "Only the first row gets a number: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(names):
    return label_ids.answer(names)[:1]


# --- 6. bug: batches --------------------------------------------------------------------------------


def _batches(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


batches = Part(
    "batches",
    "Bug: rows that are never seen",
    points={"mended": 1},
    answer=_batches,
    imports=ALLOWED - {"torch"},
    banned=LIBRARY,
    hints=(
        "Count: how many rows go in, and how many are in all your batches together?",
        "Where do the batches start? At 0, size, 2·size, … as long as there is a row.",
        "`[rows[i : i + size] for i in range(0, len(rows), size)]`.",
    ),
)


@batches.cases
def _(rng):
    yield Case(([1, 2, 3], 2), "mended")
    yield Case(([1, 2, 3, 4], 2), "mended")
    yield Case(([7], 3), "mended")
    yield Case(([5, 5, 7, 5, 5], 2), "mended")  # equal rows are different rows
    yield Case(([4, 4, 2], 1), "mended")
    for size, count in ((3, 7), (4, 12), (3, 11)):
        yield Case((rng.integers(10, 99, size=count).tolist(), size), "mended")


@batches.mistake(
    "the last batch lost",
    "The rows that do not fill a batch are missing: the model never sees them.",
    "What is `3 // 2`?",
    "`range(0, len(rows), size)` starts a batch wherever there is a row left.",
)
def _(rows, size):
    return [rows[i * size : (i + 1) * size] for i in range(len(rows) // size)]


@batches.mistake(
    "the end lost, full or not",
    "The last batch is missing, even where it is full.",
    "Where does the last batch of four rows with size 2 start?",
    "`range(0, len(rows), size)`, not `len(rows) - size`.",
)
def _(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows) - size, size)]


@batches.mistake(
    "an empty batch at the end",
    "Where the rows fill all batches, an empty one follows: its mean loss is nan.",
    "How many batches do four rows of size 2 make?",
    "`range(0, len(rows), size)` needs no + 1.",
)
def _(rows, size):
    return [rows[i * size : (i + 1) * size] for i in range(len(rows) // size + 1)]


@batches.mistake(
    "filled up from the start",
    "The last batch was filled up with the first rows: those count twice.",
    "How many rows go in, how many come out?",
    "The last batch may be smaller.",
)
def _(rows, size):
    many = rows * size
    return [many[i : i + size] for i in range(0, len(rows), size)]


@batches.mistake(
    "batches overlap",
    "Each batch also holds the first row of the next one.",
    "How long is your first batch?",
    "A slice stops before its end: `rows[i : i + size]`.",
)
def _(rows, size):
    return [rows[i : i + size + 1] for i in range(0, len(rows), size)]


@batches.mistake(
    "a batch at every row",
    "A new batch starts at every row: each row comes several times.",
    "How far apart do your batches start?",
    "The third argument of `range`: `range(0, len(rows), size)`.",
)
def _(rows, size):
    return [rows[i : i + size] for i in range(len(rows))]


@batches.mistake(
    "size taken as the number of batches",
    "You made `size` batches; asked for are batches of `size` rows.",
    "How long is your first batch?",
    "`rows[i : i + size]`.",
)
def _(rows, size):
    return [part.tolist() for part in np.array_split(rows, size)]


@batches.mistake(
    "every so many rows",
    "Your batches take every third (or so) row; they should be stretches of neighbors.",
    "Which rows belong to the first batch?",
    "`rows[i : i + size]`, not `rows[i::step]`.",
)
def _(rows, size):
    step = -(-len(rows) // size)
    return [rows[i::step] for i in range(step)]


@batches.mistake(
    "the leftover joined to the last batch",
    "The leftover rows went into the batch before them, which is too large now.",
    "How many rows may a batch hold at most?",
    "A smaller last batch of its own.",
)
def _(rows, size):
    found = _batches(rows, size)
    if len(found) > 1 and len(found[-1]) < size:
        found[-2:] = [found[-2] + found[-1]]
    return found


@batches.mistake(
    "filled up with None",
    "The last batch was filled up with None: no row, but the model would be handed it.",
    "How many rows go in, how many come out?",
    "The last batch may be smaller.",
)
def _(rows, size):
    return [batch + [None] * (size - len(batch)) for batch in _batches(rows, size)]


@batches.mistake(
    "`return` inside the loop",
    "Only the first batch comes back: the function returns before it makes the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(rows, size):
    return _batches(rows, size)[:1]


@batches.mistake(
    "equal rows taken for one",
    "Equal rows are taken for the same row, because a position was looked up with `rows.index` or a set was made.",
    "What is `[5, 5, 7].index(5)` for the second 5?",
    "Work with places: `rows[start : start + size]`.",
)
def _(rows, size):
    return _batches(list(dict.fromkeys(rows)), size)


# --- 7. bug: copies ---------------------------------------------------------------------------------


def _key(text):
    return " ".join(text.lower().split())


def _kept(key=_key, other=None):
    """An answer that keeps what has no copy, where texts with the same key are copies."""
    return lambda train, test: [t for t in train if key(t) not in {(other or key)(x) for x in test}]


without_copies = Part(
    "without_copies",
    "Bug: copies of test texts",
    points={"mended": 1},
    answer=_kept(),
    imports=ALLOWED | {"re", "string"},
    banned=LIBRARY,
    hints=(
        "Which training text is, for a reader, the same as a test text, but not the same string?",
        "Bring both sides to one form before you compare: lower case, and one space between words.",
        '`key = lambda text: " ".join(text.lower().split())`; keep `t` if `key(t)` is not among the keys of `test`.',
    ),
)


@without_copies.cases
def _(rng):
    yield Case((["Fine.", "Bad."], ["fine."]), "mended")
    yield Case((["never  again", "Once more"], ["never again"]), "mended")
    yield Case((["good", "Good food", "good"], ["Good food."]), "mended")
    yield Case(
        (
            ["Never\tagain", "never   again", "never again\n", "Never\n \tagain", "never\r\nagain", "late"],
            ["never again"],
        ),
        "mended",
    )
    yield Case((["never again", "late"], ["\tNEVER \n  again "]), "mended")
    yield Case((["again never", "Never never again", "never", "never again again"], ["never again"]), "mended")
    yield Case((["good bye", "goodbye", "can not"], ["cannot", "good-bye"]), "mended")
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
        yield Case(([*train, train[0]], test), "mended")


@without_copies.mistake(
    "compared letter by letter",
    "Copies that differ in case or spaces stay in the training set.",
    'Is "Fine." the same review as "fine."?',
    'Compare `" ".join(text.lower().split())` of both sides.',
)
def _(train, test):
    return _kept(str)(train, test)


@without_copies.mistake(
    "only the training side in lower case",
    "One side is brought to lower case, the other is not: a test text with capitals is never found.",
    "What are you comparing with `t.lower()`?",
    "Use the same key for both sides.",
)
def _(train, test):
    return _kept(_key, str)(train, test)


@without_copies.mistake(
    "only the training side in lower case",
    "One side is brought to lower case, the other is not: a test text with capitals is never found.",
    "What are you comparing with `t.lower()`?",
    "Use the same key for both sides.",
)
def _(train, test):
    return _kept(str.lower, str)(train, test)


@without_copies.mistake(
    "only the test side in lower case",
    "One side is brought to lower case, the other is not.",
    "What are you looking for among the lower-case test texts?",
    "Use the same key for both sides.",
)
def _(train, test):
    return _kept(str, str.lower)(train, test)


@without_copies.mistake(
    "spaces not made equal",
    "Case is taken care of; copies with other spaces stay.",
    'Is "never  again" (two spaces) the same review as "never again"?',
    '`" ".join(text.lower().split())`.',
)
def _(train, test):
    return _kept(str.lower)(train, test)


@without_copies.mistake(
    "only spaces at the ends",
    "Spaces at the ends are taken care of, those inside are not.",
    'What does `strip` do to the two spaces in "never  again"?',
    '`" ".join(text.lower().split())`.',
)
def _(train, test):
    return _kept(lambda t: t.lower().strip())(train, test)


@without_copies.mistake(
    "case not made equal",
    "Spaces are taken care of; copies in other case stay.",
    'Is "Fine." the same review as "fine."?',
    "Add `.lower()`.",
)
def _(train, test):
    return _kept(lambda t: " ".join(t.split()))(train, test)


@without_copies.mistake(
    "the texts themselves changed",
    "The right texts are kept, but you return them in lower case: the model should read them as they were written.",
    "Which do you return: the text, or its key?",
    "Compare the keys, return the texts.",
)
def _(train, test):
    return [_key(t) for t in _kept()(train, test)]


@without_copies.mistake(
    "the copies returned",
    "You return the copies; the others are asked for.",
    "Which texts should stay in the training set?",
    "`not in`.",
)
def _(train, test):
    keep = _kept()(train, test)
    return [t for t in train if t not in keep]


@without_copies.mistake(
    "repetitions in the training set removed as well",
    "A text that stands twice in `train` comes out once: only copies of test texts were to go.",
    "What does the question say about repetitions within `train`?",
    "Keep a list; a `set` or a dict drops repetitions.",
)
def _(train, test):
    return list(dict.fromkeys(_kept()(train, test)))


@without_copies.mistake(
    "order lost",
    "The right texts in another order.",
    "Does a `set` keep the order?",
    "A list comprehension over `train` does.",
)
def _(train, test):
    return sorted(_kept()(train, test))


@without_copies.mistake(
    "test texts removed instead",
    "You return what is left of the test set; it must stay whole, or the score changes.",
    "Which of the two lists should lose texts?",
    "Go through `train`.",
)
def _(train, test):
    return _kept()(test, train)


@without_copies.mistake(
    "`return` inside the loop",
    "Only the first text is looked at: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(train, test):
    return _kept()(train[:1], test)


@without_copies.mistake(
    "`return` inside the loop",
    "Only the first text that is not a copy is kept: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(train, test):
    return _kept()(train, test)[:1] or None


def _is_kept(key):
    without_copies.mistake(
        "the order of words lost",
        "Texts with the same words in another order, or the same word more than once, are taken for copies.",
        'Is "again never" a copy of "never again"?',
        '`" ".join(text.lower().split())` keeps the words in their order; a set or `sorted` does not.',
    )(_kept(key))


for _one_form in (lambda t: frozenset(t.lower().split()), lambda t: tuple(sorted(t.lower().split()))):
    _is_kept(_one_form)


@without_copies.mistake(
    "all spaces removed",
    '"can not" and "cannot" are taken for copies: the spaces were removed, and with them the boundaries between words.',
    'How many words are in "can not", and how many in "cannot"?',
    'One space between words, not none: `" ".join(text.lower().split())`.',
)
def _(train, test):
    return _kept(lambda t: "".join(t.lower().split()))(train, test)


for _form in (
    lambda t: t.lower().strip().replace("  ", " "),
    lambda t: t.lower().replace("  ", " ").strip(),
    lambda t: " ".join(word for word in t.lower().strip().split(" ") if word),
    lambda t: " ".join(word for word in t.lower().split(" ") if word),
    lambda t: t.lower().strip().replace("\n", " ").replace("  ", " "),
    lambda t: t.lower().strip().replace("\t", " ").replace("  ", " "),
):
    without_copies.mistake(
        "only some kinds of space",
        "Two spaces are made one, but not three, or not tabs and line ends between the words.",
        'What does `"a   b".replace("  ", " ")` give? And what stands between the words of "a\\tb"?',
        '`text.split()` without an argument splits at any number of any kind of space; then `" ".join(…)`.',
    )(_kept(_form))


# --- 8. bug: the loss of an epoch -------------------------------------------------------------------


def _epoch_loss(means, sizes):
    return sum(m * s for m, s in zip(means, sizes)) / sum(sizes)


epoch_loss = Part(
    "epoch_loss",
    "Bug: the loss of an epoch",
    points={"mended": 1},
    answer=_epoch_loss,
    imports=ALLOWED,
    banned=LIBRARY | {"fmean"},
    hints=(
        "A batch of 2 texts with the mean loss 1, one of 1 text with the mean loss 4: what did each text cost?",
        "First the sum over all texts, then divide by their number.",
        "`sum(m * s for m, s in zip(means, sizes)) / sum(sizes)`.",
    ),
)


@epoch_loss.cases
def _(rng):
    yield Case(([1.0, 4.0], [2, 1]), "mended")
    for count in (2, 3, 5):
        yield Case((rng.uniform(0.1, 2, size=count).tolist(), [*[8] * (count - 1), int(rng.integers(1, 7))]), "mended")
    yield Case((rng.uniform(0.1, 2, size=4).tolist(), rng.permutation(np.arange(2, 20))[:4].tolist()), "mended")


@epoch_loss.mistake(
    "every batch counts the same",
    "The mean of the means: texts of a small batch count more than those of a full one.",
    "How much does one text in a batch of 1 count, and one in a batch of 16?",
    "Multiply each mean by its size, divide by `sum(sizes)`.",
)
def _(means, sizes):
    return sum(means) / len(means)


@epoch_loss.mistake(
    "not divided",
    "This is the sum over all texts: it grows with the data set.",
    "What should come out when every text has the loss 1?",
    "Divide by `sum(sizes)`.",
)
def _(means, sizes):
    return sum(m * s for m, s in zip(means, sizes))


@epoch_loss.mistake(
    "divided by the number of batches",
    "The sum over texts is divided by the number of batches.",
    "You added the losses of all texts. How many are there?",
    "Divide by `sum(sizes)`.",
)
def _(means, sizes):
    return sum(m * s for m, s in zip(means, sizes)) / len(sizes)


@epoch_loss.mistake(
    "means added, texts counted",
    "The means were added without their sizes, then divided by the number of texts.",
    "What is the sum of the losses in a batch of 8 with the mean 0.5?",
    "`m * s` for each batch.",
)
def _(means, sizes):
    return sum(means) / sum(sizes)


@epoch_loss.mistake(
    "all batches taken as full",
    "Every batch counts as if it had the size of the first.",
    "How many texts are in the last batch?",
    "Use each batch's own size.",
)
def _(means, sizes):
    return sum(m * sizes[0] for m in means) / sum(sizes)


@epoch_loss.mistake(
    "all batches taken as full",
    "The sum is divided as if every batch had the size of the first.",
    "How many texts are in the last batch?",
    "Divide by `sum(sizes)`.",
)
def _(means, sizes):
    return sum(m * s for m, s in zip(means, sizes)) / (sizes[0] * len(sizes))


@epoch_loss.mistake(
    "the last batch left out",
    "The last batch is missing: its texts count nothing.",
    "What should happen to a small batch: nothing, or a small weight?",
    "Weight it by its size.",
)
def _(means, sizes):
    return _epoch_loss(means[:-1], sizes[:-1])


@epoch_loss.mistake(
    "only the last batch",
    "This is the loss of the last batch alone.",
    "What is in your variable after the loop?",
    "Add up inside the loop.",
)
def _(means, sizes):
    return means[-1]


@epoch_loss.mistake(
    "divided by the sizes",
    "Large batches count less in your mean: the means are divided by the sizes.",
    "A mean is a sum divided by a size. How do you get the sum back?",
    "`m * s`.",
)
def _(means, sizes):
    return sum(m / s for m, s in zip(means, sizes)) / len(sizes)


@epoch_loss.mistake(
    "the median",
    "This is the median of the batches.",
    "Is the loss of every text in it?",
    "A weighted mean: `m * s`, divided by `sum(sizes)`.",
)
def _(means, sizes):
    return float(np.median(means))


@epoch_loss.mistake(
    "`return` inside the loop",
    "Only the first batch is counted: the function returns before it looks at the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(means, sizes):
    return means[0] * sizes[0] / sum(sizes)


# --- 9. bug: the mean of token vectors --------------------------------------------------------------


def _masked_mean(vectors, attention_mask):
    return (vectors * attention_mask[..., None]).sum(axis=1) / attention_mask.sum(axis=1, keepdims=True)


masked_mean = Part(
    "masked_mean",
    "Bug: padding in the mean",
    points={"mended": 1},
    answer=_masked_mean,
    imports=ALLOWED,
    banned=LIBRARY,
    hints=(
        "Take the first text of the smallest case: which vectors should its mean be made of, and how many are there?",
        "Two things change: padding adds nothing to the sum, and the sum is divided by the number of real tokens.",
        "`(vectors * attention_mask[:, :, None]).sum(axis=1) / attention_mask.sum(axis=1, keepdims=True)`.",
    ),
)


@masked_mean.cases
def _(rng):
    yield Case((np.array([[[2.0, 4.0, 6.0], [9.0, 9.0, 9.0]]]), np.array([[1, 0]])), "mended")
    for texts, tokens, width in ((2, 3, 4), (3, 5, 2), (2, 4, 3)):
        lengths = [tokens, *rng.integers(1, tokens, size=texts - 1).tolist()]
        mask = (np.arange(tokens) < np.array(lengths)[:, None]).astype(int)
        yield Case((rng.normal(size=(texts, tokens, width)), mask), "mended")
    yield Case((rng.normal(size=(3, 4, 3)), np.array([[0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]])), "mended")


@masked_mean.mistake(
    "padding in the mean",
    "The mean runs over all places: the same text gets another vector in another batch.",
    "How many real tokens has the first text?",
    "Multiply by `attention_mask[:, :, None]` before the sum, divide by the mask's sum.",
)
def _(vectors, mask):
    return vectors.mean(axis=1)


@masked_mean.mistake(
    "divided by all places",
    "Padding adds nothing to your sum any more, but it is still counted when you divide.",
    "How many vectors did you add up, and by what did you divide?",
    "Divide by `attention_mask.sum(axis=1, keepdims=True)`.",
)
def _(vectors, mask):
    return (vectors * mask[..., None]).mean(axis=1)


@masked_mean.mistake(
    "padding in the sum",
    "You divide by the number of real tokens, but the padding is still in the sum.",
    "Are the vectors at padding zero?",
    "Multiply by `attention_mask[:, :, None]` before the sum.",
)
def _(vectors, mask):
    return vectors.sum(axis=1) / mask.sum(axis=1, keepdims=True)


@masked_mean.mistake(
    "not divided",
    "This is the sum over the real tokens: long texts get long vectors.",
    "How do you get from a sum to a mean?",
    "Divide by `attention_mask.sum(axis=1, keepdims=True)`.",
)
def _(vectors, mask):
    return (vectors * mask[..., None]).sum(axis=1)


@masked_mean.mistake(
    "the mean of the padding",
    "The mask is reversed: this is the mean over the padding.",
    "What does 1 mean in `attention_mask`?",
    "Multiply by the mask itself, not by 1 - mask.",
)
def _(vectors, mask):
    return _masked_mean(vectors, 1 - mask)


@masked_mean.mistake(
    "the first token",
    "This is the first vector of each row, `[CLS]`'s, not a mean.",
    "How many vectors go into your result?",
    "Sum over axis 1.",
)
def _(vectors, mask):
    return vectors[:, 0]


@masked_mean.mistake(
    "divided by the tokens of the whole batch",
    "Each sum is divided by the number of tokens of all texts together.",
    "How many tokens has this one text?",
    "`attention_mask.sum(axis=1, keepdims=True)`: give the sum an axis.",
)
def _(vectors, mask):
    return (vectors * mask[..., None]).sum(axis=1) / mask.sum()


@masked_mean.mistake(
    "an axis too many",
    "The numbers are right, but the shape is (texts, 1, width).",
    "What is the shape of your result?",
    "No `keepdims` in the sum over the vectors.",
)
def _(vectors, mask):
    return _masked_mean(vectors, mask)[:, None]


@masked_mean.mistake(
    "one vector for the batch",
    "All texts were averaged together: one vector comes out.",
    "How many texts go in?",
    "Sum over the tokens only: `axis=1`.",
)
def _(vectors, mask):
    return vectors[mask == 1].mean(axis=0)


@masked_mean.mistake(
    "keepdims forgotten",
    "The counts of the texts meet the width of the vectors: shapes do not fit, or the wrong numbers are divided.",
    "What shape has `attention_mask.sum(axis=1)`? And how is it lined up with (texts, width)?",
    "`keepdims=True`.",
)
def _(vectors, mask):
    return (vectors * mask[..., None]).sum(axis=1) / mask.sum(axis=1)


@masked_mean.mistake(
    "the largest instead of the mean",
    "This is the largest value over the real tokens.",
    "Mean or maximum?",
    "Sum, then divide by the number of tokens.",
)
def _(vectors, mask):
    return np.where(mask[..., None] == 1, vectors, -np.inf).max(axis=1)


@masked_mean.mistake(
    "the mask used as indices",
    "`vectors[attention_mask]` takes the ones and zeros as indices: it picks vector 1 and vector 0 again and again.",
    "What is `x[[1, 0, 1]]`, and what is `x[[True, False, True]]`?",
    "`attention_mask == 1` gives booleans: `v[m == 1].mean(axis=0)` for each text.",
)
def _(vectors, mask):
    return np.stack([v[m].mean(axis=0) for v, m in zip(vectors, mask)])


@masked_mean.mistake(
    "the mask used as indices",
    "`vectors[attention_mask]` takes the ones and zeros as indices: it picks text 1 and text 0 again and again.",
    "What is `x[[1, 0, 1]]`, and what is `x[[True, False, True]]`?",
    "`attention_mask == 1` gives booleans; better, multiply: `vectors * attention_mask[:, :, None]`.",
)
def _(vectors, mask):
    return vectors[mask].mean(axis=1)


@masked_mean.mistake(
    "padding taken to be on the right",
    "You count the tokens and take that many vectors from the left, so padding on the left is taken for tokens.",
    "In [0, 1, 1], which vectors are tokens?",
    "Multiply by the mask itself: `vectors * attention_mask[:, :, None]`.",
)
def _(vectors, mask):
    return np.stack([v[: m.sum()].mean(axis=0) for v, m in zip(vectors, mask)])


# --- 10. bug: gradients that pile up ----------------------------------------------------------------


def _gradient(weight, xs, ys):
    return sum(2 * (weight * x - y) * x for x, y in zip(xs, ys)) / len(xs)


def _descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        weight -= rate * _gradient(weight, xs, ys)
    return weight


descend = Part(
    "descend",
    "Bug: gradients that pile up",
    points={"mended": 1},
    answer=_descend,
    imports=ALLOWED,
    banned=LIBRARY | {"backward"},
    hints=(
        "Print `gradient` after each batch. What is in it at the start of the second one?",
        "In a training loop with torch, which line stands before `loss.backward()`?",
        "`gradient = 0.0` belongs inside the loop over the batches.",
    ),
)


@descend.cases
def _(rng):
    yield Case(([([1.0], [1.0]), ([1.0], [1.0])], 0.25), "mended")
    yield Case(([([1.0, 2.0], [1.0, 3.0])], 0.125), "mended")
    for count in (2, 3, 4):
        drawn = [(rng.normal(size=size).tolist(), rng.normal(size=size).tolist()) for size in (2, 3, 3, 2)[:count]]
        yield Case((drawn, float(rng.uniform(0.05, 0.2))), "mended")


@descend.mistake(
    "the gradient is never reset",
    "Each step is pushed by the gradients of all batches before it: `zero_grad` is missing.",
    "What is in `gradient` when the second batch starts?",
    "`gradient = 0.0` inside the loop over the batches.",
)
def _(batches, rate):
    weight = gradient = 0.0
    for xs, ys in batches:
        gradient += _gradient(weight, xs, ys)
        weight -= rate * gradient
    return weight


@descend.mistake(
    "reset in the wrong loop",
    "The gradient is reset at every example: only the last one of each batch is left.",
    "How many examples does one step learn from?",
    "One level further out: at the start of each batch.",
)
def _(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        weight -= rate * 2 * (weight * xs[-1] - ys[-1]) * xs[-1] / len(xs)
    return weight


@descend.mistake(
    "the weight is reset",
    "Every batch starts from 0 again: what was learned before is lost.",
    "Which of the two variables should remember?",
    "Only `gradient = 0.0` goes into the loop.",
)
def _(batches, rate):
    return _descend(batches[-1:], rate)


@descend.mistake(
    "a step for every example",
    "The weight changes inside a batch: there is a step for every example.",
    "How many steps should one batch make?",
    "The line with `weight -=` belongs behind the inner loop.",
)
def _(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        gradient = 0.0
        for x, y in zip(xs, ys):
            gradient += 2 * (weight * x - y) * x / len(xs)
            weight -= rate * gradient
    return weight


@descend.mistake(
    "one step at the end",
    "All gradients are computed at weight 0 and used in one step at the end.",
    "How many steps should three batches make?",
    "`weight -= rate * gradient` inside the loop over the batches.",
)
def _(batches, rate):
    return -rate * sum(_gradient(0.0, xs, ys) for xs, ys in batches)


@descend.mistake(
    "uphill",
    "The weight goes up the gradient: the loss grows.",
    "The gradient points where the loss rises. Which way do you go?",
    "`weight -= rate * gradient`.",
)
def _(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        weight += rate * _gradient(weight, xs, ys)
    return weight


@descend.mistake(
    "the sum instead of the mean",
    "The gradient is not divided by the number of examples: large batches take large steps.",
    "What does the question minimize: the sum or the mean of the squares?",
    "`/ len(xs)`.",
)
def _(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        weight -= rate * _gradient(weight, xs, ys) * len(xs)
    return weight


@descend.mistake(
    "the factor 2 lost",
    "Your steps are half as long: the derivative of a square has a factor 2.",
    "What is the derivative of (wx - y)² by w?",
    "`2 * (weight * x - y) * x`.",
)
def _(batches, rate):
    return _descend(batches, rate / 2)


@descend.mistake(
    "the weight after every step",
    "You return all weights on the way; the last one is asked for.",
    "How many numbers should come out?",
    "`return weight`.",
)
def _(batches, rate):
    return [_descend(batches[: i + 1], rate) for i in range(len(batches))]


@descend.mistake(
    "the gradient instead of the weight",
    "You return the gradient of the last batch.",
    "Which number does the question ask for?",
    "`return weight`.",
)
def _(batches, rate):
    return _gradient(_descend(batches[:-1], rate), *batches[-1])


@descend.mistake(
    "`return` inside the loop",
    "Only the first batch is used: the function returns before it comes to the others.",
    "How far is `return` indented, and how often is it reached?",
    "`return` belongs at the same indentation as the loop.",
)
def _(batches, rate):
    return _descend(batches[:1], rate)


# --- 11. stretch: a classifier ----------------------------------------------------------------------

BANDS = {0.66: 2, 0.72: 2, 0.75: 2}
DRAWN = 150  # of each label of the practice set; 500 of a private one
BY_HEART = 0.98  # no model that learned from train gets that far on the practice set
PRIVATE = "COURSE_PRIVATE"


@functools.cache
def _labeled(folder):
    """Sentences and labels that `predict` is scored on: the instructor's own from `folder`, else the reviews' test split.

    Raises ValueError when `folder` is given and holds no file sentences.tsv with at least 1,000 lines, at least 400 of
    each label: sentence, tab, 0 or 1.
    """
    if not folder:
        with open(Path(__file__).parents[1] / "assets/reviews/test.csv", encoding="utf-8", newline="") as file:
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
            raise ValueError(f"{path}, line {number}: this sentence stands in the file with the other label, too.")
    positive = sum(found.values())
    if len(found) < 1000 or not 400 <= positive <= len(found) - 400:
        raise ValueError(
            f"{path} holds {len(found):,} different sentences, {positive:,} of them positive; for a fair score "
            "at least 1,000 are needed, and of each label at least 400."
        )
    return found


def _truth(sentences):
    known = _labeled(os.environ.get(PRIVATE, ""))
    return [known[sentence] for sentence in sentences]


def _good(sentences):
    """An answer that is good and not perfect: every eighth of the sentences, in alphabetical order, is wrong."""
    wrong = set(sorted(sentences)[::8])
    return [label ^ (sentence in wrong) for sentence, label in zip(sentences, _truth(sentences))]


class _Banded(Part):
    """Each aspect is a share of right answers that must be reached."""

    def problem(self, case, output):
        return _share_problem(*case.inputs, output, needed=float(case.aspect.rpartition(" ")[2]))


predict = _Banded(
    "predict",
    "Beat the baseline",
    points={f"at least {band:.2f}": points for band, points in BANDS.items()},
    answer=_good,
    imports=ALLOWED | {"transformers", "sklearn", "scipy", "pandas", "datasets", "tqdm", "re", "string", "helpers"},
    banned=frozenset({"pipeline", "load_dataset", "read_csv", "read_text", "_good", "_truth", "_labeled"}),
    stretch=True,
    hints=(
        "Score your function on the validation split first. Is it better there than always saying the same?",
        "Which words count? Try pairs of words, another value of the model's strength, naive Bayes instead of regression.",
        "Once the settings are chosen on validation, train again on train and validation together.",
    ),
)


@predict.cases
def _(rng):
    known = _labeled(folder := os.environ.get(PRIVATE, ""))
    groups = [rng.permutation(sorted(s for s in known if known[s] == label)).tolist() for label in (0, 1)]
    each = min(500 if folder else DRAWN, *map(len, groups))  # as many of each label: the same for all is right for half
    drawn = rng.permutation([s for group in groups for s in group[:each]]).tolist()
    for band in BANDS:
        yield Case((drawn,), f"at least {band:.2f}")


@predict.judge
def _(inputs, given):
    return _share_problem(*inputs, given, min(BANDS))


def _share_problem(sentences, given, needed):
    """What is wrong with the labels given to some sentences; None if the share of right ones is at least `needed`."""
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, (list, tuple)):
        return "a list or an array with one label for each review is asked for"
    if len(given) != len(sentences):
        return f"{len(sentences)} reviews went in, {len(given)} labels came out"
    odd = next((x for x in given if type(x) is not int or x not in (0, 1)), None)
    if isinstance(odd, bool):
        return "these are booleans; convert them to the integers 0 and 1"
    if isinstance(odd, float):
        return f"{odd:.3g} is no label: decide for 0 or 1, as integers"
    if odd is not None:
        return f"{odd!r} is no label: 0 is negative, 1 is positive"
    if len(set(given)) == 1:
        return f"every review gets the label {given[0]}: that earns nothing, whatever its accuracy"
    share = float(np.mean(np.array(given) == _truth(sentences)))
    if share < 0.4:
        return f"{share:.3f} of {len(given)} reviews are right, worse than a coin; perhaps 0 and 1 are exchanged"
    if share > BY_HEART and not os.environ.get(PRIVATE):
        return f"{share:.3f} of {len(given)} reviews are right: that is the test split known by heart, not learned from train"
    return (
        None if share >= needed else f"{share:.3f} of {len(given)} reviews are right; the next points need {needed:.2f}"
    )


def _cheap(name, says, rule, *hints):
    predict.mistake(
        name,
        says,
        *(
            hints
            or (
                "How many of the validation reviews does it get right?",
                "Train a model on the train split; see lesson 06.",
            )
        ),
    )(rule)


_cheap("always the same label", "Every review is called positive.", lambda s: [1] * len(s))
_cheap("always the same label", "Every review is called negative.", lambda s: [0] * len(s))
for _label in (0, 1):
    _cheap(
        "one label for all",
        "One label comes out for all reviews together; one for each is asked for.",
        lambda s, label=_label: label,
        "How many reviews go in?",
        "Return a list as long as `sentences`.",
    )
    _cheap(
        "only the first review",
        "Only the first review gets a label.",
        lambda s, label=_label: [label],
        "How many reviews go in?",
        "Return a list as long as `sentences`.",
    )
_cheap(
    "known by heart",
    "Every single review is right: the labels of the test split were learned, or looked up.",
    _truth,
    "Which splits does the question let you learn from?",
    "Train on train and validation only.",
)
_cheap(
    "a coin",
    "These are random numbers, not answers to the reviews.",
    lambda s: np.random.default_rng(0).integers(0, 2, len(s)),
)
_cheap(
    "a coin",
    "These are random numbers, not answers to the reviews.",
    lambda s: np.random.RandomState(0).randint(0, 2, len(s)),
)
_cheap("taking turns", "Your labels take turns, whatever the reviews say.", lambda s: [i % 2 for i in range(len(s))])
_cheap(
    "the labels of the test file",
    "You return the labels of the test split in the order of its file; other reviews are asked, in another order.",
    lambda s: list(_labeled("").values()),
    "Is the answer to a review in its text, or in its place?",
    "Use `sentences`.",
)
_cheap(
    "the labels of the test file",
    "You return the labels of the test split in the order of its file; other reviews are asked, in another order.",
    lambda s: list(_labeled("").values())[: len(s)],
    "Is the answer to a review in its text, or in its place?",
    "Use `sentences`.",
)
for _word in ("good", "great", "love", "well"):
    _cheap(
        "one keyword",
        f'A review is positive where it says "{_word}": most reviews do not, either way.',
        lambda s, word=_word: [int(word in x.lower()) for x in s],
    )
for _word in ("not", "bad", "n't"):
    _cheap(
        "one keyword",
        f'A review is negative where it says "{_word}": many that do are content, many that do not are not.',
        lambda s, word=_word: [int(word not in x.lower()) for x in s],
    )
_cheap(
    "the length",
    "Your labels depend on how long the review is: short ones are positive.",
    lambda s: [int(len(x) < 100) for x in s],
)
_cheap(
    "exclamation marks", "A review is positive where it has an exclamation mark.", lambda s: [int("!" in x) for x in s]
)


# --- 12. written: its numbers -----------------------------------------------------------------------

VALIDATION = (64, 64)  # negative and positive reviews

written_numbers = Part(
    "written_numbers", "The numbers of your written answer", points={"consistent": 1}, answer=dict, is_value=True
)


@written_numbers.cases
def _(rng):
    yield Case((), "consistent")


@written_numbers.judge
def _(inputs, given):
    names = ("confusion", "accuracy", "low", "high")
    if not isinstance(given, dict):
        return f"fill in the dict: {', '.join(names)}"
    if missing := [k for k in names if given.get(k) is None]:
        return f"still to fill in: {', '.join(missing)}"
    table = given["confusion"]
    table = table.tolist() if isinstance(table, np.ndarray) else table
    try:
        cells = [x for row in table for x in row]
        square = len(table) == 2 and all(len(row) == 2 for row in table)
    except TypeError:
        square, cells = False, []
    if not square or any(type(x) is not int or x < 0 for x in cells):
        return "confusion has two rows of two whole numbers each"
    if any(type(given[k]) not in (int, float) for k in names[1:]):
        return "accuracy, low and high are plain numbers; use float(…)"
    rows, columns = tuple(map(sum, table)), tuple(map(sum, zip(*table)))
    total = sum(VALIDATION)
    if sum(rows) != total:
        return f"the table counts {sum(rows)} reviews; the validation split has {total}"
    if rows != VALIDATION:
        turned = " (actual labels are the rows)" if columns == VALIDATION else ""
        return f"the rows count {rows[0]} negative and {rows[1]} positive reviews; there are {VALIDATION[0]} of each{turned}"
    right = (table[0][0] + table[1][1]) / total
    half = 1.96 * math.sqrt(right * (1 - right) / total)
    for name, value in zip(names[1:], (right, right - half, right + half)):
        if not abs(given[name] - value) <= 6e-4:
            return f"{name} is {given[name]:.4f}; from your table it is {value:.4f}"
    return None


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
        written_numbers,
    ],
)
