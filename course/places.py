"""Where the notebooks are, by which names they go, and how they are read and written."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from pathlib import Path

from helpers import progress

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {  # what makes an exported script a .py file; not the version, which changes with every interpreter
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
KINDS = ("stream", "error", "display_data", "execute_result")  # of outputs


def course_root() -> Path:
    """The folder that holds `notebooks/`: the clone around the working directory, else the one this file is in."""
    return progress.clone() or Path(__file__).resolve().parents[1]


def lessons(root: Path) -> list[Path]:
    """Every notebook of the course in order: `notebooks/`, then `notebooks/further/`."""
    folder = root / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("further/*.ipynb"))


def find_notebooks(names: Iterable[str], root: Path) -> list[Path]:
    """Notebooks by number (`02`), name (`02_subword_tokenization`) or path; without names, all.

    Raises ValueError, listing the names there are, for one that is not there.
    """
    every = lessons(root)
    chosen: list[Path] = []
    for name in names:
        as_path = Path(name).expanduser()
        if as_path.suffix == ".ipynb" and as_path.is_file():
            matches = [as_path.resolve()]
        else:
            matches = [p for p in every if p.stem == name or p.stem.startswith(f"{name}_")]
        if not matches:
            listed = ", ".join(p.stem for p in every) or f"none in {root / 'notebooks'}"
            raise ValueError(f"There is no notebook {name!r}. The lessons are: {listed}.")
        chosen += [p for p in matches if p not in chosen]
    if not names and not every:
        raise ValueError(f"There are no notebooks in {root / 'notebooks'}: run this inside the course's folder.")
    return chosen or every


def read_notebook(path: Path):
    """A notebook as it is in the file, sources and outputs joined to strings, nothing corrected on the way.

    Raises ValueError when the file is not a notebook, or one of an older format than 4.
    """
    import nbformat

    try:
        file = json.loads(path.read_text("utf-8"))
        if isinstance(file, dict) and isinstance(file.get("nbformat"), int) and file["nbformat"] != 4:
            raise ValueError(
                f"it has format {file['nbformat']}, but the course reads format 4. Type: "
                f"jupyter nbconvert --to notebook --inplace {shlex.quote(str(path))}"
            )
        _check_structure(file)
        return nbformat.v4.to_notebook(file)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None


def _check_structure(file) -> None:
    """Raises ValueError where a file of somebody else lacks what every use of a notebook here relies on."""
    if not isinstance(file, dict) or not isinstance(file.get("cells"), list):
        raise ValueError("not a valid notebook, it has no list of cells")
    if not isinstance(file.get("metadata", {}), dict):
        raise ValueError("not a valid notebook, its metadata are not an object")
    for number, cell in enumerate(file["cells"], 1):
        if not isinstance(cell, dict):
            raise ValueError(f"not a valid notebook, cell {number} is not an object")
        metadata, outputs = cell.get("metadata"), cell.get("outputs", [])
        wrong = {
            "no cell_type": not isinstance(cell.get("cell_type"), str),
            "no source, or one that is not text": not _is_text(cell.get("source")),
            "an id that is not text": not isinstance(cell.get("id", ""), str),
            "no metadata, or some that are not an object": not isinstance(metadata, dict),
            "tags that are not text": isinstance(metadata, dict) and not _is_text(metadata.get("tags", [])),
            "outputs that no kernel writes": not isinstance(outputs, list) or not all(map(_is_output, outputs)),
        }
        if faults := [name for name, here in wrong.items() if here]:
            raise ValueError(f"not a valid notebook, cell {number} has {faults[0]}")


def _is_text(value) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _is_output(output) -> bool:
    if not isinstance(output, dict) or output.get("output_type") not in KINDS:
        return False
    if output["output_type"] == "stream":
        return _is_text(output.get("text")) and isinstance(output.get("name"), str)
    return all(isinstance(output.get(part, {}), dict) for part in ("data", "metadata"))


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
