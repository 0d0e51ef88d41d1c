"""What attacks and honest submissions are made of: the tiny lab with answers put in, and a register of builders."""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

HERE = Path(__file__).parent
LAB = "lab90_tiny"
FULL = {"softmax": 3, "attention": 4, "merge": 4, "parameters": 3}
MERGE = {"merge": 4}
SIGNATURES = {"softmax": "scores", "attention": "query, key, value", "merge": "tokens, pair"}

RIGHT = {
    "softmax": (
        "def softmax(scores):\n    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))\n"
        "    return shifted / shifted.sum(axis=-1, keepdims=True)"
    ),
    "attention": (
        "def attention(query, key, value):\n    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])\n"
        "    return softmax(scores) @ value"
    ),
    "merge": (
        "def merge(tokens, pair):\n    merged, i = [], 0\n    while i < len(tokens):\n"
        "        size = 2 if tuple(tokens[i : i + 2]) == tuple(pair) else 1\n"
        '        merged.append("".join(tokens[i : i + size]))\n        i += size\n    return merged'
    ),
    "parameters": "parameters = 4 * (8 * 8 + 8)",
}
WRITTEN = "The variance of q·k grows with d_k; the softmax of large scores is nearly one-hot; its gradient vanishes."


@dataclass
class World:
    """What an attacker is supposed to know of the machine: the tests put canaries at these places."""

    secrets: list[str] = field(default_factory=list)  # files whose content must appear nowhere
    targets: list[str] = field(default_factory=list)  # files that must stay as they are
    folders: list[str] = field(default_factory=list)  # folders into which nothing may be written
    data: str = "/nonexistent/data"
    inbox: str = "/nonexistent/inbox"
    port: int = 9  # something listens here, on 127.0.0.1


WORLD = World()


@dataclass(frozen=True)
class Entry:
    """A submission: how it is built, the statuses that it may end with, the points that it deserves by part.

    The status "not-read" stands for one that is listed, but belongs to nobody.
    """

    name: str
    build: Callable[[Any, Path], None]
    status: tuple[str, ...]
    earned: dict[str, int]
    flags: tuple[str, ...] = ()  # that must be there
    group: str = ""

    @property
    def says(self) -> str:
        return " ".join((self.build.__doc__ or "").split())


class Corpus(dict[str, Entry]):
    """Builders by name; `@corpus.add(status, earned)` registers one."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def add(self, status: str, earned: dict[str, int] | None = None, flags: Iterable[str] = ()) -> Callable:
        def register(build: Callable[[Any, Path], None]) -> Callable[[Any, Path], None]:
            name = f"{self.prefix}-{build.__name__.strip('_').replace('_', '-')}"
            if name in self:
                raise ValueError(f"there are two builders {name}")
            group = build.__module__.rpartition(".")[-1]
            self[name] = Entry(name, build, tuple(status.split()), earned or {}, tuple(flags), group)
            return build

        return register


@cache
def _released() -> str:
    from course import labs

    return labs.generate(HERE / "tiny/solutions" / LAB / f"{LAB}.ipynb")


def released() -> Any:
    """The tiny lab as students get it."""
    return nbformat.reads(_released(), as_version=4)


def solve(tiny):
    """The lab as handed out, with the source's answers."""
    from course.grading import canonical

    lab = canonical.rebuild(tiny.notebook, tiny.notebook)
    return canonical.solved(lab, nbformat.reads(tiny.source, as_version=4), tuple(lab.answers))


def cell(notebook: Any, name: str) -> Any:
    return next(c for c in notebook.cells if c.get("id") == name)


def code(*pieces: str) -> str:
    """Pieces of Python, each indented as it pleased, one after the other."""
    return "\n\n".join(textwrap.dedent(piece).strip("\n ") for piece in pieces if piece)


def define(name: str, body: str) -> str:
    """The function that a part asks for, with this body."""
    return f"def {name}({SIGNATURES[name]}):\n{textwrap.indent(code(body), '    ')}"


def answered(lab: Any, right: Iterable[str] = ("merge",), first: str = "", last: str = "", **answers: str) -> Any:
    """A copy with answers: the `right` parts solved, others as given.

    `first` is a cell of one's own after the imports, `last` one at the end.
    """
    notebook = copy.deepcopy(lab)
    for name, source in ({part: RIGHT[part] for part in right} | answers).items():
        cell(notebook, name).source = code(source)
    if first:
        notebook.cells.insert(notebook.cells.index(cell(notebook, "start")) + 1, new_code_cell(code(first), id="first"))
    if last:
        notebook.cells.append(new_code_cell(code(last), id="last"))
    return notebook


def solved(lab: Any, **changes: str) -> Any:
    """Everything right, the written answer too."""
    return answered(lab, FULL, **({"written": WRITTEN} | changes))


def insert(notebook: Any, source: str, after: str, kind: str = "code") -> Any:
    """Put a cell of one's own after the cell `after`."""
    make = new_code_cell if kind == "code" else new_markdown_cell
    made = make(source, id=f"own-{len(notebook.cells)}")
    notebook.cells.insert(notebook.cells.index(cell(notebook, after)) + 1, made)
    return made


def hand_in(folder: Path, notebook: Any, name: str = f"{LAB}.ipynb") -> Path:
    """Write the notebook as it is, whatever is wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(notebook, ensure_ascii=True, indent=1), encoding="utf-8")
    return path


def submit(lab: Any, folder: Path, right: Iterable[str] = ("merge",), **cells: str) -> Path:
    """Hand in the lab with these answers and cells of one's own, as `answered` takes them."""
    return hand_in(folder, answered(lab, right, **cells))
