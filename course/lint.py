"""`course lint`: what every notebook, link and Python file must be like, and what can be fixed at once.

A rule is a generator of messages, `(cell id, message)`. A cell with the tag `lint-allow` may show a mistake
on purpose: the rules about what a source or an output says (cuda, pip, paths) leave it alone.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from course import colab, places, quizzes
from course.run import drop_live_views
from helpers.runtime import reason

MEDIAN_LINES, P90_LINES = 5, 25
MINUTES_OFF = 10
ALT_CHARACTERS = 20
ALLOW = "lint-allow"
SUFFIXES = {".ipynb", ".md", ".py"}
FOLDERS = ("docs", "helpers", "course", "tests", "benchmarks", "scripts", "site", "notebooks", "labs", "solutions")
SKIPPED = {".git", ".venv", "build", "dist", "node_modules", "__pycache__", ".ipynb_checkpoints"}

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"(?=.*\d)[0-9a-f]{8}([0-9a-f-]{28})?")  # what Jupyter and nbformat make up
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:home|root|tmp|work|Users|opt)/[\w.-]|(?<!\w)[A-Za-z]:\\{1,2}Users\\")
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
CUDA = re.compile(r"""\.cuda\(\)|\.to\(\s*["']cuda|\bdevice(?:_map)?\s*=\s*["']cuda|\btorch\.device\(\s*["']cuda""")
PIP_INSTALL = re.compile(r"\bpip3? install\b([^\n`]*)")
NBVAL_MARK = re.compile(r"#\s*(NBVAL_(?:SKIP|IGNORE_OUTPUT|RAISES_EXCEPTION))\b")
NBVAL_TAGS = {"nbval-skip", "nbval-ignore-output", "nbval-raises-exception", "raises-exception"}
MARKDOWN_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)")
HTML_LINK = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*[\"']([^\"']+)")
QUIZ = re.compile(r"""\bquiz\.(before|after)\(\s*["']([^"']*)["']\s*\)""")
FIGURE, DRAWING, GAP = map(re.compile, (r"plots\.show\(", r"plots\.drawing\(", r"= check\.\w+\("))
CITATION = re.compile(r"[A-Z][\w'’-]+ (?:et al\.|(?:and|&) [A-Z][\w'’-]+),? (?:\((?:19|20)\d\d\)|(?:19|20)\d\d)")
FENCE = re.compile(r"^([ \t]*)(```+|~~~+)([^\n]*)\n(.*?)^\1?\2[ \t]*$", re.MULTILINE | re.DOTALL)


class Finding(NamedTuple):
    file: Path
    cell: str
    message: str


Messages = Iterator[tuple[str, str]]


class Notebook(NamedTuple):
    """A notebook under the rules: the file as it is, and what the rules ask of it again and again."""

    path: Path
    root: Path
    node: object

    def cells(self, kind: str | None = None, *, allowed: bool = True) -> Iterator:
        """Cells, of one kind if given; without those that may break rules if `allowed` is False."""
        for cell in self.node.cells:
            if (kind is None or cell.cell_type == kind) and (allowed or ALLOW not in places.cell_tags(cell)):
                yield cell

    def ran(self) -> Iterator:
        return (cell for cell in self.cells("code") if cell.source.strip())

    def shown(self) -> Iterator:
        """The cells that are run and whose code is not folded."""
        return (cell for cell in self.ran() if not cell.metadata.get("jupyter", {}).get("source_hidden"))


def name_of(cell) -> str:
    return str(cell.get("id", "?"))


# --- rules for notebooks --------------------------------------------------------------------------


def rule_format(book: Notebook) -> Messages:
    from nbformat.validator import iter_validate  # which leaves ids alone: they have a rule of their own

    version = (book.node.get("nbformat"), book.node.get("nbformat_minor"))
    if version != (4, 5):
        yield "", f"nbformat is {version[0]}.{version[1]}, not 4.5"
    elif error := next(iter_validate(book.node), None):
        yield "", f"not a valid notebook: {str(error).splitlines()[0]}"


def rule_ids(book: Notebook) -> Messages:
    seen: set[str] = set()
    for number, cell in enumerate(book.cells(), 1):
        cell_id = cell.get("id")
        if not cell_id:
            yield f"#{number}", "the cell has no id"
        elif cell_id in seen:
            yield cell_id, "two cells have this id"
        elif not SLUG.fullmatch(cell_id) or RANDOM_ID.fullmatch(cell_id):
            yield cell_id, "the id is not a readable slug such as merge-the-pair"
        seen.add(cell_id)


def fixed(node):
    """A copy of a notebook without what a run or another editor leaves behind."""
    node = copy.deepcopy(node)
    places.tidy(node)
    drop_live_views(node)
    return node


def rule_traces(book: Notebook) -> Messages:
    import nbformat

    remedy, metadata, usual = "course lint --fix", book.node.metadata, fixed(book.node).metadata
    for key in sorted({*metadata, *usual}):
        if metadata.get(key) != usual.get(key):
            yield "", f"metadata.{key} is not that of all notebooks: {remedy}"
    for cell in book.cells():
        kept = fixed(nbformat.from_dict({"metadata": {}, "cells": [cell]})).cells
        if not kept:
            yield name_of(cell), f"papermill's own cell is stored: {remedy}"
            continue
        for key in sorted({*cell.metadata} - {*kept[0].metadata}):
            yield name_of(cell), f"metadata.{key}, of a run, is stored: {remedy}"
        if cell.get("outputs") != kept[0].get("outputs"):
            yield name_of(cell), f"outputs are as the kernel sent them (in pieces, transient, a live view): {remedy}"


def rule_outputs(book: Notebook) -> Messages:
    for count, cell in enumerate(book.ran(), 1):
        stored = cell.get("execution_count")
        if stored != count:
            what = "was not executed" if stored is None else f"was executed as number {stored}"
            yield name_of(cell), f"code cell {count} {what}: run all from the top (course run --update)"
            break
    for cell in book.cells("code"):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield name_of(cell), f"the output is an error: {output.get('ename')}"
            elif output.output_type == "stream" and output.get("name") == "stderr":
                yield name_of(cell), f"the output holds a warning or a progress bar: {output.text.strip()[:60]!r}"


def _texts(output) -> Iterator[str]:
    if output.output_type == "stream":
        yield output.text
    elif output.output_type == "error":
        yield "\n".join(output.get("traceback", []))
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/") and isinstance(value, str):
            yield value


def rule_machine_paths(book: Notebook) -> Messages:
    for cell in book.cells("code", allowed=False):
        for text in (t for output in cell.get("outputs", []) for t in _texts(output)):
            if match := MACHINE_PATH.search(text):
                yield name_of(cell), f"the output names a path of this machine: {text[match.start() :][:40]!r}"
            if match := MEMORY_ADDRESS.search(text):
                yield name_of(cell), f"the output holds a memory address: {match[0]}"


def rule_cell_sizes(book: Notebook) -> Messages:
    sizes = sorted(len(cell.source.splitlines()) for cell in book.ran()) or [0]
    median, p90 = sizes[len(sizes) // 2], sizes[int(0.9 * (len(sizes) - 1))]
    for what, size, most in (("median", median, MEDIAN_LINES), ("90th percentile", p90, P90_LINES)):
        if size > most:
            yield "", f"the {what} of code cells has {size} lines, more than {most}"


def rule_figures(book: Notebook) -> Messages:
    for cell in book.cells("code"):
        outputs = [output.get("data", {}) for output in cell.get("outputs", [])]
        for data, below in pairwise([*outputs, {}]):
            if not any(kind.startswith("image/") for kind in data):
                continue
            alt = data.get("text/plain", "").strip()
            if alt.startswith("<") or len(alt) < ALT_CHARACTERS:
                yield name_of(cell), f"no sentence carries a picture's message ({alt[:40]!r}): use plots.show"
            elif alt not in below.get("text/markdown", ""):
                yield name_of(cell), "a picture's sentence is not under it: use plots.show"


def rule_nbval_reasons(book: Notebook) -> Messages:
    for cell in book.cells("code"):
        marks = [*NBVAL_MARK.findall(cell.source), *sorted(NBVAL_TAGS & set(places.cell_tags(cell)))]
        if marks and not re.search(r"^\s*# Reason: \S", cell.source, re.MULTILINE):
            yield name_of(cell), f"{marks[0]} without a reason: add a line '# Reason: …'"


def rule_parameters(book: Notebook) -> Messages:
    tagged = [cell for cell in book.cells() if "parameters" in places.cell_tags(cell)]
    if len(tagged) != 1:
        yield "", f"{len(tagged)} cells have the tag parameters; there must be one"


def rule_quiz(book: Notebook) -> Messages:
    number = re.match(r"\d\d(?=_)", book.path.name)
    if not number:
        return
    lesson, cells = number[0], list(book.ran())
    for when in ("before", "after"):
        calls = [
            (k, name) for k, cell in enumerate(cells) for event, name in QUIZ.findall(cell.source) if event == when
        ]
        if len(calls) != 1:
            yield "", f'quiz.{when}("{lesson}") is called {len(calls)} times; once is right'
            continue
        ((k, name),) = calls
        if name != lesson:
            yield name_of(cells[k]), f"quiz.{when} shows the questions of {name!r}; this is lesson {lesson!r}"
        if when == "after" and k != len(cells) - 1:
            yield name_of(cells[k]), "quiz.after is not in the last code cell"
        if when == "before" and not _in_the_opening(book, cells[k]):
            yield name_of(cells[k]), "quiz.before comes after the opening: put it before the first section, '## 1. …'"
    file = book.root / "helpers" / "assets" / "quizzes" / f"{lesson}.toml"
    try:
        quizzes.check(file)
    except FileNotFoundError:
        yield "", f"the lesson has no questions: write helpers/assets/quizzes/{lesson}.toml"
    except ValueError as error:
        yield "", str(error)


def _in_the_opening(book: Notebook, quiz) -> bool:
    """Whether the cell comes after the start and before the first numbered section."""
    cells = list(book.cells())
    start = next((k for k, cell in enumerate(cells) if cell.get("id") == "start"), len(cells))
    section = next((k for k, cell in enumerate(cells) if re.match(r"## 1[. ]", cell.source)), len(cells))
    return start < cells.index(quiz) < section


def reading_minutes(book: Notebook) -> float:
    """What a newcomer takes, estimated: 180 words a minute, 6 s for a line of code and 15 s for running its cell, a
    minute for a figure, half of one for a drawing, three for a gap, six for a quiz. Folded code is not read. (Two
    readers who tried four lessons, which had no drawings and gaps then, came to 1.04 to 1.12 times that.)"""
    words = sum(len(cell.source.split()) for cell in book.cells("markdown"))
    code = [line for cell in book.shown() for line in cell.source.splitlines() if line.strip()]
    patterns = {FIGURE: 1, DRAWING: 0.5, GAP: 3, QUIZ: 6}
    pictures_and_tasks = sum(m * len(re.findall(pattern, "\n".join(code))) for pattern, m in patterns.items())
    return words / 180 + len(code) / 10 + len(list(book.ran())) / 4 + pictures_and_tasks


def rule_minutes(book: Notebook) -> Messages:
    claim = re.search(r"about (\d+) minutes", next(book.cells("markdown"), {"source": ""})["source"])
    minutes = reading_minutes(book)
    if claim and abs(int(claim[1]) - minutes) > MINUTES_OFF:
        yield "title", f"about {claim[1]} minutes, it says; by words, code and figures about {5 * round(minutes / 5)}"


def rule_colab(book: Notebook) -> Messages:
    expected = colab.expected_sources(book.node, book.path, book.root)
    for name, what in (("title", f"the line {colab.MARKER}"), ("setup", "the set-up code")):
        if name not in expected:
            yield name, f"there is no cell {name!r} with {what}"
    for cell in book.cells():
        if cell.get("id") in expected and cell.source != expected[cell.id]:
            what = "the set-up cell" if cell.id == "setup" else "the badge"
            yield cell.id, f"{what} differs from the other notebooks: course lint --fix"


def rule_cuda(book: Notebook) -> Messages:
    for cell in book.cells(allowed=False):
        fences = FENCE.findall(cell.source + "\n") if cell.cell_type == "markdown" else []
        blocks = [text for *_, language, text in fences if re.match(r"\s*(py|python|python3)?(\s|$)", language)]
        for match in CUDA.findall("\n".join([cell.source] if cell.cell_type == "code" else blocks)):
            yield name_of(cell), f"cuda is hard-coded ({match}): use run.device"


def rule_pip(book: Notebook) -> Messages:
    for cell in book.cells(allowed=False):
        yield from ((name_of(cell), message) for message in unquoted_requirements(cell.source))


def rule_links(book: Notebook) -> Messages:
    anchors = set().union(*(headings(cell.source) for cell in book.cells("markdown")), set())
    for cell in book.cells("markdown"):
        yield from ((name_of(cell), message) for message in broken_links(cell.source, book.path, anchors))


def rule_citations(book: Notebook) -> Messages:
    """Who is cited is linked, where it is said and in the list at the end."""
    for cell in book.cells("markdown"):
        before, _, reading = FENCE.sub("", cell.source + "\n").partition("## Further reading")
        prose = [before]
        for line in reading.splitlines():
            if not line.startswith("- "):
                prose.append(line)
            elif not MARKDOWN_LINK.search(line):  # an entry links what it names, not who wrote it
                yield name_of(cell), f"further reading without a link: {line[2:62]}"
        for cited in CITATION.findall(MARKDOWN_LINK.sub("", "\n".join(prose))):
            yield name_of(cell), f"{cited} has no link: [{cited}](https://arxiv.org/abs/…) or https://doi.org/…"


NOTEBOOK_RULES = [rule for name, rule in list(globals().items()) if name.startswith("rule_")]


# --- rules for text and code anywhere ---------------------------------------------------------------


def unquoted_requirements(text: str) -> Iterator[str]:
    """`pip install x>=1` writes a file called `=1`; `x[y]` fails in zsh. Both need quotes."""
    for command in PIP_INSTALL.finditer(text):
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", command[1])
        for word in re.split(r"\s#|&&|;|\|", bare)[0].split():
            if re.match(r"(?=.*[<>\[])([A-Za-z][\w.-]*(\[[^\]]*\])?[<>!~=]=?\d|\.?[\w.-]*\[\w[\w,-]*\])", word):
                yield f"pip install needs quotes around {word}"


def headings(markdown: str) -> set[str]:
    """Anchors of the headings, as Jupyter and GitHub make them, in lower case; and explicit ids."""
    titles = re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", FENCE.sub("", markdown + "\n"), re.MULTILINE)
    plain = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title).lower() for title in titles]
    github = [re.sub(r"[^\w\- ]", "", title) for title in plain]
    explicit = re.findall(r"\b(?:id|name)=[\"']([^\"']+)", markdown)
    return {anchor.replace(" ", "-").lower() for anchor in [*plain, *github, *explicit]}


def broken_links(markdown: str, path: Path, anchors: set[str]) -> Iterator[str]:
    """Links and pictures in `markdown` (which is in `path`) whose file or heading is not there."""
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)|<!--.*?-->", "", FENCE.sub("", markdown + "\n"), flags=re.DOTALL)
    for target in MARKDOWN_LINK.findall(text) + HTML_LINK.findall(text):
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", target):
            continue
        where, _, anchor = unquote(target).partition("#")
        if where and not (path.parent / where).exists():
            yield f"the link to {target} leads nowhere"
        elif where.startswith("/"):
            yield f"the link to {target} is absolute: start from this file"
        elif not where and anchor and anchor.lower() not in anchors:
            yield f"no heading here is called #{anchor}"


def lint_text(path: Path) -> Iterator[Finding]:
    """Markdown, and Python files of the packages: links, commands, no hard-coded device. Ruff does the rest."""
    code = text = path.read_text("utf-8")
    messages: list[str] = []
    if path.suffix == ".md":
        code = "\n".join(fence[4] for fence in FENCE.finditer(text + "\n"))
        messages = [*broken_links(text, path, headings(text)), *unquoted_requirements(text)]
    messages += [f"cuda is hard-coded ({match})" for match in CUDA.findall(code)]
    yield from (Finding(path, "", message) for message in messages)


def lint_notebook(path: Path, root: Path) -> Iterator[Finding]:
    """All findings of one notebook that can be read."""
    book = Notebook(path, root, places.read_notebook(path))
    for rule in NOTEBOOK_RULES:
        try:
            yield from [Finding(path, cell, message) for cell, message in rule(book)]
        except Exception as error:  # a notebook of somebody else can hold what nobody has thought of
            what = rule.__name__.removeprefix("rule_").replace("_", " ")
            yield Finding(path, "", f"the rule on {what} cannot judge this notebook: {reason(error)}")


def fix_notebook(path: Path, root: Path) -> bool:
    """Fix metadata, set-up cell and badge; True when that changed the file."""
    changed = places.write_notebook(fixed(places.read_notebook(path)), path)
    return colab.fix(path, root) or changed


# --- ruff, codespell, and all of it -----------------------------------------------------------------


def _run(module: str, *options: str | Path, text: str = "", root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", module, *map(str, options)]
    return subprocess.run(command, input=text, cwd=root, capture_output=True, encoding="utf-8", check=False)


def run_ruff(files: list[Path], root: Path, fix: bool) -> Iterator[Finding]:
    """What ruff finds in Python files and in the code cells of notebooks; files that it would lay out differently."""
    if not files:
        return
    options = ["--fix"] if fix else []
    done = _run("ruff", "check", "--force-exclude", "--output-format", "json", *options, *files, root=root)
    if done.returncode > 1 or not done.stdout.strip():
        raise ValueError(f"ruff could not run: {done.stderr.strip()}")
    for problem in json.loads(done.stdout):
        file, where = Path(problem["filename"]), str((problem.get("location") or {}).get("row", 1))
        if problem.get("cell"):
            where = name_of(places.read_notebook(file).cells[problem["cell"] - 1])
        yield Finding(file, where, f"{problem.get('code') or 'ruff'} {problem['message']}")
    if scripts := [file for file in files if file.suffix == ".py"]:
        options = [] if fix else ["--diff"]
        done = _run("ruff", "format", "--force-exclude", *options, *scripts, root=root)
        for name in re.findall(r"^--- (.+)\n\+\+\+ \1$", done.stdout, re.MULTILINE):
            yield Finding(root / name, "", "it is not laid out by ruff format: course lint --fix")


def run_codespell(files: list[Path], root: Path) -> Iterator[Finding]:
    """Misspelled words in Markdown, Python and the sources (not the outputs) of notebooks."""
    lines: list[tuple[Path, str, str]] = []  # file, cell or number of the line, text
    for file in files:
        if file.suffix == ".ipynb":
            for cell in places.read_notebook(file).cells:
                lines += [(file, name_of(cell), line) for line in cell.source.split("\n")]
        else:
            lines += [(file, str(k), line) for k, line in enumerate(file.read_text("utf-8").split("\n"), 1)]
    project = root / "pyproject.toml"
    options = ["--toml", project] if project.is_file() else []
    text = "".join(f"{line}\n" for *_, line in lines)
    done = _run("codespell_lib", "--quiet-level", "3", "--stdin-single-line", *options, "-", text=text, root=root)
    misspelled = re.findall(r"^(\d+): (.+)$", done.stdout, re.MULTILINE)
    if done.returncode and not misspelled:
        raise ValueError(f"codespell could not run: {(done.stderr or done.stdout).strip()}")
    for number, words in misspelled:
        file, where, _ = lines[int(number) - 1]
        yield Finding(file, where, f"spelling: {words}")


def _inside(folder: Path, suffixes: set[str] = SUFFIXES) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix in suffixes)
    return sorted(path for path in files if not SKIPPED & set(path.relative_to(folder).parts))


def everything(root: Path) -> list[Path]:
    """Notebooks, Markdown and Python files of the course; not the notebooks of labs, which are built."""
    texts = [path for path in root.iterdir() if path.suffix in (".md", ".py")]
    texts += [path for folder in FOLDERS for path in _inside(root / folder, {".md", ".py"})]
    return places.lessons(root) + sorted(texts)


def _named(names: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, names):
        if not path.exists():
            raise FileNotFoundError(f"There is no file or folder {path}.")
        yield from (file.resolve() for file in (_inside(path) if path.is_dir() else [path]))


def unreadable(path: Path) -> str:
    """Why a file cannot be read, which is the one thing to say of it then; empty if it can be."""
    try:
        places.read_notebook(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except UnicodeDecodeError as error:
        return f"it is not in UTF-8 ({reason(error)}): save it as UTF-8"
    except ValueError as error:
        return str(error).removeprefix(f"{path} ")
    return ""


def lint(names: Iterable[str] = (), *, fix: bool = False) -> tuple[list[str], int]:
    """All findings as lines `file:cell-id: message`, and the number of files; with `fix`, those that remain.

    Raises FileNotFoundError for a path that is not there.
    """
    root = places.course_root()
    paths = list(_named(names)) if names else everything(root)
    broken = {path: message for path in paths if (message := unreadable(path))}
    files, findings = [path for path in paths if path not in broken], [Finding(p, "", m) for p, m in broken.items()]
    findings += run_ruff([file for file in files if file.suffix != ".md"], root, fix)
    for path in files:
        if path.suffix == ".ipynb":
            if fix:
                fix_notebook(path, root)
            findings += lint_notebook(path, root)
        elif path.suffix == ".md" or {root / "helpers", root / "course"} & {*path.parents}:
            findings += lint_text(path)
    findings += run_codespell(files, root)
    lines = []
    for file, where, message in findings:
        near = file.relative_to(root) if file.is_relative_to(root) else file
        lines.append(f"{near.as_posix()}:{where + ':' if where else ''} {message}")
    return lines, len(paths)


def report(paths: Iterable[str] = (), *, fix: bool = False) -> int:
    """Print the findings and their number; return the exit code, 1 when there are any."""
    lines, count = lint(list(paths), fix=fix)
    for line in lines:
        print(line)
    print(f"{len(lines)} findings in {count} files" if lines else f"{count} files, nothing found")
    return int(bool(lines))
