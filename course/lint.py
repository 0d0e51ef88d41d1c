"""`course lint`: what every notebook, link and Python file must be like, and what can be mended at once.

A rule is a generator of messages, `(cell id, message)`. A cell with the tag `lint-allow` may show a mistake
on purpose: the rules about what a source or an output says (cuda, pip, removed names, paths) leave it alone.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from course import colab, places, quizzes
from course.run import drop_live_views
from helpers.runtime import reason
from helpers.show import LIVE_VIEW

MEDIAN_LINES, P90_LINES = 5, 25
MINUTES_OFF = 10
ALT_CHARACTERS = 20
ALLOW = "lint-allow"
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
FENCE = re.compile(r"^([ \t]*)(```+|~~~+)([^\n]*)\n(.*?)^\1?\2[ \t]*$", re.MULTILINE | re.DOTALL)

# What transformers 5 no longer has. tests/course/test_lint.py holds these lists to the installed version.
REMOVED_ARGUMENTS = {
    "Trainer": {"tokenizer": "processing_class"},
    "TrainingArguments": {
        "overwrite_output_dir": "",
        "logging_dir": "",
        "warmup_ratio": "warmup_steps",
        "no_cuda": "use_cpu",
        "evaluation_strategy": "eval_strategy",
        "group_by_length": "train_sampling_strategy",
    },
}
REMOVED_NAMES = {
    "AdamW",
    "Dataset",
    "CrossEntropyLoss",
    "BeamScorer",
    "BeamSearchScorer",
    "ConstrainedBeamSearchScorer",
    "AutoModelWithLMHead",
    "TRANSFORMERS_CACHE",
    "LineByLineTextDataset",
    "TextDataset",
    "QuestionAnsweringPipeline",
    "SummarizationPipeline",
    "TranslationPipeline",
    "Text2TextGenerationPipeline",
}
REMOVED_TASKS = {"question-answering", "summarization", "translation", "text2text-generation"}
REMOVED_METHODS = {"prune_heads"}
REMOVED_EVERYWHERE = {"head_mask"}  # an argument of the models' calls
REMOTE_CODE_ARGUMENTS = {"penalty_alpha", "num_beam_groups", "diversity_penalty"}  # of generate


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


def name_of(cell) -> str:
    return str(cell.get("id", "?"))


# --- rules for notebooks --------------------------------------------------------------------------


def rule_format(book: Notebook) -> Messages:
    import warnings

    import nbformat

    version = (book.node.get("nbformat"), book.node.get("nbformat_minor"))
    if version != (4, 5):
        yield "", f"nbformat is {version[0]}.{version[1]}, not 4.5"
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about ids, which have a rule of their own
            nbformat.validate(nbformat.from_dict(book.node))
    except nbformat.ValidationError as error:
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


def rule_metadata(book: Notebook) -> Messages:
    metadata = book.node.get("metadata", {})
    kernel = metadata.get("kernelspec")
    if kernel != places.KERNELSPEC:
        name = kernel.get("name") if isinstance(kernel, dict) else kernel
        yield "", f"the kernelspec is {name!r}, not python3 as elsewhere"
    if metadata.get("language_info") != places.LANGUAGE_INFO:
        yield "", "language_info is not that of all notebooks (.py, and no version of Python): course lint --fix"
    for key in {"widgets", "papermill"} & set(metadata):
        yield "", f"metadata.{key} is stored"
    for cell in book.cells():
        for key in {"execution", "ExecuteTime"} & set(cell.get("metadata", {})):
            yield name_of(cell), f"execution timestamps are stored (metadata.{key})"
        if "papermill" in cell.get("metadata", {}):
            yield name_of(cell), "papermill metadata is stored"
        if "injected-parameters" in places.cell_tags(cell):
            yield name_of(cell), "an injected parameter cell is stored"
        if any("transient" in output for output in cell.get("outputs", [])):
            yield name_of(cell), "an output has the field transient"
        outputs = cell.get("outputs", [])
        if any(places.in_pieces(*pair) for pair in pairwise(outputs)):
            yield name_of(cell), "what it printed is stored in pieces: course lint --fix"
        if any(LIVE_VIEW in output.get("data", {}) for output in cell.get("outputs", [])):
            yield name_of(cell), "a live view is stored, which died with its kernel: course lint --fix"


def rule_outputs(book: Notebook) -> Messages:
    for count, cell in enumerate(book.ran(), 1):
        stored = cell.get("execution_count")
        if stored != count:
            what = "was not executed" if stored is None else f"was executed as number {stored}"
            yield (
                name_of(cell),
                f"code cell {count} {what}: run the notebook from top to bottom (course run --update)",
            )
            break
    for cell in book.cells("code"):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield name_of(cell), f"the output is an error: {output.get('ename')}"
            elif output.output_type == "stream" and output.get("name") == "stderr":
                yield (name_of(cell), f"the output holds a warning or a progress bar: {output.text.strip()[:60]!r}")


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
            if found := MACHINE_PATH.search(text):
                yield (name_of(cell), f"the output names a path of this machine: {text[found.start() :][:40]!r}")
            if found := MEMORY_ADDRESS.search(text):
                yield name_of(cell), f"the output holds a memory address: {found[0]}"


def rule_cell_sizes(book: Notebook) -> Messages:
    lines = sorted(len(cell.source.splitlines()) for cell in book.ran())
    if not lines:
        return
    median, p90 = lines[len(lines) // 2], lines[int(0.9 * (len(lines) - 1))]
    if median > MEDIAN_LINES:
        yield "", f"the median code cell has {median} lines, more than {MEDIAN_LINES}"
    if p90 > P90_LINES:
        yield "", f"the 90th percentile of code cells has {p90} lines, more than {P90_LINES}"


def rule_figures(book: Notebook) -> Messages:
    for cell in book.cells("code"):
        outputs = cell.get("outputs", [])
        for output, after in zip(outputs, [*outputs[1:], None], strict=False):
            data = output.get("data", {})
            if not any(kind.startswith("image/") for kind in data):
                continue
            alt = data.get("text/plain", "").strip()
            if alt.startswith("<") or len(alt) < ALT_CHARACTERS:
                yield (
                    name_of(cell),
                    f"a picture has no sentence that carries its message ({alt[:40]!r}): use plots.show",
                )
            elif not after or alt not in (after.get("data", {}).get("text/markdown") or ""):
                yield (name_of(cell), "a picture's sentence does not stand under it: use plots.show")


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
        calls = [(i, found[2]) for i, c in enumerate(cells) for found in QUIZ.finditer(c.source) if found[1] == when]
        if len(calls) != 1:
            yield "", f'quiz.{when}("{lesson}") is called {len(calls)} times; once is right'
            continue
        ((place, asked),) = calls
        if asked != lesson:
            yield name_of(cells[place]), f"quiz.{when} shows the questions of {asked!r}; this is lesson {lesson!r}"
        if when == "before" and (place == 0 or cells[place - 1].get("id") != "start"):
            yield name_of(cells[place]), "quiz.before is not in the first code cell after 'start'"
        if when == "after" and place != len(cells) - 1:
            yield name_of(cells[place]), "quiz.after is not in the last code cell"
    file = book.root / "helpers" / "assets" / "quizzes" / f"{lesson}.toml"
    if not file.is_file():
        yield "", f"the lesson has no questions: write helpers/assets/quizzes/{lesson}.toml"
        return
    try:
        quizzes.check(file)
    except ValueError as error:
        yield "", str(error)


def reading_minutes(book: Notebook) -> float:
    """What a newcomer takes, estimated: 180 words a minute, 6 s for a line of code and 15 s for running its cell, a
    minute for a figure, six for a quiz. (Two readers who tried four lessons came to 1.04 to 1.12 times that.)"""
    words = sum(len(cell.source.split()) for cell in book.cells("markdown"))
    code = [line for cell in book.ran() for line in cell.source.splitlines() if line.strip()]
    figures, quizzes = (len(re.findall(pattern, "\n".join(code))) for pattern in (r"plots\.show\(", QUIZ))
    return words / 180 + len(code) / 10 + len(list(book.ran())) / 4 + figures + 6 * quizzes


def rule_minutes(book: Notebook) -> Messages:
    said = re.search(r"about (\d+) minutes", next(book.cells("markdown"), {"source": ""})["source"])
    found = reading_minutes(book)
    if said and abs(int(said[1]) - found) > MINUTES_OFF:
        yield "title", f"about {said[1]} minutes, it says; by words, code and figures about {5 * round(found / 5)}"


def rule_colab(book: Notebook) -> Messages:
    expected = colab.expected_sources(book.node, book.path, book.root)
    for name, what in (("title", f"the line {colab.MARKER}"), ("setup", "the set-up code")):
        if name not in expected:
            yield name, f"there is no cell {name!r} with {what}"
    for cell in book.cells():
        if cell.get("id") in expected and cell.source != expected[cell.id]:
            what = "the set-up cell" if cell.id == "setup" else "the badge"
            yield cell.id, f"{what} differs from the other notebooks: course lint --fix"


def code_blocks(cell) -> Iterator[str]:
    """A code cell's source, or the fenced Python in a Markdown cell."""
    if cell.cell_type == "code":
        yield cell.source
    elif cell.cell_type == "markdown":
        for fence in FENCE.finditer(cell.source + "\n"):
            if not fence[3].strip() or fence[3].strip().split()[0] in ("python", "py", "python3"):
                yield textwrap.dedent(fence[4])


def rule_cuda(book: Notebook) -> Messages:
    for cell in book.cells(allowed=False):
        for found in (m for block in code_blocks(cell) for m in CUDA.finditer(block)):
            yield name_of(cell), f"cuda is hard-coded ({found[0]}): use run.device"


def rule_pip(book: Notebook) -> Messages:
    for cell in book.cells(allowed=False):
        for message in unquoted_requirements(cell.source):
            yield name_of(cell), message


def rule_transformers_5(book: Notebook) -> Messages:
    for cell in book.cells(allowed=False):
        for message in (m for block in code_blocks(cell) for m in removed_names(block)):
            yield name_of(cell), message


def rule_links(book: Notebook) -> Messages:
    anchors = set().union(*(headings(cell.source) for cell in book.cells("markdown")), set())
    for cell in book.cells("markdown"):
        for message in broken_links(cell.source, book.path, anchors):
            yield name_of(cell), message


NOTEBOOK_RULES: tuple[Callable[[Notebook], Messages], ...] = (
    rule_format,
    rule_ids,
    rule_metadata,
    rule_outputs,
    rule_machine_paths,
    rule_cell_sizes,
    rule_figures,
    rule_nbval_reasons,
    rule_parameters,
    rule_quiz,
    rule_minutes,
    rule_colab,
    rule_cuda,
    rule_pip,
    rule_transformers_5,
    rule_links,
)


# --- rules for text and code anywhere ---------------------------------------------------------------


def unquoted_requirements(text: str) -> Iterator[str]:
    """`pip install x>=1` writes a file called `=1`; `x[y]` fails in zsh. Both need quotes."""
    for command in PIP_INSTALL.finditer(text):
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", command[1])
        bare = re.split(r"\s#|&&|;|\|", bare)[0]
        for word in bare.split():
            if re.match(r"[A-Za-z][\w.-]*(\[[^\]]*\])?[<>!~=]=?\d|\.?[\w.-]*\[\w[\w,-]*\]", word) and re.search(
                r"[<>\[]", word
            ):
                yield f"pip install needs quotes around {word}"


def removed_names(code: str) -> Iterator[str]:
    """What `code` uses and transformers 5 no longer has; code that does not parse is passed over."""
    lines = [re.sub(r"^(\s*)[%!].*$", r"\1pass", line) for line in code.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "transformers":
            for name in (a.name for a in node.names if a.name in REMOVED_NAMES):
                yield f"transformers 5 has no {name}"
        elif isinstance(node, ast.Attribute):
            if node.attr in REMOVED_NAMES and isinstance(node.value, ast.Name) and node.value.id == "transformers":
                yield f"transformers 5 has no {node.attr}"
            elif node.attr in REMOVED_METHODS:
                yield f"transformers 5 has no method {node.attr}"
        elif isinstance(node, ast.Subscript) and getattr(node.slice, "value", None) == "TRANSFORMERS_CACHE":
            yield "transformers 5 does not read TRANSFORMERS_CACHE: set HF_HOME"
        elif isinstance(node, ast.Call):
            yield from _removed_in_call(node)


def _removed_in_call(call: ast.Call) -> Iterator[str]:
    function = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for owner, arguments in REMOVED_ARGUMENTS.items():
        if function.endswith(owner):  # Seq2SeqTrainer takes no more than Trainer does
            for name in sorted(given.keys() & arguments.keys()):
                yield f"transformers 5: {owner} takes no {name}" + (
                    f", but {arguments[name]}" if arguments[name] else ""
                )
    for name in sorted(given.keys() & REMOVED_EVERYWHERE):
        yield f"transformers 5: models take no {name}"
    if function == "generate":
        for name in sorted(given.keys() & REMOTE_CODE_ARGUMENTS):
            yield f"transformers 5: generate({name}=…) needs code from the Hub"
    if function == "pipeline":
        task = given.get("task", call.args[0] if call.args else None)
        if (
            isinstance(task, ast.Constant)
            and re.sub(r"^translation_.*", "translation", str(task.value)) in REMOVED_TASKS
        ):
            yield f"transformers 5 has no pipeline {task.value!r}: load the model class"


def without_code(markdown: str) -> str:
    """Markdown with fenced blocks, inline code and comments taken out."""
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)|<!--.*?-->", "", FENCE.sub("", markdown + "\n"), flags=re.DOTALL)


def headings(markdown: str) -> set[str]:
    """Anchors of the headings, as Jupyter and GitHub make them, in lower case; and explicit ids."""
    titles = re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", FENCE.sub("", markdown + "\n"), re.MULTILINE)
    plain = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title).lower() for title in titles]
    github = {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain}
    return (
        github
        | {title.replace(" ", "-") for title in plain}
        | {i.lower() for i in re.findall(r"\b(?:id|name)=[\"']([^\"']+)", markdown)}
    )


def broken_links(markdown: str, path: Path, anchors: set[str]) -> Iterator[str]:
    """Links and pictures in `markdown` (which stands in `path`) whose file or heading is not there."""
    text = without_code(markdown)
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


def lint_markdown(path: Path) -> Iterator[Finding]:
    text = path.read_text("utf-8")
    code = "\n".join(fence[4] for fence in FENCE.finditer(text + "\n"))
    messages = [*broken_links(text, path, headings(text)), *unquoted_requirements(text)]
    messages += [f"cuda is hard-coded ({found[0]})" for found in CUDA.finditer(code)]
    yield from (Finding(path, "", message) for message in messages)


def lint_python(path: Path) -> Iterator[Finding]:
    """Python files: no hard-coded device, nothing that transformers 5 removed. Ruff does the rest."""
    text = path.read_text("utf-8")
    messages = [f"cuda is hard-coded ({found[0]})" for found in CUDA.finditer(text)]
    yield from (Finding(path, "", message) for message in [*messages, *removed_names(text)])


def lint_notebook(path: Path, root: Path) -> list[Finding]:
    """All findings of one notebook; that it cannot be read is one of them."""
    try:
        node = places.read_notebook(path)
    except ValueError as error:
        return [Finding(path, "", str(error))]
    book, findings = Notebook(path, root, node), []
    for rule in NOTEBOOK_RULES:
        try:
            findings += [Finding(path, cell, message) for cell, message in rule(book)]
        except Exception as error:  # a notebook of somebody else can hold what nobody has thought of
            what = rule.__name__.removeprefix("rule_").replace("_", " ")
            findings.append(Finding(path, "", f"the rule on {what} cannot judge this notebook: {reason(error)}"))
    return findings


def fix_notebook(path: Path, root: Path) -> bool:
    """Mend metadata, set-up cell and badge; True when that changed the file."""
    try:
        node = places.read_notebook(path)
    except ValueError:
        return False
    places.tidy(node)
    drop_live_views(node)
    changed = places.write_notebook(node, path)
    return colab.mend(path, root) or changed


# --- ruff, codespell, and all of it -----------------------------------------------------------------


def run_ruff(files: list[Path], root: Path, fix: bool) -> list[Finding]:
    """What ruff finds in Python files and in the code cells of notebooks."""
    import json

    if not files:
        return []
    command = [sys.executable, "-m", "ruff", "check", "--force-exclude", "--output-format", "json"]
    command += ["--fix"] if fix else []
    done = subprocess.run([*command, *map(str, files)], cwd=root, capture_output=True, encoding="utf-8", check=False)
    if done.returncode > 1 or not done.stdout.strip():
        raise ValueError(f"ruff could not run: {done.stderr.strip()}")
    findings = []
    for found in json.loads(done.stdout):
        file, row = Path(found["filename"]), str((found.get("location") or {}).get("row", 1))
        if found.get("cell"):
            row = name_of(places.read_notebook(file).cells[found["cell"] - 1])
        findings.append(Finding(file, row, f"{found.get('code') or 'ruff'} {found['message']}"))
    return findings


def run_codespell(files: list[Path], root: Path) -> list[Finding]:
    """Misspelled words in Markdown, Python and the sources (not the outputs) of notebooks."""
    if not files:
        return []
    with tempfile.TemporaryDirectory() as folder:
        shown: dict[str, tuple[Path, list[str]]] = {}
        for number, file in enumerate(files):
            if file.suffix == ".ipynb":
                try:
                    cells = places.read_notebook(file).cells
                except ValueError:
                    continue
                parts = [(name_of(cell), cell.source) for cell in cells]
            else:
                parts = [("", file.read_text("utf-8"))]
            copy = Path(folder) / f"{number}.txt"
            copy.write_text("".join(f"{source}\n" for _, source in parts), encoding="utf-8")
            shown[str(copy)] = (file, [name for name, source in parts for _ in range(source.count("\n") + 1)])
        config = ["--toml", str(root / "pyproject.toml")] if (root / "pyproject.toml").is_file() else []
        done = subprocess.run(
            [sys.executable, "-m", "codespell_lib", "--quiet-level", "3", *config, *shown],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    findings = []
    for line in done.stdout.splitlines():
        if match := re.match(r"(.*?\.txt):(\d+): (.+)", line):
            file, names = shown[match[1]]
            cell = names[int(match[2]) - 1]
            findings.append(Finding(file, cell or match[2], f"spelling: {match[3]}"))
    if done.returncode and not findings:
        raise ValueError(f"codespell could not run: {(done.stderr or done.stdout).strip()}")
    return findings


def everything(root: Path) -> list[Path]:
    """Notebooks, Markdown and Python files of the course."""
    found = places.lessons(root) + sorted(root.glob("*.md")) + sorted(root.glob("*.py"))
    for folder in ("docs", "helpers", "course", "tests", "benchmarks", "notebooks", "labs", "solutions"):
        found += sorted(p for suffix in ("*.md", "*.py") for p in (root / folder).rglob(suffix))
    return [p for p in found if not SKIPPED & set(p.relative_to(root).parts)]


def _expand(paths: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for given in map(Path, paths):
        if not given.exists():
            raise FileNotFoundError(f"There is no file or folder {given}.")
        inside = sorted(
            p for p in given.rglob("*") if p.suffix in (".ipynb", ".md", ".py") and not SKIPPED & set(p.parts)
        )
        found += [p.resolve() for p in (inside if given.is_dir() else [given])]
    return found


def _unreadable(path: Path) -> Finding | None:
    """That a file cannot be read, which is the one thing to say of it then."""
    try:
        places.read_notebook(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
    except UnicodeDecodeError as error:
        return Finding(path, "", f"it is not in UTF-8 ({reason(error)}): save it as UTF-8")
    except OSError as error:
        return Finding(path, "", f"it cannot be read ({error.strerror})")
    except ValueError as error:
        return Finding(path, "", str(error).removeprefix(f"{path} "))
    return None


def lint(paths: Iterable[str] = (), *, fix: bool = False) -> tuple[list[str], int]:
    """All findings as lines `file:cell-id: message`, and the number of files; with `fix`, after mending.

    Raises FileNotFoundError for a path that is not there.
    """
    root = places.course_root()
    given = _expand(paths) if paths else everything(root)
    unread = {path: finding for path in given if (finding := _unreadable(path))}
    files, findings = [path for path in given if path not in unread], list(unread.values())
    findings += run_ruff([f for f in files if f.suffix in (".ipynb", ".py")], root, fix)
    for path in files:
        if path.suffix == ".ipynb":
            if fix:
                fix_notebook(path, root)
            findings += lint_notebook(path, root)
        elif path.suffix == ".md":
            findings += lint_markdown(path)
        elif path.is_relative_to(root / "helpers") or path.is_relative_to(root / "course"):
            findings += lint_python(path)
    findings += run_codespell(files, root)
    lines = []
    for file, where, message in findings:
        near = file.relative_to(root) if file.is_relative_to(root) else file
        lines.append(f"{near.as_posix()}:{where + ':' if where else ''} {message}")
    return lines, len(given)


def report(paths: Iterable[str] = (), *, fix: bool = False) -> int:
    """Print the findings and their number; return the exit code, 1 when there are any."""
    lines, count = lint(list(paths), fix=fix)
    for line in lines:
        print(line)
    print(f"{len(lines)} findings in {count} files" if lines else f"{count} files, nothing found")
    return int(bool(lines))
