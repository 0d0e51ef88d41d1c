"""Generating with GPT-2: the parts of the lab, their points, and how the inputs of their cases are drawn."""

from __future__ import annotations

import numpy as np

from course.authoring import Case, Lab, Part, written_numbers
from helpers.checks import toys
from helpers.reference import decoding as reference

ALLOWED = frozenset({"numpy", "math", "collections", "itertools", "functools", "heapq", "torch"})

INF = float("inf")


def _softmax(z):
    with np.errstate(all="ignore"):
        e = np.exp(np.asarray(z, dtype=np.float64) - np.max(z))
        return e / e.sum()


next_probabilities = Part(
    "next_probabilities",
    "Probabilities at a temperature",
    points={"shares": 1, "low temperatures": 1},
    imports=ALLOWED,
    banned=frozenset({"softmax", "log_softmax", "softmin"}),
    hints=(
        "What should the result sum to? And what should it be at temperature 1?",
        "Divide the logits by the temperature. Then apply a softmax as in lab 2, which subtracts the maximum.",
        "Use `z = logits / temperature`, `e = np.exp(z - z.max())`, and `return e / e.sum()`.",
    ),
)


@next_probabilities.cases
def next_probabilities_cases(rng):
    yield Case((np.log([1.0, 3.0]), 1.0), "shares")
    yield Case((np.log([1.0, 2.0, 3.0]), 0.5), "shares")
    yield Case((rng.normal(size=3), float(rng.uniform(1.5, 2.5))), "shares")
    yield Case((np.append(rng.normal(size=3), -INF), float(rng.uniform(0.4, 0.8))), "shares")
    yield Case((5 + rng.normal(size=2) / 100, 0.005), "low temperatures")
    yield Case((rng.normal(size=3) / 100 - 9, 0.01), "low temperatures")
    yield Case((8 + rng.normal(size=4), 0.001), "low temperatures")
    yield Case((np.array([3.0, 5.0, 8.0]), 0.002), "low temperatures")  # far apart, to both sides of their mean
    yield Case((np.array([-9.0, 2.0, 2.001]), 0.002), "low temperatures")


top_k = Part(
    "top_k",
    "Top-k",
    points={"no ties": 1, "ties": 1, "k of the vocabulary or more": 1},
    imports=ALLOWED,
    banned=frozenset({"TopKLogitsWarper"}),
    hints=(
        "Which logit is the k-th highest? Which tokens have the same logit, and do they all stay?",
        "`np.sort` sorts from low to high, so the k-th highest is at `[-k]`. What if k is larger than the vocabulary?",
        "Use `threshold = np.sort(logits)[-min(k, len(logits))]`, then `np.where(logits < threshold, -np.inf, logits)`.",
    ),
)


@top_k.cases
def top_k_cases(rng):
    yield Case((np.array([1.0, 3.0, 2.0]), 2), "no ties")
    yield Case((rng.normal(size=4), 1), "no ties")
    yield Case((rng.normal(size=6), 3), "no ties")
    yield Case((rng.normal(size=9) - 5, int(rng.integers(4, 7))), "no ties")
    yield Case((np.array([2.0, 1.0, 2.0]), 1), "ties")
    shift = float(rng.normal())
    yield Case((rng.permutation([3.0, 1.0, 1.0, 1.0, 0.0]) + shift, 2), "ties")
    yield Case((rng.permutation([4.0, 4.0, 2.0, 2.0, 2.0, 1.0]) + shift, 4), "ties")
    yield Case((rng.permutation([1.0, 1.0, 1.0, -2.0]) + shift, 1), "ties")
    yield Case((rng.normal(size=3), 3), "k of the vocabulary or more")
    yield Case((rng.normal(size=4), int(rng.integers(5, 50))), "k of the vocabulary or more")


top_p = Part(
    "top_p",
    "Top-p",
    points={"nucleus": 1, "small p": 1, "ties": 1},
    imports=ALLOWED,
    banned=frozenset({"TopPLogitsWarper"}),
    uses=("next_probabilities",),
    hints=(
        "Sort the probabilities on paper, largest first, and write the running sums under them. Where do they reach p?",
        "Sort with `order = np.argsort(-probabilities)`. A token stays if the sum of those before it is still below p.",
        "Use `before = np.cumsum(p_sorted) - p_sorted` and `keep = order[before < p]`. "
        "Then make an array of -inf, and copy the logits at `keep` into it.",
    ),
    judge="top_p",
)


def _far_from(logits, p):
    """No running sum, of whichever order among ties, is too near to p for floats."""
    return np.abs(np.cumsum(np.sort(_softmax(logits))[::-1]) - p).min() > 1e-3


def _draw_far(rng, draw):
    while True:
        logits, p = draw()
        if _far_from(logits, p):
            return np.asarray(logits), round(float(p), 4)


@top_p.cases
def top_p_cases(rng):
    yield Case((np.log([0.5, 0.3, 0.2]), 0.6), "nucleus")
    yield Case((np.log([0.2, 0.5, 0.3]), 0.6), "nucleus")
    yield Case(
        _draw_far(rng, lambda: (np.log(rng.permutation([0.4, 0.3, 0.2, 0.1])), rng.uniform(0.45, 0.85))), "nucleus"
    )
    yield Case(_draw_far(rng, lambda: (rng.normal(size=6), rng.uniform(0.5, 0.8))), "nucleus")
    yield Case(_draw_far(rng, lambda: (rng.normal(size=12) * 2 - 3, rng.uniform(0.8, 0.95))), "nucleus")
    yield Case((np.log(rng.permutation([0.4, 0.35, 0.25])), 0.9), "nucleus")
    yield Case((rng.normal(size=3), 0.05), "small p")
    yield Case((rng.permutation(5) * 1.5, 0.02), "small p")
    shift = float(rng.normal())
    yield Case((np.log([0.4, 0.2, 0.2, 0.2]), 0.5), "ties")
    yield Case(
        (np.log(rng.permutation([0.3, 0.1, 0.3, 0.1, 0.1, 0.1])) + shift, float(rng.uniform(0.62, 0.68))), "ties"
    )
    yield Case((np.log(rng.permutation([0.4, 0.15, 0.15, 0.15, 0.15])) + shift, float(rng.uniform(0.58, 0.67))), "ties")


repetition_penalty = Part(
    "repetition_penalty",
    "Repetition penalty",
    points={"each sign": 1, "once per token": 1},
    imports=ALLOWED,
    banned=frozenset({"RepetitionPenaltyLogitsProcessor"}),
    hints=(
        "Take one positive and one negative logit. Are both lower after the penalty than before?",
        "Go through `set(ids)`, which holds each different token once.",
        "On a copy, set `result[i] = logits[i] / penalty if logits[i] > 0 else logits[i] * penalty`.",
    ),
)


@repetition_penalty.cases
def repetition_penalty_cases(rng):
    yield Case((np.array([2.0, -2.0, 1.0]), [0, 1], 2.0), "each sign")
    yield Case((rng.permutation([1.5, -0.5, 0.7, -2.5]), [3, 1, 2], float(rng.uniform(1.2, 1.8))), "each sign")
    yield Case((rng.normal(size=7) * 3, rng.permutation(7)[:4].tolist(), float(rng.uniform(1.2, 1.8))), "each sign")
    yield Case((np.array([4.0, -1.0, 2.0]), [0, 0, 1], 2.0), "once per token")
    yield Case(
        (rng.permutation([3.0, -2.0, 1.0, -1.0]), [2, 1, 2, 1, 1], float(rng.uniform(1.2, 1.8))), "once per token"
    )
    ids = [*rng.integers(0, 5, size=6).tolist(), 4, 4]
    yield Case((rng.normal(size=6) * 3, ids, float(rng.uniform(1.1, 1.5))), "once per token")


def _greedy(next_logits, ids, steps, end):
    return reference.generate(next_logits, ids, steps, reference.greedy, stop=end)


greedy = Part(
    "greedy",
    "The greedy loop",
    points={"tokens": 1, "end": 1},
    imports=ALLOWED,
    banned=frozenset({"generate"}),
    hints=(
        "Write down, for two steps, what you pass to `next_logits`.",
        "In each step, call `next_logits` with all ids so far, append the id of the highest logit, and stop if it is `end`.",
        "Start with `ids = list(ids)`. In a loop `for _ in range(steps)`, call "
        "`ids.append(int(np.argmax(next_logits(ids))))`, then `if ids[-1] == end: break`.",
    ),
)


@greedy.cases
def greedy_cases(rng):
    def model(vocabulary=6):
        return toys.next_logits(int(rng.integers(1_000_000)), vocabulary)

    yield Case((model(4), [1], 1, -1), "tokens")
    yield Case((model(), rng.integers(0, 6, size=2).tolist(), 3, -1), "tokens")
    yield Case((model(30), rng.integers(0, 30, size=4).tolist(), int(rng.integers(6, 12)), -1), "tokens")
    for steps in (2, 8, 12):
        yield Case(
            (toys.tied_logits(int(rng.integers(1_000_000)), 7), rng.integers(0, 7, size=2).tolist(), steps, -1),
            "tokens",
        )
    for length, place in ((2, 1), (3, 2), (2, 3)):  # the end comes at this place of the new tokens
        while True:
            toy, prompt = model(9), rng.integers(0, 9, size=length).tolist()
            new = _greedy(toys.build(toy), prompt, place + 4, -1)[length:]
            if new.index(new[place]) == place and new[place] not in prompt:
                break
        yield Case((toy, prompt, place + 4, new[place]), "end")
    while True:  # an end whose id is 0 is an end
        toy, prompt = model(9), rng.integers(1, 9, size=2).tolist()
        new = _greedy(toys.build(toy), prompt, 5, -1)[2:]
        if 0 in new[1:4] and new[0]:
            break
    yield Case((toy, prompt, 5, 0), "end")
    for prompt in ([0, 5], [5, 0], [5, 1, 2]):  # the end stands in the prompt, and does not come again
        while True:
            toy = model(6)
            if 5 not in _greedy(toys.build(toy), prompt, 4, -1)[len(prompt) :]:
                break
        yield Case((toy, prompt, 4, 5), "end")


perplexity = Part(
    "perplexity",
    "Perplexity with a window",
    points={"one window": 1, "several windows": 1},
    imports=ALLOWED,
    banned=frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"}),
    uses=("next_probabilities",),
    hints=(
        "For a text of 6 ids, context 4 and stride 2, write down which tokens each window reads, predicts and counts.",
        "Row i of `logits(ids[start:start + context])` predicts `ids[start + i + 1]`. Count that token unless an earlier window has.",
        "Start with `counted = 1`. In each window, count the tokens from `counted` to `end - 1`, with "
        "`end = min(start + context + 1, len(ids))`, then set `counted = end`. Return `np.exp(np.mean(losses))`.",
    ),
)


@perplexity.cases
def perplexity_cases(rng):
    def case(length, context, stride, vocabulary=5):
        toy = toys.row_logits(int(rng.integers(1_000_000)), vocabulary, context)
        return toy, rng.integers(0, vocabulary, size=length).tolist(), context, stride

    yield Case(case(2, 4, 4), "one window")
    yield Case(case(4, 6, 3), "one window")
    yield Case(case(int(rng.integers(5, 7)), 6, 2), "one window")
    yield Case(case(7, 6, 5), "one window")
    yield Case(case(6, 4, 2), "several windows")
    yield Case(case(9, 4, 4), "several windows")
    yield Case(case(int(rng.integers(10, 13)), 5, 2), "several windows")
    yield Case(case(int(rng.integers(12, 15)), 6, 4), "several windows")
    yield Case(case(9, 4, 1), "several windows")


def _beams(
    f,
    ids,
    steps,
    beams,
    end,
    length_penalty,
    *,
    value=lambda z: np.log(_softmax(z)),
    each_its_own=False,
    ended="leave",
    last="count",
    first_wins=False,
    score=None,
):
    """The search with its usual mistakes as switches. A beam is (total, ids)."""
    prompt, running, finished = list(ids), [(0.0, list(ids))], []
    score = score or (lambda total, new: total / new**length_penalty)
    for step in range(steps):
        wider = []
        for total, known in running:
            row = value(f(known))
            grown = [(total + float(row[i]), [*known, i]) for i in range(len(row))]
            if each_its_own and step:
                grown = [max(grown)]
            wider += grown
        if ended == "keep a place":
            wider, finished = wider + finished, []
        best = sorted(wider, key=lambda beam: -beam[0])[:beams]
        done = [b for b in best if b[1][-1] == end and ended != "run on"]
        running = [b for b in best if b not in done]
        finished += done if ended != "lost" else []
        if not running or (first_wins and finished):
            break
    pool = finished if last == "lost" and finished else finished + ([] if first_wins and finished else running)
    total, text = max(pool, key=lambda b: score(b[0], len(b[1]) - len(prompt)))
    return text, score(total, len(text) - len(prompt))


beam_search = Part(
    "beam_search",
    "Beam search",
    points={"search": 1, "end": 1, "length penalty": 1},
    imports=ALLOWED,
    banned=frozenset({"generate", "BeamSearchScorer"}),
    uses=("next_probabilities",),
    stretch=True,
    hints=(
        "With 2 beams and 3 tokens, draw the tree of the first two steps. How many continuations compete in the second?",
        "Keep a list `running` of (total, ids) and a list `finished`. In each step, put all continuations of all running "
        "beams into one list, sort it, keep the first `beams`, and divide these between the two lists.",
        "At the end, take `max(finished + running, key=score)`, where the score is "
        "`total / (len(ids) - len(prompt)) ** length_penalty`.",
    ),
)


def _telling(rng, steps, beams, vocabulary, penalty, variants, ends=True):
    """Inputs on which each of these variants of the search gives something else than the right answer."""
    while True:
        toy = toys.next_logits(int(rng.integers(1_000_000)), vocabulary)
        ids = rng.integers(0, vocabulary, size=int(rng.integers(1, 4))).tolist()
        end = int(rng.integers(0, vocabulary)) if ends is True else ends
        model = toys.build(toy)
        right = _beams(model, ids, steps, beams, end, penalty)
        if all(_outcome(model, ids, steps, beams, end, penalty, v) != right for v in variants):
            return Case(
                (toy, ids, steps, beams, end, penalty), "length penalty" if penalty else "search" if end < 0 else "end"
            )


def _outcome(f, ids, steps, beams, end, penalty, variant):
    try:
        return _beams(
            f,
            ids,
            steps,
            variant.get("beams", beams),
            end,
            penalty,
            **{k: v for k, v in variant.items() if k != "beams"},
        )
    except ValueError:
        return None


@beam_search.cases
def beam_search_cases(rng):
    narrow, own, plain = {"beams": 1}, {"each_its_own": True}, {"score": lambda total, new: total}
    yield _telling(rng, 2, 2, 3, 0.0, [narrow], ends=-1)
    yield _telling(rng, 3, 3, 4, 0.0, [narrow, own], ends=-1)
    yield _telling(rng, 5, 3, 8, 0.0, [narrow, own], ends=-1)
    yield _telling(rng, 2, 2, 3, 0.0, [{"ended": "run on"}, {"ended": "lost"}])
    yield _telling(rng, 4, 2, 4, 0.0, [{"last": "lost"}])
    yield _telling(rng, 3, 2, 4, 0.0, [{"ended": "run on"}, {"ended": "lost"}], ends=0)
    yield _telling(rng, 5, 3, 5, 0.0, [{"ended": "run on"}, {"ended": "lost"}])
    yield _telling(rng, 3, 3, 4, 1.0, [plain, {"first_wins": True}])
    yield _telling(rng, 5, 3, 5, round(float(rng.uniform(0.6, 0.9)), 2), [plain, {"first_wins": True}])
    yield _telling(rng, 5, 2, 5, round(float(rng.uniform(1.2, 2.0)), 2), [plain, {"last": "lost"}])
    yield _telling(rng, 5, 2, 5, round(float(rng.uniform(1.2, 2.0)), 2), [{"ended": "keep a place"}])


generate_with_cache = Part(
    "generate_with_cache",
    "Generating with a cache",
    points={"ids": 1, "one call per token": 2},
    imports=ALLOWED,
    banned=frozenset({"generate"}),
    stretch=True,
    hints=(
        "Write down the calls of `step` for a prompt of 2 ids and 2 steps. There are three.",
        "Read the prompt id by id, each time with the cache that the previous call returned. The last logits choose the first new id.",
        "Then append the new id. If you need more, call `logits, cache = step(ids[-1], cache)`. The last new id is never read.",
    ),
)


@generate_with_cache.cases
def generate_with_cache_cases(rng):
    def case(length, steps, most=0):
        return (
            toys.cached_step(int(rng.integers(1_000_000)), 50, most),
            rng.integers(0, 50, size=length).tolist(),
            steps,
        )

    yield Case(case(1, 3), "ids")
    yield Case(case(2, 3), "ids")
    yield Case(case(int(rng.integers(3, 6)), int(rng.integers(4, 7))), "ids")
    yield Case(case(2, 1, 2), "one call per token")
    yield Case(case(1, 3, 3), "one call per token")
    yield Case(case(2, 4, 6), "one call per token")
    length, steps = int(rng.integers(3, 6)), int(rng.integers(4, 7))
    yield Case(case(length, steps, length + steps - 1), "one call per token")


LAB = Lab(
    "lab04_generate_gpt2",
    "Generating with GPT-2",
    [
        next_probabilities,
        top_k,
        top_p,
        repetition_penalty,
        greedy,
        perplexity,
        beam_search,
        generate_with_cache,
        written_numbers(),
    ],
)
