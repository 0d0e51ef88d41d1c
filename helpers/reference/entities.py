"""Names in a text: labels on words and on word pieces, spans, and precision, recall and F1 over whole entities.

labels = ["B-PER", "I-PER", "O", "B-LOC"]          # BIO: begins, goes on, is outside
entities(labels)                                    # → [Entity("PER", 0, 2), Entity("LOC", 3, 4)]
on_pieces(labels, word_of_piece)                    # labels for a model that reads word pieces
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

IGNORED = -100
"""The label that torch's cross-entropy leaves out."""


class Entity(NamedTuple):
    """Words `first` up to, but not with, `end`, which name something of `kind`."""

    kind: str
    first: int
    end: int


def entities(labels: Sequence[str]) -> list[Entity]:
    """The entities that BIO `labels` mark.

    A model may write what no annotator would: an I- at the beginning, or after another kind. Such an I- is read as a
    B-, which is what seqeval does by default (and conlleval before it: Tjong Kim Sang & Buchholz 2000).
    """
    found: list[Entity] = []
    kind, first = "", 0
    for place, label in enumerate([*labels, "O"]):
        mark, _, this = label.partition("-")
        goes_on = mark == "I" and this == kind
        if kind and not goes_on:
            found.append(Entity(kind, first, place))
            kind = ""
        if mark != "O" and not goes_on:
            kind, first = this, place
    return found


def on_pieces(labels: Sequence[int], word_of_piece: Sequence[int | None]) -> list[int]:
    """A label for each word piece: the word's on its first piece, IGNORED on the others and on [CLS] and [SEP].

    `word_of_piece` says which word a piece belongs to, None for none: `encoding.word_ids()`.
    """
    before: int | None = None
    pieces = []
    for word in word_of_piece:
        pieces.append(IGNORED if word is None or word == before else labels[word])
        before = word
    return pieces


class Score(NamedTuple):
    """Precision, recall, F1, and the number of entities that there are."""

    precision: float
    recall: float
    f1: float
    support: int


def entity_scores(actual: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, Score]:
    """The score of each kind and, under "all", of all entities together (micro average), for sentences of BIO labels.

    An entity is right if its kind and both of its ends are right. 0 / 0 counts as 0.
    Raises ValueError for sentences of different numbers or lengths.
    """
    if [*map(len, actual)] != [*map(len, predicted)]:
        raise ValueError("The two have different numbers of sentences, or of words in a sentence.")
    right, said, there = Counter[str](), Counter[str](), Counter[str]()
    for truth, guess in zip(actual, predicted, strict=True):
        found, wanted = {*entities(guess)}, {*entities(truth)}
        for counter, these in ((right, found & wanted), (said, found), (there, wanted)):
            counter.update(entity.kind for entity in these)
    kinds = {kind: (right[kind], said[kind], there[kind]) for kind in sorted(said | there)}
    sums = kinds | {"all": (right.total(), said.total(), there.total())}
    return {kind: _score(*counts) for kind, counts in sums.items()}


def _score(right: int, said: int, there: int) -> Score:
    f1 = 2 * right / (said + there) if said + there else 0.0
    return Score(right / said if said else 0.0, right / there if there else 0.0, f1, there)
