"""Who may import whom: helpers in floors, a floor only what is beside or below it, and no circles anywhere."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# The parts of helpers, the lowest floor first. A new module or package is added to the lowest floor that serves it.
FLOORS = (
    {"reference"},
    {"runtime", "show", "metrics", "interventions", "gguf"},
    {"checkpoints", "tables", "corpora"},
    {"plots"},
    {"explorers"},
    {"quiz", "progress", "checks"},
    {"explore", "doctor"},  # façades: nothing in helpers imports them
)
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
REFERENCE_MAY = {*sys.stdlib_module_names, "numpy", "regex"}

Imports = dict[str, set[str]]  # module → what it imports, each as far as it is a module here


def modules(root: Path) -> dict[str, Path]:
    """Dotted name → file of every module of helpers and course; a package goes by its own name."""
    files = (path for house in ("helpers", "course") for path in (root / house).rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def imported(tree: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """(module, name) of each import anywhere in `tree`, the name empty for `import module`; not for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node = ast.Module(node.orelse, [])
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)
        yield from imported(node, package)


def imports(root: Path) -> Imports:
    """What every module imports: `from helpers import plots` is helpers.plots, a name in a module is that module."""
    files = modules(root)
    graph: Imports = {}
    for module, path in files.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        pairs = imported(ast.parse(path.read_text("utf-8")), package)
        graph[module] = {full if (full := f"{source}.{name}") in files else source for source, name in pairs}
    return graph


def circle(graph: Imports) -> list[str]:
    """Modules that import each other in a circle, the first one again at the end; empty if there is no circle."""
    ours = {module: {name for name in names if name in graph} - {module} for module, names in graph.items()}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # graphlib names what is imported first
    return []


def breaches(graph: Imports) -> list[str]:
    """What each module imports and may not, one sentence each."""
    sentences = []
    for module, names in sorted(graph.items()):
        house, _, rest = module.partition(".")
        if house != "helpers" or not rest:
            continue
        part = rest.partition(".")[0]
        if part not in FLOOR:
            sentences.append(f"{module} is on no floor: add {part} to FLOORS in tests/test_floors.py")
            continue
        for name in sorted(names):
            other, _, inside = name.partition(".")
            if other in ("course", "solutions"):
                sentences.append(f"{module} imports {name}, of another house")
            elif other == "helpers" and FLOOR.get(inside.partition(".")[0], -1) > FLOOR[part]:
                sentences.append(f"{module} imports {name}, from a floor above")
            elif part == "reference" and other not in REFERENCE_MAY and not name.startswith("helpers.reference"):
                sentences.append(f"{module} imports {name}, and the algorithms need NumPy and `regex` only")
    return sentences


# --- the course as it is ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph():
    return imports(REPOSITORY)


def test_no_module_imports_itself_by_way_of_others(graph):
    assert not circle(graph), " → ".join(circle(graph))


def test_every_import_goes_down(graph):
    assert not breaches(graph), "\n".join(breaches(graph))


def test_the_floors_are_those_of_modules_that_exist(graph):
    parts = {module.split(".")[1] for module in graph if module.startswith("helpers.")}
    assert FLOOR.keys() - parts == set()


def test_contributing_tells_of_the_same_floors():
    rows = re.findall(r"^\| (?:\d|top) \| (.+?) \|", (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert tuple({*re.findall(r"`(\w+)/?`", row)} for row in rows) == FLOORS


# --- planted breaches ---------------------------------------------------------------------------------


def plant(root: Path, **sources: str) -> Imports:
    """The imports of a small course; `helpers_show` is helpers/show.py."""
    for name, source in {"helpers___init__": "", "course___init__": ""}.items() | sources.items():
        path = root / Path(*name.split("_", 2 if "reference" in name else 1)).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return imports(root)


CIRCLES = {
    "two modules": {"course_run": "from course import html", "course_html": "import course.run"},
    "an import in a function": {
        "course_run": "def f():\n    from course.html import x",
        "course_html": "import course.run",
    },
    "three modules": {"course_a": "import course.b", "course_b": "import course.c", "course_c": "import course.a"},
    "relative imports": {"course_a": "from . import b", "course_b": "from .a import x"},
    "within a floor": {"helpers_quiz": "from helpers import progress", "helpers_progress": "import helpers.quiz"},
}


@pytest.mark.parametrize("name", CIRCLES)
def test_a_circle_is_seen(name, tmp_path):
    modules_in_it = circle(plant(tmp_path, **CIRCLES[name]))
    assert modules_in_it[0] == modules_in_it[-1]
    assert {module.replace(".", "_") for module in modules_in_it} == set(CIRCLES[name])


BREACHES = {
    "from helpers import checkpoints": ("helpers_show", "helpers.show imports helpers.checkpoints, from a floor above"),
    "def f():\n    import helpers.quiz": ("helpers_plots", "helpers.plots imports helpers.quiz, from a floor above"),
    "class A:\n    from .checks import parts": (
        "helpers_show",
        "helpers.show imports helpers.checks, from a floor above",
    ),
    "if x:\n    import course.labs": ("helpers_checks", "helpers.checks imports course.labs, of another house"),
    "from course import labs": ("helpers_checks", "helpers.checks imports course.labs, of another house"),
    "try:\n    import solutions.lab01": ("helpers_checks", "helpers.checks imports solutions.lab01, of another house"),
    "import torch": ("helpers_reference_bpe", "helpers.reference.bpe imports torch, and the algorithms"),
    "from helpers import show": (
        "helpers_reference_bpe",
        "helpers.reference.bpe imports helpers.show, from a floor above",
    ),
    "import jaxtyping": ("helpers_reference_bpe", "helpers.reference.bpe imports jaxtyping, and the algorithms"),
    "pass": ("helpers_attic", "helpers.attic is on no floor"),
}


@pytest.mark.parametrize("source", BREACHES)
def test_a_breach_is_seen(source, tmp_path):
    place, sentence = BREACHES[source]
    source += "\nexcept ImportError:\n    pass" * source.startswith("try")
    others = dict.fromkeys(["helpers_checkpoints", "helpers_quiz", "course_labs", "helpers_checks", "helpers_show"], "")
    (problem,) = breaches(plant(tmp_path, **others | {place: source}))
    assert problem.startswith(sentence)


def test_what_may_be_is_left_alone(tmp_path):
    graph = plant(
        tmp_path,
        helpers_reference_bpe="import json, regex\nimport numpy as np\nfrom helpers.reference.text import cut_out\n"
        "if TYPE_CHECKING:\n    import jaxtyping\n    from helpers import quiz\nelse:\n    import re",
        helpers_reference_text="import typing\nif typing.TYPE_CHECKING:\n    from helpers.reference.bpe import Pair",
        helpers_quiz="from helpers import progress, show, __version__\nimport torch",
        helpers_progress="import json",
        helpers_show="from IPython.display import display",
        course_labs="from helpers import quiz\nfrom course import places",
        course_places="",
    )
    assert (circle(graph), breaches(graph)) == ([], [])
    assert graph["helpers.reference.bpe"] >= {"re", "helpers.reference.text"}
    assert "helpers.quiz" not in graph["helpers.reference.bpe"]
