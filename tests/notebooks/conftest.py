"""A course of its own for each test: a folder with pyproject.toml and notebooks/, and the working directory in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from course import places

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "transformers-by-hand"\n', encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])))
    return tmp_path


@pytest.fixture
def notebook(course):
    """Write `notebooks/NAME.ipynb` from (id, source) pairs of code cells; a third item gives tags."""
    import nbformat

    def write(name: str, *cells):
        made = nbformat.v4.new_notebook()
        made.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": places.LANGUAGE_INFO,
        }
        for cell_id, source, *tags in cells:
            cell = nbformat.v4.new_code_cell(source, id=cell_id)
            if tags:
                cell.metadata["tags"] = tags
            made.cells.append(cell)
        path = course / "notebooks" / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    return write
