"""Finding a text by its words, by its vector, or by both, and how good a ranking is.

index = BM25(documents)
by_words = index.scores("What did the fox say?")                        # one score per document
by_vector = cosine(mean_pool(hidden, mask), vectors)[0]                 # hidden states of a BERT, pooled
best = reciprocal_rank_fusion([by_words, by_vector]).argmax()
rank_of(by_words, relevant={3})                                         # 1 if document 3 comes first
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    Scores = Float[np.ndarray, " documents"]  # higher is better


def words(text: str) -> list[str]:
    """The words of `text` in lower case: runs of letters, digits and underscores. "The fox's" → the, fox, s."""
    return re.findall(r"\w+", text.lower())


def found_words(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Where the `wanted` words (in lower case) stand in `text`: the first letter and the place after the last."""
    wanted = set(wanted)
    return [match.span() for match in re.finditer(r"\w+", text) if not wanted.isdisjoint(words(match[0]))]


class BM25:
    """An index of `documents` that scores each by the words it shares with a query (Robertson & Zaragoza 2009).

    A word counts more if few documents have it, by idf = ln(1 + (N - n + 0.5) / (n + 0.5)) with n of N documents (the
    form that Lucene uses, which is never negative). It counts more if a document repeats it, but less and less so:
    `k1` says how soon that levels off. Long documents have more words by chance: `b` = 1 makes up for all of their
    length, `b` = 0 for none of it.

    Raises ValueError for no documents, and for `k1` < 0 or `b` outside [0, 1].
    """

    def __init__(self, documents: Sequence[str], k1: float = 1.5, b: float = 0.75) -> None:
        if not documents:
            raise ValueError("BM25 needs at least one document.")
        if k1 < 0 or not 0 <= b <= 1:
            raise ValueError(f"k1 is {k1} and b is {b}; k1 must be at least 0 and b between 0 and 1.")
        self.k1, self.b = k1, b
        counts = [Counter(words(document)) for document in documents]
        self.lengths = np.array([sum(count.values()) for count in counts], dtype=float)
        self.postings: dict[str, list[tuple[int, int]]] = {}  # word → (document, how often it stands there)
        for number, count in enumerate(counts):
            for word, times in count.items():
                self.postings.setdefault(word, []).append((number, times))

    def idf(self, word: str) -> float:
        """How much `word` tells: ln(1 + (N - n + 0.5) / (n + 0.5)); highest for a word that no document has."""
        n = len(self.postings.get(word, ()))
        return float(np.log1p((len(self.lengths) - n + 0.5) / (n + 0.5)))

    def parts(self, query: str) -> dict[str, Scores]:
        """What each word of `query` adds to the score of each document; their sum is `scores`."""
        relative = self.lengths / (self.lengths.mean() or 1)  # or 1: no document has a word
        parts: dict[str, Scores] = {}
        for word, asked in Counter(words(query)).items():
            parts[word] = part = np.zeros(len(self.lengths))
            weight = asked * self.idf(word)
            for number, times in self.postings.get(word, ()):
                slowed = self.k1 * (1 - self.b + self.b * relative[number])
                part[number] = weight * times * (self.k1 + 1) / (times + slowed)
        return parts

    def scores(self, query: str) -> Scores:
        """The score of each document for `query`: 0 where no word is shared."""
        return sum(self.parts(query).values(), np.zeros(len(self.lengths)))


def mean_pool(
    hidden: Float[np.ndarray, "texts tokens width"], mask: Int[np.ndarray, "texts tokens"]
) -> Float[np.ndarray, "texts width"]:
    """One vector per text: the mean of the hidden states of its tokens, without those that only fill the batch.

    `mask` is 1 at tokens and 0 at padding. So sentence-transformers pools MiniLM (Reimers & Gurevych 2019).
    Raises ValueError for a text whose mask is all 0.
    """
    hidden, mask = np.asarray(hidden), np.asarray(mask)
    lengths = mask.sum(axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"Text {int(np.argmin(lengths))} has no tokens: its mask is all 0.")
    return (hidden * mask[..., None]).sum(axis=1) / lengths


def cosine(
    queries: Float[np.ndarray, "queries width"], documents: Float[np.ndarray, "documents width"]
) -> Float[np.ndarray, "queries documents"]:
    """The cosine of the angle between each query and each document: 1 for the same direction, 0 for a right angle."""
    unit = [np.asarray(rows) / np.linalg.norm(rows, axis=-1, keepdims=True) for rows in (queries, documents)]
    return unit[0] @ unit[1].T


def ranks(scores: Scores) -> Int[np.ndarray, " documents"]:
    """The place of each document: 1 for the highest score. Documents that tie share the worst of their places."""
    scores = np.asarray(scores)
    return len(scores) - np.searchsorted(np.sort(scores), scores)  # all but those with a lower score


def reciprocal_rank_fusion(rankings: Sequence[Scores], k: int = 60) -> Scores:
    """One score from several: the sum of 1 / (k + place) over the `rankings` (Cormack et al. 2009).

    It asks for places alone, so the scores may have any scale.
    """
    return sum(1 / (k + ranks(scores)) for scores in rankings)


def z_sum(rankings: Sequence[Scores]) -> Scores:
    """One score from several: each with mean 0 and standard deviation 1 over the documents, then added."""
    return sum((scores - np.mean(scores)) / max(float(np.std(scores)), 1e-12) for scores in rankings)


def rank_of(scores: Scores, relevant: Collection[int]) -> int:
    """The place of the best of the `relevant` documents. Others with the same score are counted as before it.

    A search that gives all documents the same score therefore gains nothing. Raises ValueError if none is relevant.
    """
    if not relevant:
        raise ValueError("No document is relevant, so none has a place.")
    scores, relevant = np.asarray(scores), sorted(relevant)
    others = np.delete(scores, relevant)
    return 1 + int((others >= scores[relevant].max()).sum())


def hits_at(places: Sequence[int], k: int) -> Float[np.ndarray, " queries"]:
    """1 for each query whose right document is among the first `k`, else 0; the mean is hit@k."""
    return (np.asarray(places) <= k).astype(float)


def reciprocal_ranks(places: Sequence[int]) -> Float[np.ndarray, " queries"]:
    """1 / place for each query; the mean is the mean reciprocal rank, MRR."""
    return 1 / np.asarray(places, dtype=float)
