"""What happens to a notebook on its way to the website. The pages themselves: tests/browser/test_site.py."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from base64 import b64encode
from importlib import metadata

import nbformat
import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image
from transformers import AutoModelForMaskedLM

from course import site
from course.colab import configured
from course.places import course_root
from helpers import checkpoints
from helpers.explorers import attention, tab

ROOT = course_root()
LESSON = ROOT / "notebooks" / "04_attention.ipynb"
PNG = io.BytesIO()
Image.effect_noise((300, 200), 50).convert("RGB").save(PNG, "png")
PNG = PNG.getvalue()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 250"></svg>'


@pytest.mark.parametrize(
    "written, becomes",
    [
        ("[x](05_inside_bert_and_gpt2.ipynb)", "[x](05_inside_bert_and_gpt2.ipynb)"),
        ("[x](../README.md#the-path)", "[x](../index.md#the-path)"),
        ("[x](../README.md#files)", "[x](https://github.com/{0}/blob/{1}/README.md#files)"),
        ("[x](../helpers/show.py)", "[x](https://github.com/{0}/blob/{1}/helpers/show.py)"),
        ("[x](../benchmarks)", "[x](https://github.com/{0}/tree/{1}/benchmarks)"),
        ("[x](#here) [y](https://arxiv.org/abs/1706.03762)", "[x](#here) [y](https://arxiv.org/abs/1706.03762)"),
        ("[x](no_such_file.py)", "[x](no_such_file.py)"),
    ],
)
def test_links_lead_to_pages_or_to_the_repository(written, becomes):
    repository, tag = configured(ROOT)
    assert site.relinked(written, LESSON, ROOT, site.pages(ROOT)) == becomes.format(repository, tag)


@pytest.mark.parametrize(
    "data, width, told",
    [
        (PNG, 150, 'width="150" height="100"'),
        (PNG, None, 'width="300" height="200"'),
        (SVG, None, 'width="720" height="250" class="wide"'),
    ],
)
def test_a_picture_becomes_a_file_and_states_its_size(tmp_path, data, width, told):
    kind = "png" if data is PNG else "svg+xml"
    tag = f'<img alt="Words." src="data:image/{kind};base64,{b64encode(data).decode()}">'
    made = site.kept(tag, iter(["name"]), tmp_path, "../", width)
    name = f"pictures/name.{'webp' if data is PNG else 'svg'}"
    assert made == f'<img alt="Words." src="../{name}" {told}>'
    written = (tmp_path / name).read_bytes()
    if data is SVG:
        assert written == SVG
        return
    was, now = (np.array(Image.open(io.BytesIO(one)).convert("RGB")) for one in (PNG, written))
    assert len(written) < len(PNG) and (was == now).all()


def test_of_a_live_view_the_static_form_stays():
    view = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        "text/plain": "LiveView",
        "text/html": "<b>x</b>",
    }
    output = nbformat.v4.new_output("display_data", view)
    assert site.one_form(output, None) == {"text/html": "<b>x</b>"}


def test_it_does_not_write_over_a_folder_of_something_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="something else than a site"):
        site.build(ROOT, tmp_path)
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "mine"


def test_what_a_notebook_begins_with_is_folded_without_its_picture():
    """A line about the model goes into the fold; another line that is printed does not: the planted fault is both."""
    v4 = nbformat.v4
    line, result = "gpt2 → storybook-gpt2, from the course itself\n", "69% are judged right → good\n"
    picture = v4.new_output("display_data", {"image/png": ""})
    printed = v4.new_output("stream", text=f"profile offline · device cpu\n{line}{result}")
    hide = {"jupyter": {"source_hidden": True}}
    cells = [
        v4.new_markdown_cell("# Title", id="title"),
        v4.new_code_cell("1", id="setup"),
        v4.new_code_cell("2", id="opening", metadata=hide, outputs=[printed, picture]),
        v4.new_code_cell("3", id="first"),
    ]
    notebook = v4.new_notebook(cells=cells)
    site.fold(notebook)
    assert [cell.id for cell in notebook.cells] == [
        *("title", "setup-opens", "setup", "opening", "setup-closes", "setup-shown", "first")
    ]
    _, _, _, opening, _, shown, _ = notebook.cells
    assert opening.outputs[0].text == f"profile offline · device cpu\n{line}" and len(opening.outputs) == 1
    assert shown.outputs[0].text == result and shown.outputs[1] == picture


def test_what_a_page_says_of_storybook_bert_is_what_a_notebook_says():
    """The planted fault: another sentence."""
    text = "The animal did not cross the street because it was too tired."
    one = checkpoints.load(str(tab.ASSETS / "storybook-bert"), AutoModelForMaskedLM)
    wanted = attention.call_of(attention.Reader(one.model, one.tokenizer, text), text, 0, 0)
    assert site.bert_call(text) == wanted != site.bert_call("Another one.")


WITHOUT = """
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}")

sys.meta_path.insert(0, Absent())
from course import site
from course.places import course_root

site.stage(course_root(), Path({folder!r}))
site.write_models(Path({folder!r}) / "tab", ["storybook-bert"])
sys.path.insert(0, str(course_root() / "site"))
import conf
"""


def installed_by(names: list[str]) -> set[str]:
    """The distributions that pip installs for these names, by their normal names."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            needs = Requirement(line)
            if needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                waiting.append(needs)
    return found


@pytest.mark.parametrize("lacking", [None, "pillow"])
def test_the_workflow_installs_what_the_build_imports(tmp_path, lacking):
    """Torch, above all, is not there. The planted fault: a list without Pillow."""
    pytest.importorskip("sphinx", reason="make setup-test installs Sphinx")
    workflow = (ROOT / ".github/workflows/site.yml").read_text("utf-8")
    names = re.search(r"pip install --constraint requirements\.lock (.*)", workflow)[1].split()
    there = installed_by([name for name in names if name != lacking])
    absent = {
        module
        for module, owners in metadata.packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & there and module not in ("course", "helpers")
    }
    assert {"torch", "transformers"} <= absent
    code = WITHOUT.format(absent=absent, folder=str(tmp_path / "pages"))
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ("No module named 'PIL'" in ran.stderr) if lacking else (ran.returncode == 0), ran.stderr[-2000:]


@pytest.mark.parametrize(
    "source, form, says",
    [
        ("explore.decoding(model, tokenizer)", "<b>x</b>", True),
        ("explore.decoding(model, tokenizer)", '<div data-explorer="{}">x</div>', False),
        ("plots.tokens(tokens)", "<b>x</b>", False),
    ],
)
def test_under_an_explorer_that_cannot_live_a_page_says_so(source, form, says):
    output = nbformat.v4.new_output("display_data", {"text/html": form})
    told = site.picture_only(nbformat.v4.new_code_cell(source, outputs=[output]), LESSON, ROOT)
    assert ("only a picture" in told) is says
