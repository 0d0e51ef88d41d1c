"""Where the notebooks are, by which names they go, and how they are read and written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

DISTRIBUTION = "transformers-by-hand"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"name": "python"}


def course_root() -> Path:
    """The folder that holds `notebooks/`: the checkout around the working directory, else this file's."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        project = folder / "pyproject.toml"
        if project.is_file() and re.search(rf'^name\s*=\s*"{DISTRIBUTION}"', project.read_text("utf-8"), re.MULTILINE):
            return folder
    return Path(__file__).resolve().parents[2]


def lessons(root: Path) -> list[Path]:
    """Every notebook of the course in order: `notebooks/`, then `notebooks/further/`."""
    folder = root / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("further/*.ipynb"))


def find_notebooks(names: Iterable[str], root: Path) -> list[Path]:
    """Notebooks by number (`02`), name (`02_subword_tokenization`) or path; without names, all.

    Raises ValueError, listing the names there are, for one that is not there.
    """
    known = lessons(root)
    found: list[Path] = []
    for name in names:
        as_path = Path(name).expanduser()
        if as_path.suffix == ".ipynb" and as_path.is_file():
            matches = [as_path.resolve()]
        else:
            matches = [p for p in known if p.stem == name or p.stem.startswith(f"{name}_")]
        if not matches:
            listed = ", ".join(p.stem for p in known) or f"none in {root / 'notebooks'}"
            raise ValueError(f"There is no notebook {name!r}. The lessons are: {listed}.")
        found += [p for p in matches if p not in found]
    if not names and not known:
        raise ValueError(f"There are no notebooks in {root / 'notebooks'}: run this inside the course's folder.")
    return found or known


def read_notebook(path: Path):
    """A notebook as it is in the file, sources and outputs joined to strings, nothing mended on the way.

    Raises ValueError when the file is not a notebook.
    """
    import nbformat

    try:
        notebook = nbformat.v4.reads(path.read_text("utf-8"))
        notebook.cells = list(notebook["cells"])
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None
    return notebook


def write_notebook(notebook, path: Path) -> bool:
    """Write as Jupyter does (indented by one, a newline at the end); True when that changed the file."""
    import nbformat

    text = nbformat.v4.writes(notebook) + "\n"
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def cell_tags(cell) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def in_pieces(first, second) -> bool:
    """Whether two outputs, one after the other, are one stream, as a kernel sends it when a loop prints."""
    return first["output_type"] == second["output_type"] == "stream" and first["name"] == second["name"]


def tidy(notebook) -> None:
    """Drop what a run leaves behind: papermill, timestamps, widget state, the exact interpreter, text in pieces."""
    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    notebook.metadata["language_info"] = dict(LANGUAGE_INFO)
    for key in ("papermill", "widgets"):
        notebook.metadata.pop(key, None)
    notebook.cells = [
        c for c in notebook.cells if not {"injected-parameters", "papermill-error-cell-tag"} & {*cell_tags(c)}
    ]
    for cell in notebook.cells:
        for key in ("papermill", "execution", "ExecuteTime"):
            cell.metadata.pop(key, None)
        outputs = []
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            if outputs and in_pieces(outputs[-1], output):
                outputs[-1]["text"] += output["text"]
            else:
                outputs.append(output)
        if outputs:
            cell.outputs = outputs
