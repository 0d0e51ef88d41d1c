"""What only code can say of an answer to lab05_search: the judge of the written numbers, and signs of mistakes."""

from __future__ import annotations

import functools
import string
from collections import Counter

import numpy as np

CHOSEN = (
    "alleleiraugh-or-the-many-furred-creature",
    "fox-and-wolf",
    "the-wee-bannock",
)

K1, B = 1.5, 0.75


@functools.cache
def prepare():
    """For each question, the scores of all sections and the numbers of the right ones, at K1 and B."""
    from helpers import corpora
    from helpers.reference.search import BM25

    tales = corpora.fairytales()
    kept = [i for i, section in enumerate(tales.sections) if section.tale in CHOSEN]
    index = BM25([tales.sections[i].text for i in kept], K1, B)
    asked = [question for question in tales.questions if question.sections[0] in kept]
    return [(index.scores(question.text), [kept.index(i) for i in question.sections]) for question in asked]


@functools.cache
def measured():
    """The rank of the right section in each question."""
    from helpers.reference.search import rank_of

    return [rank_of(scores, right) for scores, right in prepare()]


def _three(value):
    return isinstance(value, (list, tuple)) and len(value) == 3 and all(type(number) is int for number in value)


def written_numbers(inputs, _, given):
    if not isinstance(given, dict):
        return "fill in the dict: questions, ranks, winners, mrr, hit_at_1"
    for key in ("questions", "ranks", "winners"):
        value = given.get(key)
        value = value.tolist() if isinstance(value, np.ndarray) else value
        if value is None:
            return f"{key} is still to be filled in"
        if not _three(value):
            return f"{key} must be a list of three integers"
    for key in ("mrr", "hit_at_1"):
        if given.get(key) is None:
            return f"{key} is still to be filled in"
        if type(given[key]) not in (int, float):
            return f"{key} must be a plain number"
    real = measured()
    chosen = [int(number) for number in given["questions"]]
    if len(set(chosen)) < 3:
        return "the three questions must be different"
    for number, place, winner in zip(chosen, given["ranks"], given["winners"]):
        if not 0 <= number < len(real):
            return f"there is no question {number}; they are numbered from 0 to {len(real) - 1}"
        scores, right = prepare()[number]
        if real[number] == 1:
            return f"your search gets question {number} right, so choose another one"
        if place != real[number]:
            return f"your rank in question {number} is {place}, but measured again it is {real[number]}"
        others = [i for i in range(len(scores)) if i not in right]
        if winner in right:
            return f"section {winner} is right in question {number}, so it is not the winner that should not have won"
        if winner not in others or scores[winner] < max(scores[i] for i in others) - 1e-9:
            return f"section {winner} does not have the highest score of the wrong sections in question {number}"
    values = {"mrr": np.mean([1 / place for place in real]), "hit_at_1": np.mean([place == 1 for place in real])}
    for key, value in values.items():
        if not abs(given[key] - value) <= 0.0015:
            return f"your {key} is {given[key]:.4f}, but measured again it is {value:.4f}"
    return None


def normalized_spaces_left(inputs, expected, outcome):
    return outcome.output.split() == expected.split()


def mrr_and_hit_none_has_a_rank(inputs, expected, outcome):
    (mean, hit), (right_mean, right_hit) = outcome.output, expected
    return None in inputs[0] and abs(hit - right_hit) < 1e-9 and right_mean < mean <= 1


def normalized_letters_lost(inputs, expected, outcome):
    lost = Counter(expected) - Counter(outcome.output)
    return bool(lost) and set(lost) <= set("anthe ") and set(outcome.output) <= set(expected)


def normalized_articles_left(inputs, expected, outcome):
    return bool({"a", "an", "the"} & set(outcome.output.split()))


def normalized_punctuation_left(inputs, expected, outcome):
    return bool(set(string.punctuation) & set(outcome.output))
