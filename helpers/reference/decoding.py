"""From logits to text: what changes the logits, how a token is chosen, and the loops around it.

    next_logits = lambda ids: gpt2_forward(weights, config, [ids]).logits[0, -1]
    generate(next_logits, prompt, 20, greedy)
    generate(next_logits, prompt, 20, lambda z: sample(warp(z, t=0.8, k=50, p=0.9), rng))
    generate(lambda ids: repetition_penalty(next_logits(ids), ids, 1.3), prompt, 20, greedy)
    beam_search(next_logits, prompt, 20, beams=4).hypotheses[0].ids

What changes logits takes logits and gives logits back, so that it can be chained in any order. A token that is cut
gets the logit -inf, that is, probability 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers.reference.attention import softmax
from helpers.reference.transformer import gpt2_forward, new_cache

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from helpers.reference.transformer import Config, Weights

    Row = Float[np.ndarray, " vocabulary"]  # the logits of one next token
    Logits = Float[np.ndarray, "*batch vocabulary"]  # of any number of them
    Ids = Int[np.ndarray, "texts tokens"]
    NextLogits = Callable[[list[int]], Row]


def log_softmax(logits: Logits) -> Logits:
    """The logarithm of `softmax(logits)`, finite where the probability itself would round to 0."""
    logits = np.asarray(logits)
    below = logits - logits.max(axis=-1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


# Changing the logits ---------------------------------------------------------------------------------


def temperature(logits: Logits, t: float) -> Logits:
    """Logits divided by `t`: below 1 the likely tokens gain, above 1 the unlikely ones do.

    The softmax of the result is proportional to p ** (1 / t). Raises ValueError unless `t` > 0: the limit of t → 0 is
    `greedy`.
    """
    if not t > 0:
        raise ValueError(f"temperature is {t}, it must be above 0. For the likeliest token use greedy().")
    return np.asarray(logits) / t


def top_k(logits: Logits, k: int) -> Logits:
    """Keep the `k` highest logits, cut the rest (Fan et al. 2018).

    All tokens tied with the k-th highest stay, so more than `k` may be left. A `k` beyond the vocabulary keeps
    everything. Raises ValueError when `k` < 1.
    """
    if k < 1:
        raise ValueError(f"top_k is {k}, it must be at least 1: some token has to be left.")
    logits = np.asarray(logits)
    k = min(k, logits.shape[-1])
    threshold = np.sort(logits, axis=-1)[..., -k, None]
    return np.where(logits < threshold, -np.inf, logits)


def top_p(logits: Logits, p: float) -> Logits:
    """Keep the nucleus: the fewest likeliest tokens whose mass reaches `p` (Holtzman et al. 2020).

    The likeliest token always stays, even for p = 0; p = 1 changes nothing. Where the nucleus ends among tied tokens,
    the ones with the lower ids stay. Raises ValueError unless 0 <= `p` <= 1.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"top_p is {p}, it must lie between 0 and 1.")
    logits = np.asarray(logits)
    if p == 1:
        return logits
    unlikely_first = np.argsort(-logits, axis=-1, kind="stable")[..., ::-1]
    ordered = np.take_along_axis(softmax(logits, axis=-1), unlikely_first, axis=-1)
    # Summed from the unlikely end: in the other direction the small ones are lost in rounding.
    cut = np.cumsum(ordered, axis=-1) <= 1 - p
    cut[..., -1] = False
    cut_by_token = np.empty_like(cut)
    np.put_along_axis(cut_by_token, unlikely_first, cut, axis=-1)
    return np.where(cut_by_token, -np.inf, logits)


def min_p(logits: Logits, p: float) -> Logits:
    """Keep the tokens with at least `p` times the probability of the likeliest one (Nguyen et al. 2024).

    Tied tokens stay or go together; p = 0 changes nothing. Raises ValueError unless 0 <= `p` <= 1.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"min_p is {p}, it must lie between 0 and 1.")
    probabilities = softmax(logits, axis=-1)
    return np.where(probabilities < p * probabilities.max(axis=-1, keepdims=True), -np.inf, logits)


def typical(logits: Logits, mass: float) -> Logits:
    """Keep the tokens whose surprise, -log p, is nearest to the entropy until they hold `mass` (Meister et al. 2023).

    Tokens as far from the entropy as the last one kept stay too; the likeliest token may go; `mass` = 1 changes
    nothing. Raises ValueError unless 0 < `mass` <= 1.
    """
    if not 0 < mass <= 1:
        raise ValueError(f"the typical mass is {mass}, it must be above 0 and at most 1.")
    logits = np.asarray(logits)
    if mass == 1:
        return logits
    surprise, probabilities = -log_softmax(logits), softmax(logits, axis=-1)
    entropy = np.sum(probabilities * surprise, axis=-1, keepdims=True, where=probabilities > 0)
    distance = np.abs(surprise - entropy)
    nearest_first = np.argsort(distance, axis=-1, kind="stable")
    reached = np.cumsum(np.take_along_axis(probabilities, nearest_first, axis=-1), axis=-1)
    last = np.minimum(np.sum(reached < mass, axis=-1, keepdims=True), logits.shape[-1] - 1)
    furthest = np.take_along_axis(distance, np.take_along_axis(nearest_first, last, axis=-1), axis=-1)
    return np.where(distance > furthest, -np.inf, logits)


def warp(logits: Logits, t: float = 1.0, k: int = 0, p: float = 1.0) -> Logits:
    """Temperature, then top-k, then top-p, in the order of transformers' `generate`; k = 0 stands for all tokens.

    The order matters: the nucleus is that of what the other two have left.
    """
    logits = temperature(logits, t)
    return top_p(top_k(logits, k or logits.shape[-1]), p)


def repetition_penalty(logits: Row, ids: Sequence[int], penalty: float) -> Row:
    """Make every token of `ids` less likely, once, however often it occurs there (Keskar et al. 2019, section 4.1).

    A positive logit is divided by `penalty`, a negative one multiplied (divided, it would rise). `ids` is everything so
    far, the prompt included. Raises ValueError unless `penalty` > 0; below 1 it rewards repetition.
    """
    if not penalty > 0:
        raise ValueError(f"the repetition penalty is {penalty}, it must be above 0 (1 changes nothing).")
    logits, seen = np.array(logits), np.unique(np.asarray(ids, dtype=int))
    logits[seen] = np.where(logits[seen] < 0, logits[seen] * penalty, logits[seen] / penalty)
    return logits


def no_repeat_ngrams(logits: Row, ids: Sequence[int], n: int) -> Row:
    """Cut each token that would complete an n-gram of `ids` again (Paulus et al. 2018). ValueError when `n` < 1."""
    if n < 1:
        raise ValueError(f"n is {n}, it must be at least 1.")
    logits, ids = np.array(logits), list(ids)
    grams = [ids[i : i + n] for i in range(len(ids) - n + 1)]
    logits[[gram[-1] for gram in grams if gram[:-1] == ids[len(ids) - n + 1 :]]] = -np.inf
    return logits


def minimum_length(logits: Logits, length: int, minimum: int, end: int) -> Logits:
    """Cut the token `end` while there are `length` tokens, fewer than `minimum`.

    Whether the prompt counts is up to you: for `min_length` of transformers it does, for `min_new_tokens` it does not.
    """
    logits = np.array(logits)
    if length < minimum:
        logits[..., end] = -np.inf
    return logits


# Choosing a token ------------------------------------------------------------------------------------


def greedy(logits: Logits) -> Int[np.ndarray, "*batch"]:
    """The id of the highest logit; of tied ones the lowest id."""
    return np.argmax(logits, axis=-1)


def sample(logits: Logits, rng: np.random.Generator) -> Int[np.ndarray, "*batch"]:
    """One id per row, drawn with the probabilities softmax(logits).

    Laid end to end, the probabilities cover the line from 0 to 1; a uniform random number hits one of them.
    """
    right_ends = np.cumsum(softmax(np.asarray(logits), axis=-1), axis=-1)
    point = rng.random((*right_ends.shape[:-1], 1)) * right_ends[..., -1:]
    return np.sum(right_ends <= point, axis=-1)


# One text --------------------------------------------------------------------------------------------


def generate(
    next_logits: NextLogits,
    ids: Sequence[int],
    steps: int,
    choose: Callable[[Row], int],
    stop: int | Callable[[list[int]], bool] | None = None,
) -> list[int]:
    """`ids` and up to `steps` tokens more, each chosen from what the model says about all those before it.

    `next_logits` is the model: ids in, one logit per entry of the vocabulary out. `choose` turns these logits into an
    id, for instance `greedy`, or `lambda z: sample(top_p(z, 0.9), rng)`. The loop ends early after the id `stop`, or
    when `stop(ids)` is true; what ended it is kept, as transformers' `generate` does.
    """
    ids = [int(i) for i in ids]
    for _ in range(steps):
        ids.append(int(choose(next_logits(ids))))
        if stop(ids) if callable(stop) else ids[-1] == stop:
            break
    return ids


def until(text: str, stops: Sequence[str]) -> str:
    """The part of `text` before the first stop string in it; all of it if there is none.

    Look in the text that the tokens make: a stop string seldom begins and ends where they do. Raises ValueError for an
    empty stop string.
    """
    if "" in stops:
        raise ValueError("a stop string is empty: it must have a character, or every text ends before it begins")
    return text[: min((text.index(stop) for stop in stops if stop in text), default=None)]


def cached_logits(weights: Weights, config: Config) -> Callable[[list[int]], Float[np.ndarray, "new vocabulary"]]:
    """GPT-2 as a function of ids that keeps its keys and values from one question to the next.

    It computes what comes after the part that the ids share with those of the last question, and gives a row of logits
    for each of these tokens: `logits(ids)[-1]` is about the next one. Every question is answered right; a text that
    grows is answered fast.
    """
    cache, known = new_cache(config), []

    def logits(ids: list[int]) -> Float[np.ndarray, "new vocabulary"]:
        nonlocal known
        same = 0
        while same < min(len(known), len(ids) - 1) and known[same] == ids[same]:
            same += 1
        for layer in cache if known else []:
            layer.key, layer.value = layer.key[..., :same, :], layer.value[..., :same, :]
        known = list(ids)
        return gpt2_forward(weights, config, np.array([ids[same:]]), cache=cache).logits[0]

    return logits


# Many texts ------------------------------------------------------------------------------------------


def left_pad(rows: Sequence[Sequence[int]], pad: int) -> tuple[Ids, Ids, Ids]:
    """Texts of different lengths as one array of ids, with its attention_mask and position_ids.

    The padding is in front, because the next token goes behind the last column. A text's first token has position
    0; so has padding, where it does not matter. Raises ValueError for an empty text.
    """
    if not all(len(row) for row in rows):
        raise ValueError("a text is empty: it must have a token, for instance the end-of-text token")
    longest = max(map(len, rows))
    ids = np.array([[pad] * (longest - len(row)) + list(row) for row in rows])
    mask = np.array([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return ids, mask, np.maximum(np.cumsum(mask, axis=-1) - 1, 0)


def generate_batch(
    weights: Weights,
    config: Config,
    prompts: Sequence[Sequence[int]],
    steps: int,
    choose: Callable[[Float[np.ndarray, "texts vocabulary"]], Int[np.ndarray, " texts"]],
    pad: int,
    stop: int | None = None,
    use_cache: bool = True,
) -> list[list[int]]:
    """`generate` with GPT-2 for several prompts at once: each step is one forward pass over a column of new tokens.

    Without the cache each step computes all columns again. A text that has met `stop` is filled up with `pad` while
    others go on; they come back without padding.
    """
    ids, mask, positions = left_pad(prompts, pad)
    cache, running = new_cache(config) if use_cache else None, np.ones(len(ids), dtype=bool)
    for _ in range(steps):
        past = len(cache[0]) if cache else 0
        output = gpt2_forward(weights, config, ids[:, past:], mask, positions[:, past:], cache)
        chosen = np.where(running, choose(output.logits[:, -1]), pad)
        ids, mask = np.column_stack([ids, chosen]), np.column_stack([mask, running])
        positions = np.column_stack([positions, positions[:, -1] + 1])
        running = running & (chosen != stop)
        if not running.any():
            break
    return [row[real.astype(bool)].tolist() for row, real in zip(ids, mask, strict=True)]


# Beams -----------------------------------------------------------------------------------------------


class Beam(NamedTuple):
    """A beginning: its ids (the prompt's too), the log-probability of those after the prompt, and its parent.

    The parent is the beam that it continues, by its place among those that ran before this step.
    """

    ids: list[int]
    log_probability: float
    parent: int


class Hypothesis(NamedTuple):
    """A finished text; its score is log-probability / (tokens after the prompt) ** length_penalty."""

    ids: list[int]
    score: float


class BeamStep(NamedTuple):
    """One step of the search: the best continuations, best first, and which of them run on or are finished."""

    candidates: list[Beam]
    running: list[Beam]
    finished: list[Beam]


class BeamSearch(NamedTuple):
    """The best finished texts, best first, and how they were found."""

    hypotheses: list[Hypothesis]
    steps: list[BeamStep]


def beam_search(
    next_logits: NextLogits,
    ids: Sequence[int],
    steps: int,
    beams: int,
    *,
    length_penalty: float = 1.0,
    early_stopping: bool | str = False,
    end: int | None = None,
    change: Callable[[Row, list[int]], Row] | None = None,
) -> BeamSearch:
    """Look for likely texts by going on with the `beams` likeliest beginnings only, by the rules of transformers 5.

    Of all continuations by one token the best 2 × `beams` are candidates. The best `beams` that do not end run on;
    those among the first `beams` that do end, with the token `end` or by their length, are finished, and the best
    `beams` of these are kept. Once there are so many, `early_stopping` = True stops; False stops if the best running
    beam, scored at its present length, beats none of them; "never" scores it at `steps` tokens instead if
    `length_penalty` > 0, the most that it could reach.

    `change(log_probabilities, ids)` may alter what each beam says about its next token, for instance by
    `no_repeat_ngrams`; as in transformers the result is not normalized again. Raises ValueError for another
    `early_stopping`.
    """
    if early_stopping not in (True, False, "never"):
        raise ValueError(f'early_stopping is {early_stopping!r}, it must be True, False or "never".')
    running, best, history = [Beam([int(i) for i in ids], 0.0, 0)], [], []
    for length in range(1, steps + 1):
        totals = []
        for beam in running:
            row = log_softmax(np.asarray(next_logits(beam.ids), dtype=np.float64))
            totals.append(beam.log_probability + (change(row, beam.ids) if change else row))
        totals = np.array(totals)
        order = np.argsort(-totals, axis=None, kind="stable")[: 2 * beams]
        candidates = [
            Beam([*running[parent].ids, int(token)], float(totals[parent, token]), int(parent))
            for parent, token in zip(*np.unravel_index(order, totals.shape), strict=True)
            if totals[parent, token] > -np.inf
        ]
        ends = [length == steps or beam.ids[-1] == end for beam in candidates]
        running = [beam for beam, ended in zip(candidates, ends, strict=True) if not ended][:beams]
        finished = [beam for beam, ended in zip(candidates[:beams], ends, strict=False) if ended]
        history.append(BeamStep(candidates, running, finished))

        best += [Hypothesis(beam.ids, beam.log_probability / length**length_penalty) for beam in finished]
        best = sorted(best, key=lambda hypothesis: -hypothesis.score)[:beams]
        if not running:
            break
        reach = steps if early_stopping == "never" and length_penalty > 0 else length
        hopeless = len(best) == beams and running[0].log_probability / reach**length_penalty <= best[-1].score
        if len(best) == beams and (early_stopping is True or hopeless):
            break
    return BeamSearch(best, history)


# Two models ------------------------------------------------------------------------------------------


class Speculation(NamedTuple):
    """A text, and for each call of the target how many tokens had been guessed and how many were accepted."""

    ids: list[int]
    guessed: list[int]
    accepted: list[int]

    @property
    def acceptance(self) -> float:
        """The accepted share of the guesses that were judged; those behind a rejected one never are."""
        rejected = sum(accepted < guessed for accepted, guessed in zip(self.accepted, self.guessed, strict=True))
        return sum(self.accepted) / max(1, sum(self.accepted) + rejected)


def speculative(
    target: Callable[[list[int]], Float[np.ndarray, "tokens vocabulary"]],
    draft: NextLogits,
    ids: Sequence[int],
    steps: int,
    guesses: int,
    rng: np.random.Generator,
) -> Speculation:
    """`steps` tokens more, distributed as if `target` alone had drawn them (Leviathan et al. 2023, algorithm 1).

    The cheap `draft` guesses `guesses` tokens; then one call of `target`, which gives the logits after each token (or
    only those after the last `guesses` + 1, as `cached_logits` does), judges them all. A guess x is accepted with
    probability min(1, p(x) / q(x)). The first that is not gives way to a draw from max(p - q, 0); if all are, the
    target adds a token of its own. A cut of the target, `lambda ids: top_p(logits(ids), 0.9)`, holds for the text; the
    same one in the draft gets more accepted. Raises ValueError if the target gives one row, or rows of another length.
    """
    ids, guessed, accepted = [int(i) for i in ids], [], []
    length = len(ids) + steps
    while len(ids) < length:
        known, q = len(ids), []
        for _ in range(min(guesses, length - known - 1)):
            q.append(softmax(draft(ids)))
            ids.append(int(rng.choice(len(q[-1]), p=q[-1])))
        p = softmax(target(ids))[-len(q) - 1 :]
        if p.ndim != 2 or any(len(row) != p.shape[-1] for row in q):
            raise ValueError("expected a row of logits after each token from the target, each as long as the draft's")
        right = 0
        while right < len(q) and rng.random() * q[right][ids[known + right]] < p[right][ids[known + right]]:
            right += 1
        shares = np.maximum(p[right] - q[right], 0) if right < len(q) else p[right]
        ids = [*ids[: known + right], int(rng.choice(len(shares), p=shares / shares.sum()))]
        guessed.append(len(q))
        accepted.append(right)
    return Speculation(ids, guessed, accepted)
