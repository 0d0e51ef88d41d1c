"""The links from a lesson to the glossary."""

from __future__ import annotations

import re

import nbformat
import pytest

from course import terms
from course.places import course_root, lessons, read_notebook

ROOT = course_root()
LINK = re.compile(r'<a class="term" href="([^"]*)" title="([^"]*)">([^<]*)</a>')


def linked(*sources: str, lesson: str = "04_attention") -> str:
    cells = [nbformat.v4.new_markdown_cell(source) for source in sources]
    terms.linked(cells, ROOT / "notebooks" / f"{lesson}.ipynb", ROOT)
    return "\n".join(cell.source for cell in cells)


def test_the_first_use_of_a_term_is_a_link_and_no_other():
    """The planted fault: the same term again, in another cell and in another form."""
    text = linked("Softmax comes first, then a softmax.", "One softmax, two softmaxes, *the softmax*.")
    ((address, line, words),) = LINK.findall(text)
    assert words == "Softmax" and address == "further/glossary.html#term-softmax"
    assert line == terms.terms(ROOT)["softmax"].line


@pytest.mark.parametrize(
    "source",
    [
        "## The tokenizer",
        "`tokenizer` and ``` tokenizer ```",
        "```python\ntokenizer(text)\n```",
        "$tokenizer$ and $$\na\ntokenizer\n$$",
        "[the tokenizer](05_inside_bert_and_gpt2.ipynb) ![a tokenizer](x.png)",
        "| a | tokenizer |",
        "<details><summary>The tokenizer</summary></details> <code>tokenizer</code> <img alt='tokenizer'>",
        "https://example.org/tokenizer sub-tokenizer tokenizer_kind",
    ],
)
def test_only_prose_has_links(source):
    """The planted fault: the same word in a sentence after all that."""
    assert linked(source) == source
    assert [words for *_, words in LINK.findall(linked(source, "A tokenizer."))] == ["tokenizer"]


@pytest.mark.parametrize(
    "lesson, source, words",
    [
        ("04_attention", "It has an attention mask and attention.", ["attention mask", "attention"]),  # the longer one
        ("04_attention", "Tokens have embeddings.", ["Tokens", "embeddings"]),
        ("02_subword_tokenization", "BPE, but not bpe.", ["BPE"]),
        ("00_start_here", "Press the right arrow key.", []),  # an ordinary word, in a lesson that is not about keys
        ("04_attention", "Its key says what it offers.", ["key"]),
    ],
)
def test_which_words_are_terms(lesson, source, words):
    assert [found for *_, found in LINK.findall(linked(source, lesson=lesson))] == words


def test_each_lesson_has_some_links_and_each_leads_to_a_row():
    glossary = next(cell for cell in read_notebook(ROOT / terms.GLOSSARY).cells if cell.id == "terms")
    rows = re.findall(r'<span id="([^"]*)">', terms.anchored(glossary.source))
    assert len(rows) == len(set(rows)) > 50
    for path in lessons(ROOT):
        if path == ROOT / terms.GLOSSARY:
            continue
        cells = read_notebook(path).cells
        terms.linked(cells, path, ROOT)
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        anchors = [address.partition("#")[2] for address, *_ in LINK.findall(text)]
        assert 3 < len(anchors) == len(set(anchors)) < 30 and set(anchors) <= set(rows), path.stem
