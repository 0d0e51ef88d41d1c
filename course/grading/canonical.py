"""Rebuild a submission from the lab: only what the student wrote is kept, in its place and without metadata.

Questions, tests, ids, tags and points come from the lab as it was handed out. An answer is found by its `grade_id` or
its cell id. Copies from Colab, or made by hand, lose both, and then it is found by the name that its cell defines.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_CELLS = 1_000
MAX_SOURCE = 200_000  # characters in a cell
MAX_PICTURES = 10_000_000  # characters of base64 in all
BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*")
MAX_BYTES = 100_000_000  # of a file with its stored outputs
MAX_KEPT = 20_000_000  # characters of a file without them

# No answer needs these, but code that replaces the grader's functions in the kernel or reads its questions does.
REACHES = re.compile(
    r"helpers[./]checks[./]\w+|from\s+helpers\.checks\s+import\s+\w+|\bchecks\.(?:driver|parts|values|scoring)\b(?!\()"
    r"|\bast_transformers\b|\binput_transformers\w*|\bdo_execute\b|\biopub_socket\b|\bdisplay_pub\b"
    r"|\bsys\.(?:meta_path|settrace|setprofile|_getframe)\b|\bgc\.get_objects\b"
)
# Hardly any answer needs these, because they lead to every module and object of the process.
UNUSUAL = re.compile(
    r"\bsys\.modules\s*(?:\[|\.)|\bimportlib\b|\bctypes\b|\bgc\.get_re|\b__(?:globals|builtins|subclasses|getattribute)__"
    r"|\b_sys\b|\b_ipython\w*|\bbuiltins\b|\binspect\.(?:stack|currentframe)\b"
)


@dataclass
class Canonical:
    """A rebuilt notebook (nbformat 4). `answers` has them by grade id, and `notes` lists what was corrected."""

    notebook: Any
    answers: dict[str, str]
    extra: list[int]  # indices of the student's own cells
    notes: list[str] = field(default_factory=list)


def read(data: bytes) -> Any:
    """Read a submitted file as a notebook of nbformat 4. Raises ValueError with the reason in plain words."""
    import nbformat

    raw = _parsed(data)
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise ValueError("the file is JSON, but not a notebook: nbformat is missing")
    if raw["nbformat"] not in (3, 4):
        raise ValueError(f"the notebook has nbformat {raw['nbformat']}; 3 and 4 can be read")
    try:
        notebook = nbformat.convert(nbformat.from_dict(raw), 4)
        cells = list(notebook.cells)
    except Exception as error:
        raise ValueError(f"the notebook cannot be read: {type(error).__name__}: {error}") from None
    if len(cells) > MAX_CELLS:
        raise ValueError(f"the notebook has {len(cells):,} cells, more than {MAX_CELLS:,}")
    for number, cell in enumerate(cells):
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            raise ValueError(f"cell {number} is not a cell")
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else source
        if not isinstance(source, str) or len(source) > MAX_SOURCE:
            raise ValueError(f"cell {number} has no readable source of at most {MAX_SOURCE:,} characters")
        cell["source"] = source.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be sent
    return notebook


def slim(path: str) -> str:
    """Return a submitted file as text, without its stored outputs. Raises ValueError as `read` does."""
    text = json.dumps(_parsed(Path(path).read_bytes()))
    if len(text) > MAX_KEPT:
        raise ValueError(f"the file has {len(text):,} characters in addition to its outputs, more than {MAX_KEPT:,}")
    return text


def _parsed(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise ValueError(f"the file has {len(data):,} bytes, more than {MAX_BYTES:,}")
    if not data.strip():
        raise ValueError("the file is empty")
    try:
        return json.loads(data.decode("utf-8-sig"), object_hook=_without_outputs)
    except UnicodeDecodeError:
        raise ValueError("the file is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the file is not JSON: {error}") from None


def _without_outputs(found: dict[str, Any]) -> dict[str, Any]:
    """Drop the stored outputs of a cell, because they are computed again and may be most of a file."""
    if found.get("cell_type") == "code" and "outputs" in found:
        found["outputs"] = []
    return found


def rebuild(released: Any, submitted: Any) -> Canonical:
    """Put the student's cells into a copy of the lab as it was `released`.

    A cell that is not an answer comes from the lab. If the student changed such a cell and nbgrader does not lock it,
    their version runs after it, as a cell of their own. A changed question or test is dropped.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    known = {key_of(cell): cell for cell in released.cells}
    answers = {key for key, cell in known.items() if is_answer(cell)}
    locked = {key for key, cell in known.items() if _nbgrader(cell).get("locked")}
    notes: list[str] = []
    taken: dict[str, str] = {}
    pictures = _Pictures()
    kept: dict[str, dict[str, Any]] = {}
    after: dict[str | None, list[Any]] = {}
    last: str | None = None

    def own(cell: Any) -> None:
        made = (new_code_cell if cell["cell_type"] == "code" else new_markdown_cell)(cell["source"])
        made.metadata["course"] = "own"
        if made.cell_type == "markdown" and (found := pictures.of(cell)):
            made.attachments = found
        after.setdefault(last, []).append(made)

    matches = _match(submitted.cells, known, answers)
    for cell, key in zip(submitted.cells, matches, strict=True):
        if key is None:
            own(cell)
            continue
        stub = key in answers and _same(cell["source"], known[key].source)
        if key in taken and (stub or not _same(taken[key], known[key].source)):
            if not stub:
                notes.append(
                    f"{key} is there more than once; the first one is in its place, and any other stays where it was"
                )
                own(cell)
            continue
        last = key
        if key in answers:
            taken[key] = cell["source"]
            if known[key].cell_type == "markdown":
                kept[key] = pictures.of(cell)
            if cell["cell_type"] != known[key].cell_type:
                notes.append(f"{key} had become a {cell['cell_type']} cell; its text is the answer")
        elif cell["source"].strip() != known[key].source.strip():
            if key in locked:
                notes.append(f"{key} was changed; the lab's own was put back")
            elif cell["cell_type"] == "code" and key != "setup":
                own(cell)
    # When two answers share a cell, putting back the stub of the second would undo what the student defined.
    shared = set().union(*(_defines(c["source"]) for c in submitted.cells if c["cell_type"] == "code"))
    taken |= {key: "" for key in answers & shared - {*taken} if known[key].cell_type == "code"}
    missing = [key for key in known if key not in matches and (key in locked or key in answers - {*taken})]
    if missing:
        notes.append(f"put back: {', '.join(missing)}")

    notebook = new_notebook(metadata=dict(released.metadata))
    extra: list[int] = []

    def add_own(key: str | None) -> None:
        for cell in after.get(key, []):
            extra.append(len(notebook.cells))
            cell.id = f"own-{len(extra)}"
            notebook.cells.append(cell)

    add_own(None)
    for key, cell in known.items():
        copy = cell.copy()
        if key in answers:
            copy.source = taken.get(key, cell.source)
            if kept.get(key):
                copy.attachments = kept[key]
        if copy.cell_type == "code":
            copy.outputs, copy.execution_count = [], None
        notebook.cells.append(copy)
        add_own(key)
    given = {key: taken[key] for key in known if key in taken}
    return Canonical(notebook, given, extra, notes)


def solved(canonical: Canonical, source: Any, parts: tuple[str, ...]) -> Any:
    """Return the rebuilt notebook with the source's answers to some earlier parts, for a part that depends on them."""
    right = {key_of(cell): cell.source for cell in source.cells}
    notebook = canonical.notebook.copy()
    notebook.cells = [cell.copy() for cell in notebook.cells]
    for cell in notebook.cells:
        if key_of(cell) in parts:
            cell.source = right[key_of(cell)]
    return notebook


def reaching(canonical: Canonical, wanted: re.Pattern[str] = REACHES) -> list[str]:
    """Find the code in the student's cells that reaches for the grader, so that a person can look at it.

    Constant strings are joined first, so "helpers.che" + "cks" is found. A student who wants to hide a name from this
    can do so, and only a look at the code is proof.
    """
    cells = canonical.notebook.cells
    own = [c for at, c in enumerate(cells) if at in canonical.extra or key_of(c) in canonical.answers]
    own = [c.source for c in own if c.cell_type == "code"]  # Markdown cannot reach for anything
    return sorted({found[0] for source in own for text in (source, *_texts(source)) for found in wanted.finditer(text)})


def _texts(source: str) -> list[str]:
    """Find the constant strings that a cell builds from pieces, with + or with join."""
    found: list[str] = []

    def text(node: ast.AST) -> str | None:
        match node:
            case ast.Constant(value=str(value)):
                return value
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pieces = [text(left), text(right)]
            case (
                ast.JoinedStr(values=pieces)
                | ast.Call(
                    func=ast.Attribute(value=ast.Constant(value=""), attr="join"),
                    args=[ast.List(elts=pieces) | ast.Tuple(elts=pieces)],
                )
            ):
                pieces = [text(piece) for piece in pieces]
            case ast.FormattedValue(value=value):
                return text(value)
            case _:
                return None
        if None in pieces:
            return None
        found.append("".join(pieces))
        return found[-1]

    try:
        for node in ast.walk(ast.parse(source)):
            text(node)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return found


def untouched(released: Any, canonical: Canonical) -> set[str]:
    """Return the grade ids whose answer is missing or is still the stub."""
    stubs = {key_of(c): c.source for c in released.cells if is_answer(c)}
    given = {key: canonical.answers.get(key, stub) for key, stub in stubs.items()}
    return {key for key, stub in stubs.items() if not given[key].strip() or _same(given[key], stub)}


def blank(released: Any, canonical: Canonical) -> set[str]:
    """Return the grade ids that were answered neither in their place nor in a cell of the student's own."""
    own = (canonical.notebook.cells[at] for at in canonical.extra)
    return untouched(released, canonical) - set().union(*(_defines(c.source) for c in own if c.cell_type == "code"))


def doubts(released: Any, canonical: Canonical, submitted: Any, lab: str) -> list[str]:
    """List the reasons to doubt that this is the right file, so that a person can look at it."""
    found, about = [], submitted.get("metadata")
    says = about.get("lab") if isinstance(about, dict) else None
    if isinstance(says, str) and says != lab:
        found.append(f"the notebook says that it is {says[:60]!r}")
    if blank(released, canonical) == {key_of(cell) for cell in released.cells if is_answer(cell)}:
        found.append("no answer was changed: is it the right file?")
    return found


def is_answer(cell: Any) -> bool:
    """Whether a cell of the lab is one that students fill in."""
    return bool(_nbgrader(cell).get("solution"))


class _Pictures:
    """The pictures that are kept from a notebook's Markdown: PNG and JPEG, up to a limit for all of them together."""

    def __init__(self) -> None:
        self.room = MAX_PICTURES

    def of(self, cell: Any) -> dict[str, Any]:
        """Return the attachments of a cell that may be kept, by name."""
        kept: dict[str, Any] = {}
        attached = cell.get("attachments")
        for name, data in attached.items() if isinstance(attached, dict) else ():
            for mime in ("image/png", "image/jpeg"):
                text = data.get(mime) if isinstance(data, dict) else None
                text = "".join(map(str, text)) if isinstance(text, list) else text
                if isinstance(text, str) and len(text) <= self.room and BASE64.fullmatch(text):
                    self.room -= len(text)
                    kept[str(name)] = {mime: text}
        return kept


def _nbgrader(cell: Any) -> dict[str, Any]:
    meta = cell.get("metadata")
    found = meta.get("nbgrader") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}


def key_of(cell: Any) -> str:
    """Return the name of a cell of the lab, which is its grade_id or, if it has none, its id."""
    return str(_nbgrader(cell).get("grade_id") or cell.get("id") or "")


def _match(cells: list[Any], known: dict[str, Any], answers: set[str]) -> list[str | None]:
    """Find out which cell of the lab each submitted cell is."""
    found: list[str | None] = []
    names: list[list[str]] = []
    for cell in cells:
        meta = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
        # Colab keeps a cell's id in its metadata
        named = (_nbgrader(cell).get("grade_id"), cell.get("id"), meta.get("id"))
        names.append([n for n in named if isinstance(n, str) and n in known])
        found.append(next((n for n in names[-1] if known[n].cell_type == cell["cell_type"]), None))
    for at in range(len(cells)):  # a stray key press may have changed the type of an answer's cell
        if found[at] is None:
            found[at] = next((n for n in names[at] if n in answers and n not in found), None)
    same_text = {(c.cell_type, c.source.strip()): key for key, c in known.items()}
    for at, cell in enumerate(cells):
        if found[at] is None and (key := same_text.get((cell["cell_type"], cell["source"].strip()))) not in found:
            found[at] = key
    by_name = {key for key in answers if key not in found and known[key].cell_type == "code"}
    for kinds in (("code",), ("markdown", "raw")):
        for at, cell in enumerate(cells):
            if found[at] is None and cell["cell_type"] in kinds and (there := _defines(cell["source"]) & by_name):
                found[at] = min(there)
                by_name -= there
    for key in answers - set(found):  # a written answer that lost its id comes right after its question
        if known[key].cell_type == "markdown" and (at := _after_question(cells, found, key, known)) is not None:
            found[at] = key
    return found


def _after_question(cells: list[Any], found: list[str | None], key: str, known: dict[str, Any]) -> int | None:
    order = list(known)
    before = order[order.index(key) - 1]
    if before not in found:
        return None
    at = found.index(before) + 1
    return at if at < len(cells) and found[at] is None and cells[at]["cell_type"] == "markdown" else None


def _same(one: str, other: str) -> bool:
    """Whether two sources are the same except for white space and comments."""
    if one.strip() == other.strip():
        return True
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other)) != "Module(body=[], type_ignores=[])"
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _defines(source: str) -> set[str]:
    """Return the names that a cell defines at its top level, or none if it is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {t.id for t in targets if isinstance(t, ast.Name)}
    return names
