"""How near a translation is to what people wrote: BLEU and chrF, over a corpus, as sacrebleu computes them.

bleu(["Le chat dort."], [["Le chat dort.", "Le chat est endormi."]])   # → 100.0
counts = bleu_counts(hypotheses, references)                           # a row for each sentence
bleu_of(counts[drawn].sum(axis=0))                                     # so that a bootstrap need not count again
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Int

N_GRAMS = 4  # words in the longest n-gram of BLEU
CHARACTERS = 6  # characters in the longest n-gram of chrF
BETA = 2  # chrF counts recall as twice as important as precision

ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
SEPARATE = (
    (re.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),  # ASCII punctuation but for apostrophe, comma, period and dash
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),  # a period or comma, unless a digit is before it
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),  # … unless a digit is after it
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),  # a dash after a digit
)


def tokenize_13a(text: str) -> list[str]:
    """The words and marks that BLEU counts: those of mteval-v13a, which sacrebleu takes unless told otherwise."""
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    text = f" {text} "
    for pattern, apart in SEPARATE:
        text = pattern.sub(apart, text)
    return text.split()


def n_grams(items: Sequence[Any], n: int) -> Counter:
    """How often each run of `n` items occurs. A text gives runs of characters, a list gives tuples."""
    runs = (items[i : i + n] for i in range(len(items) - n + 1))
    return Counter(runs if isinstance(items, str) else map(tuple, runs))


def clipped_matches(hypothesis: Counter, references: Sequence[Counter]) -> int:
    """How many n-grams of the hypothesis are in a reference, each at most as often as in the one that has most of it.

    (Papineni et al. 2002, section 2.1.1: "modified n-gram precision")
    """
    return sum(min(count, max(known[gram] for known in references)) for gram, count in hypothesis.items())


# --- BLEU -------------------------------------------------------------------------------------------------


def bleu_counts(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Int[np.ndarray, "sentences counts"]:
    """For each sentence: its length in words, the nearest reference's, then matches and n-grams for n = 1 … 4.

    `references` holds the references of each hypothesis. Raises ValueError for other numbers of them, or for none.
    """
    _check(hypotheses, references)
    rows = []
    for hypothesis, those in zip(hypotheses, references, strict=True):
        words, known = tokenize_13a(hypothesis), [tokenize_13a(reference) for reference in those]
        nearest = min(map(len, known), key=lambda length: (abs(length - len(words)), length))
        row = [len(words), nearest]
        grams = [n_grams(words, n) for n in range(1, N_GRAMS + 1)]
        row += [clipped_matches(gram, [n_grams(r, n) for r in known]) for n, gram in enumerate(grams, 1)]
        row += [gram.total() for gram in grams]
        rows.append(row)
    return np.array(rows, dtype=np.int64).reshape(-1, 2 + 2 * N_GRAMS)


def bleu_of(counts: Int[np.ndarray, " counts"]) -> float:
    """BLEU from the sums of `bleu_counts` (Papineni et al. 2002, section 2.3), from 0 to 100.

    An order without a match counts as half a match, the next one as a quarter (NIST's smoothing, Chen & Cherry 2014,
    method 3). Without any match, or without n-grams of some order, it is 0.
    """
    length, reference = counts[:2]
    matches, totals = counts[2 : 2 + N_GRAMS], counts[2 + N_GRAMS :]
    if not matches.any() or not totals.all():
        return 0.0
    logs, share = [], 1.0
    for match, total in zip(matches, totals, strict=True):
        if match == 0:
            share /= 2
        logs.append(math.log((match or share) / total))
    return 100 * brevity_penalty(length, reference) * math.exp(sum(logs) / N_GRAMS)


def brevity_penalty(length: int, reference: int) -> float:
    """1 for a text that is at least as long as the reference, else e^(1 − reference / length), and 0 for none."""
    if length >= reference:
        return 1.0
    return math.exp(1 - reference / length) if length else 0.0


def bleu(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """BLEU over the whole corpus, from 0 to 100. It is not the mean of the sentences' BLEU. Raises as `bleu_counts`."""
    return bleu_of(bleu_counts(hypotheses, references).sum(axis=0))


# --- chrF -------------------------------------------------------------------------------------------------


def chrf_counts(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Int[np.ndarray, "sentences counts"]:
    """For each sentence and each n = 1 … 6: its n-grams of characters, the reference's, and the clipped matches.

    Spaces do not count. Of several references it is the one with the highest chrF. Raises as `bleu_counts`.
    """
    _check(hypotheses, references)
    rows = []
    for hypothesis, those in zip(hypotheses, references, strict=True):
        grams = _character_grams(hypothesis)
        candidates = []
        for known in map(_character_grams, those):
            counts = [
                (ours.total() * bool(theirs), theirs.total(), clipped_matches(ours, [theirs]))
                for ours, theirs in zip(grams, known, strict=True)
            ]
            candidates.append(np.array(counts, dtype=np.int64).ravel())
        rows.append(max(candidates, key=chrf_of))
    return np.array(rows, dtype=np.int64).reshape(-1, 3 * CHARACTERS)


def _character_grams(text: str) -> list[Counter]:
    text = "".join(text.split())
    return [n_grams(text, n) for n in range(1, CHARACTERS + 1)]


def chrf_of(counts: Int[np.ndarray, " counts"]) -> float:
    """chrF from the sums of `chrf_counts` (Popović 2015), from 0 to 100: F₂ of the mean precision and the mean recall.

    An n for which one of the two has no n-grams is left out of the means.
    """
    there = [(ours, theirs, match) for ours, theirs, match in counts.reshape(-1, 3) if ours and theirs]
    if not any(match for *_, match in there):
        return 0.0
    precision = sum(match / ours for ours, _, match in there) / len(there)
    recall = sum(match / theirs for _, theirs, match in there) / len(there)
    return 100 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def chrf(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """chrF over the whole corpus, from 0 to 100. Raises as `bleu_counts`."""
    return chrf_of(chrf_counts(hypotheses, references).sum(axis=0))


def _check(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses and references for {len(references)}: there must be as many.")
    if isinstance(references, str) or any(isinstance(those, str) for those in references):
        raise ValueError('Each hypothesis needs a list of references: [["Le chat dort."]], not ["Le chat dort."].')
    if not all(references):
        raise ValueError("A hypothesis has no reference.")


# --- is the difference luck? --------------------------------------------------------------------------------


def paired_bootstrap(
    ours: Int[np.ndarray, "sentences counts"],
    theirs: Int[np.ndarray, "sentences counts"],
    score_of: Callable[[Int[np.ndarray, " counts"]], float],
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """An interval for score(ours) − score(theirs) on the same sentences (Koehn 2004).

    Each resample draws as many sentences as there are, with replacement, the same ones for both systems.
    Raises ValueError for two numbers of sentences, or none.
    """
    if len(ours) != len(theirs) or not len(ours):
        raise ValueError(f"{len(ours)} sentences and {len(theirs)}: a paired comparison needs the same ones twice.")
    sentences = len(ours)
    drawn = np.random.default_rng(seed).multinomial(sentences, np.full(sentences, 1 / sentences), size=resamples)
    sums = zip(drawn @ ours, drawn @ theirs, strict=True)
    differences = [score_of(one) - score_of(other) for one, other in sums]
    tail = (1 - confidence) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return float(low), float(high)
