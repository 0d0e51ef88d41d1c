"""Do the tests notice? Each mutant is one mistake that people make; it must make a test fail.

    python benchmarks/mutants.py --named                      # all, two at a time: a table, and build/mutants.json
    python benchmarks/mutants.py --only "missing scale"
    python benchmarks/mutants.py --check                      # only that every text to be replaced is there
    python benchmarks/mutants.py --sample 200 --seed 0        # drawn by lot; needs `pip install cosmic-ray`

There are mutants of what students read and compare with (helpers/reference), of what judges their answers
(helpers/checks), and of what adds up their marks (course/scoring.py, course/grading).

A mutant replaces a text in one file of a copy of the tree, in a temporary folder, and runs the test file that is about
it, with few examples, until the first failure. The same test files must pass without a mutant. Exit code 1 if a mutant
survives or breaks the tests instead of failing one, or if a text does not occur exactly as often as stated.

A sample is drawn from all mutants that cosmic-ray makes of helpers/reference (each operator at each place), without
those that change nothing but a type annotation. Its survivors are listed with their change, for a person to judge:
some are equal in effect (a bound that is never reached, a longer cache). A sample never fails.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300  # for one mutant; more is a failure of this script, not a kill
SAMPLE_SECONDS = 60  # in a sample, where a loop may never end
MEMORY = 12 * 2**30  # bytes of address space: a mutant may ask for anything
FEW_EXAMPLES = """\
from hypothesis import Phase, settings
settings.register_profile("mutants", max_examples=8, deadline=None, derandomize=True, database=None,
                          phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")
"""


class Mutant(NamedTuple):
    """In `file`, `old` occurs exactly `count` times and becomes `new`; `test` must notice."""

    name: str
    file: str
    old: str
    new: str
    test: str
    count: int = 1


def about(file: str, test: str, *mutants: tuple) -> list[Mutant]:
    """Mutants of one file, which one test file must kill."""
    return [Mutant(name, file, old, new, test, *count) for name, old, new, *count in mutants]


def reference(module: str, *mutants: tuple) -> list[Mutant]:
    return about(f"helpers/reference/{module}.py", f"tests/reference/test_{module}.py", *mutants)


def checks(module: str, *mutants: tuple) -> list[Mutant]:
    return about(f"helpers/checks/{module}.py", f"tests/checks/test_{module}.py", *mutants)


SCORES = "query @ key.swapaxes(-1, -2) / np.sqrt(query.dtype.type(query.shape[-1]))"
WEIGHTS = "    weights = softmax(masked_scores(query, key, mask))"
MASK_AFTER = """\
    after = mask is not None and mask.dtype == bool
    weights = softmax(masked_scores(query, key, None if after else mask)) * (mask if after else True)"""

DIFFERENCE = "def difference(expected: Any, got: Any, *, rtol: float = 1e-5, atol: float = 1e-6)"
POINTS = "tests/grading/test_points.py"

NAMED = [
    *reference(
        "attention",
        ("missing scale", SCORES, "query @ key.swapaxes(-1, -2)"),
        ("scale by d instead of its root", SCORES, "query @ key.swapaxes(-1, -2) / query.dtype.type(query.shape[-1])"),
        ("softmax over queries", WEIGHTS, WEIGHTS.replace("mask))", "mask), axis=-2)")),
        ("softmax over everything", "= shares.sum(axis=axis, keepdims=True)", "= shares.sum(keepdims=True)"),
        ("no maximum subtracted", "scores - np.where(np.isneginf(highest), 0, highest)", "scores.copy()"),
        ("mask after softmax", WEIGHTS, MASK_AFTER),
        ("mask polarity", "return np.where(mask, scores, -np.inf)", "return np.where(mask, -np.inf, scores)"),
        ("causal off by one: sees the next", "k=keys - queries)", "k=keys - queries + 1)"),
        ("causal off by one: not itself", "k=keys - queries)", "k=keys - queries - 1)"),
        ("causal mask forgets the past", "k=keys - queries)", "k=0)"),
        ("padding mask on queries only", "[..., None, None, :]", "[..., None, :, None]"),
        (
            "heads split by reshape without transpose",
            "states.reshape(*batch, tokens, heads, d_model // heads).swapaxes(-2, -3)",
            "states.reshape(*batch, heads, tokens, d_model // heads)",
        ),
        (
            "heads merged in the wrong order",
            "states.swapaxes(-2, -3).reshape(*batch, tokens, heads * d_head)",
            "np.moveaxis(states, -3, -1).reshape(*batch, tokens, heads * d_head)",
        ),
        ("cross-attention: values from the queries", "to_value(source)", "to_value(states)"),
        (
            "grouped queries: heads taken in turn",
            "np.repeat(x, query_heads // key_heads, axis=-3)",
            "np.concatenate([x] * (query_heads // key_heads), axis=-3)",
        ),
        (
            "softmax backward without the sum",
            "shares * (grad - (grad * shares).sum(axis=axis, keepdims=True))",
            "shares * (1 - shares) * grad",
        ),
        ("online softmax: old values not shrunk", "output = output * shrink", "output = output"),
        ("online softmax: old sum not shrunk", "total = total * shrink", "total = total"),
    ),
    *about(
        "helpers/reference/attention.py",
        "tests/reference/test_layers.py",
        (
            "cache keys not appended",
            "        self.key, self.value = key, value\n        return",
            "        if self.key is None:\n            self.key, self.value = key, value\n        return",
        ),
    ),
    *reference(
        "layers",
        ("epsilon outside the root", "np.sqrt(variance + self.epsilon)", "(np.sqrt(variance) + self.epsilon)"),
        (
            "sample variance for the population's",
            "(centered**2).mean(axis=-1, keepdims=True)",
            "(centered**2).sum(axis=-1, keepdims=True) / (centered.shape[-1] - 1)",
        ),
        ("positions starting at 1", "np.arange(past, past + tokens))", "np.arange(past + 1, past + tokens + 1))"),
        (
            "residual after norm (norm first)",
            "middle = states + attended",
            "middle = block.attention_norm(states) + attended",
        ),
        (
            "residual after norm (norm last)",
            "block.attention_norm(states + attended)",
            "states + block.attention_norm(attended)",
        ),
        (
            "rotary halves swapped",
            "[first * cosine - second * sine, second * cosine + first * sine]",
            "[second * cosine + first * sine, first * cosine - second * sine]",
        ),
        (
            "rotary pairs neighbors",
            "first, second = np.split(states, 2, axis=-1)",
            "first, second = states[..., ::2], states[..., 1::2]",
        ),
    ),
    *reference(
        "transformer",
        ("tanh GELU for erf", '{"gelu": gelu,', '{"gelu": gelu_tanh,'),
        ("token types ignored", "embedding(types, token_type_ids)", "embedding(types, 0 * token_type_ids)"),
        ("weights not tied", 'words if tied else weights["lm_head.weight"]', 'weights["lm_head.weight"]'),
        ("weights tied that are not", 'words if tied else weights["lm_head.weight"]', "words"),
        ("cache off by one", "past = len(cache[0]) if cache", "past = max(0, len(cache[0]) - 1) if cache"),
        ("no norm after the last block", "hidden_states[-1] = _norm(", "_ = _norm("),
    ),
    *reference(
        "decoding",
        ("temperature multiplies", "return np.asarray(logits) / t", "return np.asarray(logits) * t"),
        (
            "top-k without effect",
            "    return np.where(logits < threshold, -np.inf, logits)",
            "    np.where(logits < threshold, -np.inf, logits)\n    return logits",
        ),
        (
            "top-k cuts ties",
            "np.where(logits < threshold,",
            "np.where(np.argsort(np.argsort(-logits, axis=-1, kind='stable'), axis=-1) >= k,",
        ),
        (
            "top-p one token too few",
            "np.cumsum(ordered, axis=-1) <= 1 - p",
            "np.cumsum(ordered, axis=-1) - ordered < 1 - p",
        ),
        (
            "top-p one token too many",
            "    cut[..., -1] = False",
            "    cut[..., -1] = False\n    cut[..., :-1] &= cut[..., 1:]",
        ),
        ("min-p of 1 instead of the highest", "p * probabilities.max(axis=-1, keepdims=True)", "p"),
        ("typical: nearest to no surprise", "np.abs(surprise - entropy)", "surprise"),
        (
            "typical one token too few",
            "np.sum(reached < mass, axis=-1, keepdims=True)",
            "np.maximum(np.sum(reached < mass, axis=-1, keepdims=True) - 1, 0)",
        ),
        (
            "temperature after the filters",
            "    logits = temperature(logits, t)\n    return top_p(top_k(logits, k or logits.shape[-1]), p)",
            "    return temperature(top_p(top_k(logits, k or logits.shape[-1]), p), t)",
        ),
        (
            "penalty once per occurrence",
            "    logits[seen] = np.where(logits[seen] < 0, logits[seen] * penalty, logits[seen] / penalty)",
            "    for i in ids:\n        logits[i] = logits[i] * penalty if logits[i] < 0 else logits[i] / penalty",
        ),
        (
            "penalty twice",
            "logits[seen] * penalty, logits[seen] / penalty",
            "logits[seen] * penalty**2, logits[seen] / penalty**2",
        ),
        (
            "penalty without the sign rule",
            "np.where(logits[seen] < 0, logits[seen] * penalty, logits[seen] / penalty)",
            "logits[seen] / penalty",
        ),
        (
            "n-grams one token too long",
            "ids[i : i + n] for i in range(len(ids) - n + 1)",
            "ids[i : i + n + 1] for i in range(len(ids) - n)",
        ),
        ("minimum length off by one", "if length < minimum", "if length <= minimum"),
        ("always the same number drawn", "rng.random((", "np.random.default_rng(0).random(("),
        ("end of text runs on", "ids[-1] == stop", "False"),
        ("until the last stop string", "text[: min((", "text[: max(("),
        ("cache not passed", "np.array([ids[same:]]), cache=cache)", "np.array([ids[same:]]))"),
        (
            "cache passed, all tokens again",
            "np.array([ids[same:]]), cache=cache)",
            "np.array([ids]), cache=new_cache(config))",
        ),
        ("cache not cut back", "layer.key[..., :same, :], layer.value[..., :same, :]", "layer.key, layer.value"),
        ("batch: cache not passed", "positions[:, past:], cache)", "positions[:, past:])"),
        (
            "padding on the right",
            "[pad] * (longest - len(row)) + list(row) for",
            "list(row) + [pad] * (longest - len(row)) for",
        ),
        (
            "padding and mask on the right",
            """\
    ids = np.array([[pad] * (longest - len(row)) + list(row) for row in rows])
    mask = np.array([[0] * (longest - len(row)) + [1] * len(row) for row in rows])""",
            """\
    ids = np.array([list(row) + [pad] * (longest - len(row)) for row in rows])
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows])""",
        ),
        ("padding counted in the positions", "mask, positions[:, past:], cache)", "mask, None, cache)"),
        ("padding not masked", "ids[:, past:], mask, positions", "ids[:, past:], None, positions"),
        (
            "a finished text of a batch runs on",
            "np.where(running, choose(output.logits[:, -1]), pad)",
            "choose(output.logits[:, -1])\n        running = running | True",
        ),
        ("beam scores not normalized", "beam.log_probability / length**length_penalty)", "beam.log_probability)"),
        (
            "beam scores by all tokens",
            "beam.log_probability / length**length_penalty)",
            "beam.log_probability / len(beam.ids)**length_penalty)",
        ),
        (
            "beams forget what came before",
            "totals.append(beam.log_probability + (",
            "totals.append(0 * beam.log_probability + (",
        ),
        (
            "beams of raw logits",
            "row = log_softmax(np.asarray(next_logits(beam.ids), dtype=np.float64))",
            "row = np.asarray(next_logits(beam.ids), dtype=np.float64)",
        ),
        ("beams: as many candidates as beams", 'kind="stable")[: 2 * beams]', 'kind="stable")[:beams]'),
        ("beams: any candidate may finish", "in zip(candidates[:beams], ends", "in zip(candidates, ends"),
        ("beams: finished ones run on", "strict=True) if not ended][:beams]", "strict=True)][:beams]"),
        ("beams stop at the first ends", "early_stopping is True or hopeless", "True"),
        ("early stopping ignored", "early_stopping is True or hopeless", "hopeless"),
        (
            "never is False",
            'reach = steps if early_stopping == "never" and length_penalty > 0 else length',
            "reach = length",
        ),
        (
            "speculative: draw from the target after a rejection",
            "np.maximum(p[right] - q[right], 0) if right < len(q) else p[right]",
            "p[right]",
        ),
        (
            "speculative: every guess accepted",
            "while right < len(q) and rng.random()",
            "while right < len(q) and 0 * rng.random()",
        ),
        (
            "speculative: acceptance upside down",
            "rng.random() * q[right][ids[known + right]] < p[right][ids[known + right]]",
            "rng.random() * p[right][ids[known + right]] < q[right][ids[known + right]]",
        ),
        (
            "speculative: judged by the row after",
            "p = softmax(target(ids))[-len(q) - 1 :]",
            "p = np.roll(softmax(target(ids))[-len(q) - 1 :], -1, axis=0)",
        ),
        (
            "acceptance of unjudged guesses too",
            "max(1, sum(self.accepted) + rejected)",
            "max(1, sum(self.guessed) + 0 * rejected)",
        ),
    ),
    *reference(
        "bpe",
        ("overlapping pairs joined twice", "            at += 2  #", "            at += 1  #"),
        ("a tie goes to the highest ids", "(-pairs[pair], vocab[pair[0]]", "(-pairs[pair], -vocab[pair[0]]"),
        ("frequencies of words ignored", "            pairs[pair] += frequency", "            pairs[pair] += 1"),
        (
            "words that become equal replace each other",
            "merge(word, pair)] += frequency",
            "merge(word, pair)] = frequency",
        ),
        ("a new id for a token made twice", "vocab.setdefault(token, len(vocab))", "vocab[token] = len(vocab)", 2),
        ("the pair learned last goes first", "rank, at = min(learned)", "rank, at = max(learned)"),
        ("stale entries of the heap believed", "        if top != entry(best):", "        if False:"),
    ),
    *reference(
        "text",
        ("the shortest special token wins", "key=len, reverse=True", "key=len"),
        ("special tokens taken for patterns", "regex.escape(token) for token", "token for token"),
    ),
    *reference(
        "wordpiece",
        (
            "the shortest piece first",
            "for end in range(len(word), start, -1):",
            "for end in range(start + 1, len(word) + 1):",
        ),
        ("what fits of an unknown word is kept", "tokens and None not in tokens", "tokens and tokens[0]"),
        ("`##` kept inside", 'left + right.removeprefix("##")', "left + right"),
        ("accents kept", "text if accents else strip_accents(text)", "text"),
    ),
    *reference(
        "unigram",
        ("an equally good edge replaces the first", "or total > best_to[edge.end]", "or total >= best_to[edge.end]"),
        ("the best edge alone, not the best path", "total = best_to[edge.start] + edge.score", "total = edge.score"),
        (
            "forward by the best path only",
            "return high + log1p(exp(low - high)) if low > -inf else high",
            "return high",
        ),
        ("theta ignored", "theta * edge.score)\n    return sums", "edge.score)\n    return sums"),
        ("unknown characters one by one", "if known or was_known:", "if True:"),
    ),
    *checks(
        "values",
        ("numbers: rtol 1e-3", DIFFERENCE, DIFFERENCE.replace("1e-5", "1e-3")),
        ("numbers: rtol 1e-12", DIFFERENCE, DIFFERENCE.replace("1e-5", "1e-12")),
        ("numbers: atol 1e-3", DIFFERENCE, DIFFERENCE.replace("1e-6", "1e-3")),
        ("numbers: atol 0", DIFFERENCE, DIFFERENCE.replace("1e-6", "0.0")),
        (
            "arrays: the part's tolerances ignored",
            "agreement(expected, array, rtol=rtol, atol=atol)",
            "agreement(expected, array)",
        ),
        (
            "lists: the part's tolerances ignored",
            "difference(one, other, rtol=rtol, atol=atol)",
            "difference(one, other)",
        ),
        ("shape ignored", "if expected.shape != array.shape:", "if expected.size != array.size:"),
        ("dtype ignored", "if array.dtype.kind not in kinds:", "if False:"),
        (
            "NaN equals a number",
            "if math.isnan(expected) and math.isnan(got):",
            "if math.isnan(expected) or math.isnan(got):",
        ),
        ("NaN in an array equals a number", "return np.isclose(", "return np.isnan(got) | np.isclose("),
        ("NaN in an array differs from NaN", "equal_nan=True", "equal_nan=False"),
        ("everything equals infinity", "(math.isfinite(expected) and abs(expected - got)", "(abs(expected - got)"),
        (
            "a bool is a number",
            "type(expected) in (int, float) and type(got) in (int, float)",
            "isinstance(expected, int | float) and isinstance(got, int | float)",
        ),
        ("a float for an int", "if got == expected and type(got) is int else", "if got == expected else"),
        ("a longer list is right", "if len(expected) != len(got):", "if len(expected) > len(got):", 2),
        (
            "only the first item compared",
            "enumerate(zip(expected, got)):\n            if found := difference(",
            "enumerate(zip(expected[:1], got)):\n            if found := difference(",
        ),
        ("more keys are right", "if extra := [k for k in got if k not in expected]:", "if extra := []:"),
        ("list for tuple ignored", "if isinstance(expected, tuple) and not isinstance(got, tuple):", "if False:"),
        ("list for tuple ignored inside", "if found := list_for_tuple(one, other):", "if found := None:"),
    ),
    *checks(
        "parts",
        ("part: rtol 1e-3", "    rtol: float = 1e-5\n", "    rtol: float = 1e-3\n"),
        ("part: rtol 1e-12", "    rtol: float = 1e-5\n", "    rtol: float = 1e-12\n"),
        ("part: atol 1e-3", "    atol: float = 1e-6\n", "    atol: float = 1e-3\n"),
        (
            "points although one case is wrong",
            "    wrong = {case.aspect for case, problem in zip(cases, problems) if problem}",
            "    wrong = {case.aspect for case, problem in zip(cases, problems[:1]) if problem}",
        ),
        ("points once per case", "0 if aspect in wrong else points", "0 if aspect in wrong else points * len(cases)"),
        ("points of one aspect only", "return sum(self.earned.values())", "return max(self.earned.values())"),
        ("full points of one aspect only", "return sum(self.points.values())", "return max(self.points.values())"),
    ),
    *about(
        "course/scoring.py",
        POINTS,
        (
            "score: points of one part only",
            "return sum(v.points for v in self.verdicts)",
            "return max(v.points for v in self.verdicts)",
        ),
    ),
    *about(
        "course/grading/execute.py",
        POINTS,
        ("no answer earns everything", "nothing = dict.fromkeys(part.points, 0)", "nothing = dict(part.points)"),
        (
            "receipt: points of one part only",
            '"points": sum(p["points"] for p in parts)',
            '"points": parts[0]["points"]',
        ),
        (
            "receipt: points on the visible inputs",
            "lab.part(name), verdicts[HIDDEN]",
            "lab.part(name), verdicts[VISIBLE]",
        ),
        ("points with a lent part lost", "if other.points > own.points:", "if False:"),
        ("points with a lent part always", "if other.points > own.points:", "if True:"),
    ),
    *about(
        "course/grading/roster.py",
        "tests/grading/test_roster.py",
        ("a started day costs nothing", "per_day * -(-late_minutes // 1440)", "per_day * (late_minutes // 1440)"),
        ("more than everything taken off", "return min(most, per_day", "return (per_day"),
        (
            "a started minute is none",
            "-int((until - submitted).total_seconds() // 60)",
            "int((submitted - until).total_seconds() // 60)",
        ),
        ("early is late", "max(0, -int((until - submitted)", "abs(-int((until - submitted)"),
        ("extension ignored", "self._of(self.extensions, student, lab) or self.due", "self.due"),
        (
            "extension of another lab",
            "return table.get((student, lab)) or",
            "return next((v for (s, _), v in table.items() if s == student), None) or",
        ),
    ),
    *about(
        "course/grading/grader.py",
        POINTS,
        (
            "per cent taken off as points",
            "round(full * penalty(late, self.settings.late_penalty) / 100, 2)",
            "penalty(late, self.settings.late_penalty)",
        ),
        (
            "penalty rounded to whole points",
            "self.settings.late_penalty) / 100, 2)",
            "self.settings.late_penalty) / 100)",
        ),
        (
            "penalty of the first part only",
            'full = sum(meta["points"] for meta in cells',
            'full = next(meta["points"] for meta in cells',
        ),
    ),
    *about(
        "course/grading/export.py",
        "tests/grading/test_export.py",
        ("export: penalty not taken off", "max(0, _sum([points, -penalty]))", "points"),
        ("export: below zero", "max(0, _sum([points, -penalty]))", "_sum([points, -penalty])"),
        ("export: hundredths cut off", "round(sum(values), 2)", "int(sum(values) * 100) / 100"),
        ("export: written points left out", '_sum([automatic, written.get("points", 0)])', "automatic"),
        (
            "export: written points left out of the full ones",
            '_sum([result.get("full"), written.get("full", 0)])',
            'result.get("full")',
        ),
        (
            "export: what is open counts as 0",
            "return None if None in values else round(sum(values), 2)",
            "return round(sum(v or 0 for v in values), 2)",
        ),
        ("export: a mark although a person must look", '"final": None if why else', '"final":'),
    ),
    *about(
        "course/grading/export.py",
        POINTS,
        ("export: not rounded", "round(sum(values), 2)", "sum(values)"),
    ),
    *about(
        "course/grading/pages.py",
        POINTS,
        ("feedback: below zero", 'max(0, round(known - mark["penalty"], 2))', 'round(known - mark["penalty"], 2)'),
        ("feedback: penalty not taken off", 'round(known - mark["penalty"], 2)', "known"),
    ),
    *about(
        "course/grading/book.py",
        POINTS,
        (
            "gradebook: no penalty",
            "recorded.late_submission_penalty = penalty or None",
            "recorded.late_submission_penalty = None",
        ),
        (
            "gradebook: a tampered one keeps its points",
            '("tampered", "infrastructure") else automatic',
            '("infrastructure",) else automatic',
        ),
    ),
]


class Result(NamedTuple):
    name: str
    file: str
    outcome: str  # killed, SURVIVED, or what went wrong
    seconds: float
    by: str  # the test that failed first


def mutated(mutant: Mutant) -> str:
    """The file's text with the mistake. Raises ValueError if the old text is not there as often as stated."""
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    if not mutant.old:  # no mutant
        return text
    if (count := text.count(mutant.old)) != mutant.count:
        raise ValueError(f"{mutant.name}: expected {mutant.count} × in {mutant.file}, got {count} ×: {mutant.old!r}")
    return text.replace(mutant.old, mutant.new)


def copy_tree(to: Path) -> None:
    """What the tests need; assets are linked, not copied."""
    for house in ("helpers", "course"):
        shutil.copytree(ROOT / house, to / house, ignore=shutil.ignore_patterns("assets", "__pycache__"))
    (to / "helpers/assets").symlink_to(ROOT / "helpers/assets", target_is_directory=True)
    for folder in ("tests/reference", "tests/checks", "tests/grading"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py", "tests/hub.py"):
        shutil.copy(ROOT / name, to / name)
    (to / "few_examples.py").write_text(FEW_EXAMPLES)


def run_tests(mutant: Mutant, seconds: float = SECONDS) -> Result:
    """Run the mutant's test file in a mutated copy. A mutant that changes nothing is expected to survive."""
    started = time.monotonic()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # notebook plugins take seconds to load
    for name in ("COURSE_EQUALITIES", "PYTHONPATH", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy_tree(Path(folder))
        (Path(folder) / mutant.file).write_text(mutated(mutant), encoding="utf-8")
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "few_examples"]
        run = partial(subprocess.run, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
        if not mutant.old:  # once for each test file is enough
            for package in ("helpers", "course"):
                imported = run([sys.executable, "-c", f"import {package}; print({package}.__file__)"]).stdout.strip()
                if Path(folder).resolve() not in Path(imported).resolve().parents:
                    raise RuntimeError(f"the tests would import {imported}, not the copy")
        try:
            command = [sys.executable, "-m", "pytest", *options, mutant.test]
            done = run(command, timeout=seconds, preexec_fn=limit_memory)
        except subprocess.TimeoutExpired:
            return Result(mutant.name, mutant.file, f"no end within {seconds} s", time.monotonic() - started, "")
    failed = re.search(r"^(?:FAILED|ERROR) \S+::(\S+)", done.stdout, flags=re.M)
    outcome = {0: "SURVIVED", 1: "killed"}.get(done.returncode, f"pytest exit code {done.returncode}")
    if outcome != "killed" and done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
    return Result(mutant.name, mutant.file, outcome, time.monotonic() - started, failed[1] if failed else "")


class NoAnnotations(ast.NodeTransformer):
    """A module without what is never evaluated in it: its type annotations."""

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node):
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def meaning(source: str) -> str:
    return ast.dump(NoAnnotations().visit(ast.parse(source)))


def sample(count: int, seed: int) -> list[Mutant]:
    """`count` mutants of helpers/reference, drawn by lot; those of a file go to its own tests."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    paths = sorted((ROOT / "helpers/reference").glob("[a-z]*.py"))
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    classes = {name: plugins.get_operator(name) for name in sorted(plugins.operator_names())}
    operators = {name: kind() for name, kind in classes.items() if not any(a for a in kind.arguments())}
    spots = []
    for path, source in sources.items():
        nodes = list(ast_nodes(get_ast(source)))
        for name, operator in operators.items():
            places = sum(len(list(operator.mutation_positions(node))) for node in nodes)
            spots += [(path, name, occurrence) for occurrence in range(places)]
    random.Random(seed).shuffle(spots)
    chosen: list[Mutant] = []
    for path, name, occurrence in spots:
        source = sources[path]
        changed = mutate_code(source, operators[name], occurrence)
        try:
            if len(chosen) == count or meaning(changed) == meaning(source):
                continue
        except SyntaxError:
            continue
        pair = source.splitlines(), changed.splitlines()
        diff = [line for line in difflib.unified_diff(*pair, n=0, lineterm="") if re.match(r"[+-](?![+-])", line)]
        said = f"{path.stem}: " + " ".join(" ".join(line.split()) for line in diff)
        file = str(path.relative_to(ROOT))
        chosen.append(Mutant(said, file, source, changed, f"tests/reference/test_{path.stem}.py"))
    print(f"{len(chosen)} drawn from {len(spots):,} (seed {seed})")
    return chosen


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run_all(mutants: Iterable[Mutant], jobs: int, seconds: float = SECONDS) -> list[Result]:
    with ThreadPoolExecutor(jobs) as pool:
        results = []
        for result in pool.map(partial(run_tests, seconds=seconds), mutants):
            print(f"{result.outcome:9} {result.seconds:5.1f} s  {result.name:42} {result.by}", flush=True)
            results.append(result)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--named", action="store_true", help="run the whole list")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="run this one (may be repeated)")
    parser.add_argument("--check", action="store_true", help="only look for the texts to be replaced")
    parser.add_argument("--sample", type=int, metavar="N", help="run N mutants drawn by lot (needs cosmic-ray)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default 0)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default 2)")
    parser.add_argument("--json", type=Path, default=ROOT / "build/mutants.json", help="where the results go")
    options = parser.parse_args()
    if unknown := set(options.only) - {mutant.name for mutant in NAMED}:
        parser.error(f"no mutant is called {', '.join(sorted(unknown))}")
    if not (options.named or options.only or options.check or options.sample):
        parser.error("give --named, --only NAME, --sample N or --check")
    if options.sample:
        chosen = sample(options.sample, options.seed)
    else:
        chosen = [mutant for mutant in NAMED if not options.only or mutant.name in options.only]
    try:
        for mutant in chosen:
            mutated(mutant)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        print(f"{len(chosen)} mutants, and every text is where it should be")
        return 0

    started = time.monotonic()
    tests = {mutant.test: mutant.file for mutant in chosen}
    print("Without a mutant (these must survive):")
    sound = run_all(
        [Mutant(f"none: {Path(test).name}", file, "", "", test) for test, file in tests.items()], options.jobs
    )
    print("With one (these must be killed):")
    limit = SAMPLE_SECONDS if options.sample else SECONDS
    results = run_all(chosen, options.jobs, limit) if all(r.outcome == "SURVIVED" for r in sound) else []
    killed = sum(result.outcome == "killed" for result in results)
    seconds, children = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = children.ru_utime + children.ru_stime
    print(f"{killed} of {len(chosen)} killed, {seconds:.0f} s ({cpu:.0f} s of CPU time)")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"killed": killed, "of": len(chosen), "seconds": seconds, "cpu_seconds": cpu}
    report |= {"unmutated": [r._asdict() for r in sound], "mutants": [r._asdict() for r in results]}
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if killed == len(chosen) or options.sample else 1


if __name__ == "__main__":
    sys.exit(main())
