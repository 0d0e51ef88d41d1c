"""What only code can say of an answer to lab03_finetune_bert: judges of parts with several right answers, signs of mistakes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

BY_HEART = 0.98  # no model that learned from train gets that far on the practice set


def predict(inputs, facts, given):
    """`facts`: the labels, the share of them that is needed, and whether students could know the labels."""
    (sentences,) = inputs
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, (list, tuple)):
        return "the function should return a list or an array with one label for each review"
    if len(given) != len(sentences):
        return f"{len(sentences)} reviews went in, but {len(given)} labels came out"
    odd = next((x for x in given if type(x) is not int or x not in (0, 1)), None)
    if isinstance(odd, bool):
        return "these are booleans, so convert them to the integers 0 and 1"
    if isinstance(odd, float):
        return f"{odd:.3g} is not a label, so decide between the integers 0 and 1"
    if odd is not None:
        return f"{odd!r} is not a label: 0 is negative, 1 is positive"
    if len(set(given)) == 1:
        return f"every review gets the label {given[0]}, which earns nothing, whatever its accuracy"
    share = float(np.mean(np.array(given) == facts["labels"]))
    if share < 0.4:
        return f"{share:.3f} of {len(given)} reviews are right, which is worse than a coin toss; perhaps 0 and 1 are swapped"
    if share > BY_HEART and facts["public"]:
        return f"{share:.3f} of {len(given)} reviews are right, so the test split was memorized, not learned from train"
    return (
        None
        if share >= facts["needed"]
        else f"{share:.3f} of {len(given)} reviews are right, but the next points need {facts['needed']:.2f}"
    )


VALIDATION = (64, 64)  # negative and positive reviews


def collate_one_row_many_times(inputs, expected, outcome):
    found = (
        ([list(row) for row in outcome.output[key]], expected[key].tolist()) for key in ("input_ids", "attention_mask")
    )
    return any(got != right and all(row == got[0] for row in got) for got, right in found)


def label_ids_sorted_without_regard_to_capitals(inputs, expected, outcome):
    table = dict(zip(inputs[0], outcome.output, strict=True))
    order = sorted(table, key=table.get)
    return (
        list(table.values()) != expected
        and sorted(table.values()) == list(range(len(table)))
        and order == sorted(order, key=str.lower)
    )


def written_numbers(inputs, _, given):
    names = ("confusion", "accuracy", "low", "high")
    if not isinstance(given, dict):
        return f"fill in the dict: {', '.join(names)}"
    if missing := [k for k in names if given.get(k) is None]:
        return f"these are still to be filled in: {', '.join(missing)}"
    table = given["confusion"]
    table = table.tolist() if isinstance(table, np.ndarray) else table
    try:
        cells = [x for row in table for x in row]
        square = len(table) == 2 and all(len(row) == 2 for row in table)
    except TypeError:
        square, cells = False, []
    if not square or any(type(x) is not int or x < 0 for x in cells):
        return "confusion must have two rows of two integers each"
    if any(type(given[k]) not in (int, float) for k in names[1:]):
        return "accuracy, low and high must be plain numbers, so use float(…)"
    rows, columns = tuple(map(sum, table)), tuple(map(sum, zip(*table)))
    total = sum(VALIDATION)
    if sum(rows) != total:
        return f"your table counts {sum(rows)} reviews, but the validation split has {total}"
    if rows != VALIDATION:
        turned = " (the rows must be the actual labels)" if columns == VALIDATION else ""
        return f"your rows count {rows[0]} negative and {rows[1]} positive reviews, but there are {VALIDATION[0]} of each{turned}"
    right = (table[0][0] + table[1][1]) / total
    half = 1.96 * math.sqrt(right * (1 - right) / total)
    for name, value in zip(names[1:], (right, right - half, right + half)):
        if not abs(given[name] - value) <= 6e-4:
            return f"your {name} is {given[name]:.4f}, but from your table it should be {value:.4f}"
    return None


def predict_taking_turns(inputs, facts, outcome):
    labels = list(outcome.output)
    return len(labels) > 2 and all(one != other for one, other in pairwise(labels))


def predict_one_label_for_all(inputs, facts, outcome):
    return isinstance(outcome.output, (int, str))


def predict_only_the_first_review(inputs, facts, outcome):
    return len(inputs[0]) > 1 == len(outcome.output)
