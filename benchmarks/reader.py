"""The figures on the card of minilm-reader, computed again from the committed adapter.

    python benchmarks/reader.py                 # prints a table
    python benchmarks/reader.py --record        # writes it into the card, and the figures into metrics.json beside it

On the questions of the fairy tales' validation and test of which an answer stands word for word in a section that is
named. Needs MiniLM (`course fetch minilm`). About four minutes on one core. Exit code 1 if the card states another
figure (three digits) than the one found.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where another file has the name of a library.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]

from course import examples, model_card  # noqa: E402
from course.finetuning import Recipe  # noqa: E402
from course.tasks import TASKS, Data  # noqa: E402
from helpers import checkpoints, runtime  # noqa: E402

FOLDER = checkpoints.ASSETS / checkpoints.READER


def main() -> None:
    runtime.quiet()
    task, reader = TASKS["qa"], checkpoints.load("reader")
    if reader.label != checkpoints.READER:
        sys.exit("MiniLM is missing: course fetch minilm")
    splits = {split: examples.fairytale_questions(split) for split in ("validation", "test")}
    rows, _ = task.encode(reader.tokenizer, splits, Recipe(max_length=task.longest))
    collate = task.collate(reader.tokenizer, None)
    data = Data(splits)
    figures = {split: task.figures(reader.model, split, data, rows, collate, None) for split in splits}
    table = model_card.rows(task, figures)
    print(table)
    card = (FOLDER / "README.md").read_text("utf-8")
    if "--record" in sys.argv:
        content = json.dumps({"versions": runtime.versions(), **figures}, indent=1)
        runtime.write_whole(FOLDER / "metrics.json", content + "\n")
        runtime.write_whole(FOLDER / "README.md", re.sub(r"(?s)\| \| exact match.*?\n(?=\n)", table + "\n", card))
    elif table not in card:
        sys.exit("The card has other figures.")


if __name__ == "__main__":
    main()
