"""Unigram, the tokenizer of T5, ALBERT and XLM-R: of all ways to cut a word, take the most probable one.

Every token has a probability. Those of a cut are multiplied, so its log-probabilities are added. All ways to
cut a word form a lattice: the places between characters, and an edge for each token that leads from one place
to another. Viterbi finds the best path through it; sampling draws other paths, each as often as it is probable.

Sources: Kudo 2018 ("Subword Regularization: Improving Neural Network Translation Models with Multiple Subword
Candidates") for model, training and sampling; Kudo and Richardson 2018 ("SentencePiece") for the space as `▁`;
Viterbi 1967 ("Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding Algorithm").

Encoding is equal to the `tokenizers` library's; the tests compare them. Training is Kudo's, not the library's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p

import numpy as np
import regex

from helpers.reference.text import cut_out, utf8

SPACE = "▁"
UNKNOWN_PENALTY = 10.0
"""An unknown character's log-probability is this much below that of the rarest token, as in SentencePiece."""

# --- The lattice -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edge:
    """A token that fits into the word from `start` to `end`, with its log-probability."""

    start: int
    end: int
    token: str
    score: float
    known: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One step of Viterbi: an edge, what the best path that ends with it scores, whether that is a new best."""

    edge: Edge
    total: float
    best: bool


def lattice(word: str, scores: Mapping[str, float], unknown: float = -inf, longest: int = 16) -> list[Edge]:
    """All tokens of at most `longest` characters in a word, by start, then by end (Kudo 2018, section 3.2).

    A character that is no token by itself gets an edge with the score `unknown`, so that the end is reached.
    """
    edges: list[Edge] = []
    for start in range(len(word)):
        for end in range(start + 1, min(start + longest, len(word)) + 1):
            token = word[start:end]
            if token in scores:
                edges.append(Edge(start, end, token, scores[token]))
            elif end == start + 1:
                edges.append(Edge(start, end, token, unknown, known=False))
    return edges


def viterbi(edges: Sequence[Edge]) -> list[Step]:
    """The best way to every place of the word, from left to right (Viterbi 1967; Kudo 2018, section 3.2).

    A path is as good as its last edge plus the best path to where that edge starts. Of several equally good
    edges the first, which is the longest, stays, as in the library.
    """
    best_to = {0: 0.0}
    steps: list[Step] = []
    for edge in edges:
        total = best_to[edge.start] + edge.score
        best = edge.end not in best_to or total > best_to[edge.end]
        if best:
            best_to[edge.end] = total
        steps.append(Step(edge, total, best))
    return steps


def best_path(steps: Sequence[Step]) -> list[Edge]:
    """The edges of the best path, followed back from the end of the word (Viterbi 1967)."""
    best_edge = {step.edge.end: step.edge for step in steps if step.best}
    path: list[Edge] = []
    place = max(best_edge, default=0)
    while place > 0:
        path.insert(0, best_edge[place])
        place = path[0].start
    return path


def log_add(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), with the larger of the two taken out so that nothing overflows or vanishes."""
    low, high = (a, b) if a < b else (b, a)
    return high + log1p(exp(low - high)) if low > -inf else high


def forward(edges: Sequence[Edge], theta: float = 1.0) -> dict[int, float]:
    """For each place the log of the summed probability of all paths to it: Viterbi with a sum for the maximum.

    Probabilities are raised to the power `theta` first (Kudo 2018, section 3.3, where it is called α).
    """
    sums = {0: 0.0}
    for edge in edges:
        sums[edge.end] = log_add(sums.get(edge.end, -inf), sums[edge.start] + theta * edge.score)
    return sums


def backward(edges: Sequence[Edge]) -> dict[int, float]:
    """For each place the log of the summed probability of all paths from it to the end (Kudo 2018, 3.2)."""
    sums = {max((edge.end for edge in edges), default=0): 0.0}
    for edge in reversed(edges):
        sums[edge.start] = log_add(sums.get(edge.start, -inf), edge.score + sums[edge.end])
    return sums


def sample_path(edges: Sequence[Edge], rng: np.random.Generator, theta: float = 1.0) -> list[Edge]:
    """A path drawn with probability ∝ P(path)^theta: forward filtering, backward sampling (Kudo 2018, 3.3).

    From the end of the word backwards, each edge is drawn by its share of what arrives at the place.
    `theta` 0 draws every path equally often, a large one nearly always the best.
    """
    sums, path = forward(edges, theta), []
    place = max(sums)
    while place > 0:
        arriving = [edge for edge in edges if edge.end == place]
        shares = np.exp([sums[edge.start] + theta * edge.score - sums[place] for edge in arriving])
        path.insert(0, arriving[rng.choice(len(arriving), p=shares / shares.sum())])
        place = path[0].start
    return path


# --- Encoding and decoding ---------------------------------------------------------------------------------


def split(text: str) -> list[str]:
    """Words with their space before them as `▁`, also the first (Kudo and Richardson 2018): `a b` → `▁a ▁b`."""
    utf8(text)  # a lone surrogate is refused here, while its position is known
    text = text.replace(" ", SPACE)
    return regex.findall(f"{SPACE}[^{SPACE}]*", text if text.startswith(SPACE) or not text else SPACE + text)


class Unigram:
    """Tokens and their log-probabilities: `encode` from text to ids, `decode` back (Kudo 2018).

    Attributes:
        scores: token → log-probability; a token's place is its id.
        unknown: the token whose id stands for characters that no token has.
        special_tokens: tokens found in the text before anything else.
    """

    def __init__(self, scores: Mapping[str, float], unknown: str = "<unk>", special_tokens: Sequence[str] = ()) -> None:
        self.scores, self.unknown, self.special_tokens = dict(scores), unknown, tuple(special_tokens)
        self.vocab = {token: id_ for id_, token in enumerate(self.scores)}
        self.token_of = list(self.scores)
        self.unknown_score = min(self.scores.values()) - UNKNOWN_PENALTY
        self.longest = max(map(len, self.scores))
        self.known: dict[str, list[str]] = {}  # words already encoded; most words come again

    @classmethod
    def from_json(cls, tokenizer_json: str) -> Unigram:
        """Read the library's file, `tokenizer.json`. Raises ValueError for settings that are not followed here."""
        file = json.loads(tokenizer_json)
        model, cut = file["model"], file["pre_tokenizer"] or {}
        found = model["type"], cut.get("type"), cut.get("replacement"), cut.get("prepend_scheme"), file["normalizer"]
        if found != ("Unigram", "Metaspace", SPACE, "always", None):
            raise ValueError(f"expected Unigram after Metaspace, and no normalizer; got {found}")
        if model["unk_id"] is None or model.get("byte_fallback"):
            raise ValueError("expected a Unigram with an unknown token instead of bytes")
        added = [token["content"] for token in file["added_tokens"]]
        return cls(dict(model["vocab"]), model["vocab"][model["unk_id"]][0], added)

    def lattice(self, word: str) -> list[Edge]:
        """The edges of a word such as `▁tea`, those of unknown characters among them (Kudo 2018)."""
        return lattice(word, self.scores, self.unknown_score, self.longest)

    def steps(self, word: str) -> list[Step]:
        """The steps of Viterbi through a word such as `▁tea`; `best_path` follows them back."""
        return viterbi(self.lattice(word))

    def join_unknown(self, path: Iterable[Edge]) -> list[str]:
        """The tokens of a path. Unknown characters in a row are one token, as in the library."""
        tokens, was_known = [], True
        for edge in path:
            known = edge.known and edge.token != self.unknown
            if known or was_known:
                tokens.append(edge.token)
            else:
                tokens[-1] += edge.token
            was_known = known
        return tokens

    def tokenize(self, text: str, rng: np.random.Generator | None = None, theta: float = 1.0) -> list[str]:
        """The tokens of a text, the most probable; with `rng`, drawn by `sample_path` (Kudo 2018, section 3.3)."""
        tokens: list[str] = []
        for part in cut_out(self.special_tokens, text):
            if part in self.special_tokens:
                tokens.append(part)
                continue
            for word in split(part):
                if rng is not None:
                    tokens.extend(self.join_unknown(sample_path(self.lattice(word), rng, theta)))
                    continue
                if word not in self.known:
                    self.known[word] = self.join_unknown(best_path(self.steps(word)))
                tokens.extend(self.known[word])
        return tokens

    def encode(self, text: str, rng: np.random.Generator | None = None, theta: float = 1.0) -> list[int]:
        """The ids of `tokenize`. Raises ValueError on a lone surrogate, with its position."""
        return [self.vocab.get(token, self.vocab[self.unknown]) for token in self.tokenize(text, rng, theta)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids: `▁` becomes a space, but for the first token's. What was unknown stays unknown."""
        first, *others = [self.token_of[id_] for id_ in ids] or [""]
        return first.replace(SPACE, "") + "".join(others).replace(SPACE, " ")


# --- Training ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Round:
    """One round of training: Σ log P(word) before the update, and the tokens and log-probabilities after it."""

    log_likelihood: float
    scores: Mapping[str, float]


def seed_scores(words: Mapping[str, int], size: int, longest: int = 16) -> dict[str, float]:
    """All characters, and the substrings with the highest count × length (Kudo 2018, section 3.2, step 1)."""
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(start + longest, len(word)) + 1):
                counts[word[start:end]] += count
    ranked = sorted(counts, key=lambda token: (len(token) > 1, -counts[token] * len(token), token))
    return to_scores({token: counts[token] for token in ranked[:size]})


def to_scores(counts: Mapping[str, float]) -> dict[str, float]:
    """The M step: log-probabilities in proportion to the expected counts (Kudo 2018, section 3.2, step 2a)."""
    total = sum(counts.values())
    return {token: log(max(count / total, 1e-300)) for token, count in counts.items()}


def expected_counts(words: Mapping[str, int], scores: Mapping[str, float]) -> tuple[Counter[str], float]:
    """The E step: how often each token is used, over all cuts of all words by their probability; and Σ log P.

    An edge's share of a word: all paths to it, times itself, times all paths after it, over all paths
    (Kudo 2018, section 3.2, step 2a).
    """
    expected, log_likelihood = Counter(dict.fromkeys(scores, 0.0)), 0.0
    for word, count in words.items():
        edges = lattice(word, scores)
        before, after = forward(edges), backward(edges)
        log_likelihood += count * before[len(word)]
        for edge in edges:
            log_share = before[edge.start] + edge.score + after[edge.end] - before[len(word)]
            expected[edge.token] += count * exp(log_share)
    return expected, log_likelihood


def prune(scores: Mapping[str, float], expected: Mapping[str, float], size: int) -> dict[str, float]:
    """Keep the tokens that would be missed most, and all characters (Kudo 2018, section 3.2, steps 2b, 2c).

    A token's loss: how often it is used, times how much less probable the next best cut of it is.
    """

    def loss(token: str) -> float:
        if len(token) == 1:
            return inf
        without = [edge for edge in lattice(token, scores) if edge.token != token]
        return expected[token] * (scores[token] - sum(edge.score for edge in best_path(viterbi(without))))

    return {token: scores[token] for token in sorted(scores, key=loss, reverse=True)[:size]}


def rounds(
    words: Mapping[str, int], scores: Mapping[str, float], vocab_size: int, em_steps: int = 2, shrink: float = 0.8
) -> Iterator[Round]:
    """Training (Kudo 2018, section 3.2): `em_steps` of EM, drop a fifth of the tokens, until few enough are left.

    While the tokens stay the same the likelihood never falls; when some are dropped it does.
    """
    while True:
        for _ in range(em_steps):
            expected, log_likelihood = expected_counts(words, scores)
            scores = to_scores(expected)
            yield Round(log_likelihood, scores)
        if len(scores) <= vocab_size:
            return
        scores = prune(scores, expected, max(vocab_size, int(shrink * len(scores))))


def train(texts: Iterable[str], vocab_size: int, unknown: str = "<unk>", seed_size: int = 10_000) -> Unigram:
    """A Unigram learned from texts (Kudo 2018, section 3.2). Ids: `unknown`, then tokens, most probable first.

    SentencePiece and the library differ in details (a prior on the counts, another loss): so do their tokens.
    Raises ValueError if `vocab_size` has no room for the characters, or for a lone surrogate.
    """
    words = Counter(word for text in texts for word in split(text))
    characters = len(set("".join(words)))
    if vocab_size < characters + 1:
        raise ValueError(f"vocab_size is {vocab_size}; the characters and {unknown} alone are {characters + 1}")
    *_, last = rounds(words, seed_scores(words, max(seed_size, vocab_size)), vocab_size - 1)
    ranked = sorted(last.scores.items(), key=lambda item: (-item[1], item[0]))
    return Unigram({unknown: 0.0} | dict(ranked), unknown)
