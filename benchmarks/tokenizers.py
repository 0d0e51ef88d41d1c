"""How fast the reference tokenizers are beside the `tokenizers` library, in one run on one text.

    COURSE_DATA=FOLDER python benchmarks/tokenizers.py        # prints a table, writes build/tokenizers.json

Trains byte-level BPE on 130 kB of English to a vocabulary of 500: naive, incremental and the library, which must
learn the same merges; then encodes the same text with BPE, WordPiece and Unigram, ours and the library's, which
must give the same ids. Peers take turns, each on one thread; the table has the median of their times. Ratios are
of CPU seconds: on one thread that is what the clock shows on an idle machine, and other processes change it little.
Exit code 1 if the incremental training takes 1.5 s or more, or is not 20 times as fast as the naive one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tarfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where this file hides the library of the same name.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers  # noqa: E402
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

from helpers.reference import bpe  # noqa: E402
from helpers.reference.unigram import Unigram  # noqa: E402
from helpers.reference.wordpiece import SPECIAL_TOKENS, WordPiece  # noqa: E402

SIZE, VOCABULARY, SECONDS, TIMES = 130_000, 500, 1.5, 20
BOOK = "storybooks/lewis-carroll_alices-adventures-in-wonderland_john-tenniel.txt"


def take_turns(peers: dict[str, Callable[[], Callable]], repeats: int, seldom: tuple[str, ...] = ()) -> dict[str, dict]:
    """Run each peer `repeats` times, in turns (those in `seldom` a third as often): median seconds, and its result.

    A peer is prepared by calling it, which gives the function whose time is taken.
    """
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
    results: dict[str, object] = {}
    for turn in range(repeats):
        for name, prepare in peers.items():
            if name in seldom and turn % 3:
                continue
            run = prepare()
            wall, cpu = perf_counter(), process_time()
            results[name] = run()
            runs[name].append((perf_counter() - wall, process_time() - cpu))
    return {
        name: {
            "seconds": median(w for w, _ in times),
            "cpu_seconds": median(c for _, c in times),
            "runs": len(times),
            "result": results[name],
        }
        for name, times in runs.items()
    }


def library_bpe(lines: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def library_wordpiece(lines: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=4 * VOCABULARY, special_tokens=list(SPECIAL_TOKENS), show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    around = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    return tokenizer


def library_unigram(lines: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=4 * VOCABULARY, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def encode_all(read: Callable, file: str, lines: list[str]) -> Callable[[], list[list[int]]]:
    """A fresh tokenizer that is to encode all lines: both sides keep the words that they have seen."""
    tokenizer = read(file)
    return lambda: [getattr(ids, "ids", ids) for ids in map(tokenizer.encode, lines)]


def merges_of(trained: object) -> list[tuple[str, str]]:
    if isinstance(trained, bpe.BPE):
        return trained.merges
    return [tuple(pair) for pair in json.loads(trained.to_str())["model"]["merges"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "tokenizers.json")
    parser.add_argument("--repeats", type=int, default=7)
    chosen = parser.parse_args()
    archive = Path(os.environ.get("COURSE_DATA", "")) / "storybooks.tar.xz"
    if not archive.is_file():
        print("skipped: COURSE_DATA is not set to a folder with storybooks.tar.xz")
        return 0
    with tarfile.open(archive) as books:
        lines = books.extractfile(BOOK).read()[:SIZE].decode("utf-8", "ignore").splitlines()

    incremental = partial(bpe.train, lines, VOCABULARY, learn=bpe.learn_merges_incremental)
    naive, library = partial(bpe.train, lines, VOCABULARY), partial(library_bpe, lines)
    training = take_turns(
        {"library": lambda: library, "incremental": lambda: incremental, "naive": lambda: naive},
        chosen.repeats,
        seldom=("naive",),
    )
    merges = [merges_of(row.pop("result")) for row in training.values()]
    assert merges[0] == merges[1] == merges[2] and len(merges[0]) == VOCABULARY - 256

    encoding = {}
    for name, read, train in [
        ("BPE", bpe.BPE.from_json, library_bpe),
        ("WordPiece", WordPiece.from_json, library_wordpiece),
        ("Unigram", Unigram.from_json, library_unigram),
    ]:
        file = train(lines).to_str()
        peers = {
            "library": partial(encode_all, Tokenizer.from_str, file, lines),
            "reference": partial(encode_all, read, file, lines),
        }
        encoding[name] = take_turns(peers, chosen.repeats)
        ids = [row.pop("result") for row in encoding[name].values()]
        assert ids[0] == ids[1], name

    print(f"{SIZE / 1000:.0f} kB of English; median of the runs, in turns, on one thread\n")
    print(f"{'':34}{'seconds':>9}{'CPU s':>9}{'of the library':>16}{'runs':>6}")
    tables = {f"train BPE to {VOCABULARY}": training} | {f"encode, {name}": rows for name, rows in encoding.items()}
    for table, rows in tables.items():
        for name, row in rows.items():
            row["times_library"] = row["cpu_seconds"] / rows["library"]["cpu_seconds"]
            print(
                f"{table + ', ' + name:34}{row['seconds']:9.3f}{row['cpu_seconds']:9.3f}"
                f"{row['times_library']:15.1f}×{row['runs']:6}"
            )
    seconds, slow = training["incremental"]["cpu_seconds"], training["incremental"]["times_library"]
    faster = training["naive"]["cpu_seconds"] / seconds
    met = seconds < SECONDS and faster >= TIMES
    print(
        f"\nincremental: {seconds:.2f} CPU s (to be under {SECONDS}), {faster:.0f} times as fast as naive (to be at "
        f"least {TIMES}): {'met' if met else 'MISSED'}. It takes {slow:.1f} times as long as the library.\n"
        "Merges and ids are equal."
    )

    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(
        json.dumps(
            {
                "command": "python benchmarks/tokenizers.py",
                "date": date.today().isoformat(),
                "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
                "versions": {"python": platform.python_version(), "tokenizers": tokenizers.__version__},
                "text": {"file": BOOK, "bytes": SIZE},
                "training": training,
                "encoding": encoding,
                "incremental_cpu_seconds": seconds,
                "naive_over_incremental": faster,
                "met": met,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
    print(f"written: {os.path.relpath(chosen.out)}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
