"""Each schematic can be read: on white, on a dark theme, in every font of its family, with nothing cut or covered."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import namedtuple
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from helpers import checkpoints, plots
from helpers.plots.drawings import DRAWINGS, NAMES, drawing
from helpers.plots.drawings.sketch import BLUE, DARK, FONT, GREEN, LETTER, ORANGE, PINK, PLAIN, RED, Sketch
from helpers.plots.style import GRAY
from helpers.reference import bpe

ROOT = Path(__file__).resolve().parents[1]
EXPECTED = set(
    re.findall(
        r"\w+",
        "loop merging lattice batch_and_mask one_hot_lookup gradient_step softmax_step attention heads masks position "
        "residual_stream layer_norm families unembedding finetuning_head accumulation data_splits lora calibration "
        "sampling_cuts beams cache chat_template embedding_space index_and_query span_head bio teacher_forcing "
        "cross_attention",
    )
)
COLORS = {"none", DARK, GRAY, *(color for hue in (BLUE, ORANGE, GREEN, RED, PINK, PLAIN) for color in hue)}
ATTRIBUTES = {"font-weight": {"bold"}, "text-anchor": {"start", "middle", "end"}, "font-family": {FONT}}


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    shares = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(part * share for part, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


class Area:
    """A rectangle on the page."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self.left, self.top, self.right, self.bottom = left, top, right, bottom

    def holds(self, other: Area, slack: float = 1) -> bool:
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def meets(self, other: Area) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def has(self, x: float, y: float) -> bool:
        return self.left < x < self.right and self.top < y < self.bottom


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def area(element: ElementTree.Element) -> Area:
    """Where a rectangle, a circle or a text is; a text is as wide as its letters in a wide font."""
    value = {key: float(text) for key, text in element.items() if re.fullmatch(r"-?[\d.]+", text)}
    if element.tag == "rect":
        return Area(value["x"], value["y"], value["x"] + value["width"], value["y"] + value["height"])
    if element.tag == "circle":
        x, y, r = value["cx"], value["cy"], value["r"]
        return Area(x - r, y - r, x + r, y + r)
    size, width = value["font-size"], LETTER * value["font-size"] * len(element.text)
    left = value["x"] - {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor")] * width
    return Area(left, value["y"] - 0.75 * size, left + width, value["y"] + 0.22 * size)


def along(path: str):
    """Points along a path of straight stretches, or along a Bézier curve."""
    flat = numbers(path)
    points = list(zip(flat[::2], flat[1::2], strict=True))
    steps = [k / 40 for k in range(41)]
    if "C" in path:
        for t in steps:
            parts = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3]
            yield tuple(sum(part * point[k] for part, point in zip(parts, points, strict=True)) for k in (0, 1))
        return
    for (x0, y0), (x1, y1) in pairwise(points):
        yield from ((x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in steps)


def faults(svg: str) -> list[str]:
    """What a reader would stumble over, a sentence each."""
    root = ElementTree.fromstring(svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))
    _, _, width, height = numbers(root.get("viewBox"))
    page, found = Area(0, 0, width, height), []
    texts: list[tuple[str, Area, bool]] = []
    boxes: list[tuple[Area, str]] = []
    for element in root:
        for name in ("fill", "stroke"):
            if element.get(name, "none") not in COLORS:
                found.append(f"{element.get(name)} is not a color of the vocabulary")
        if element.tag in ("rect", "circle"):
            here = area(element)
            if not page.holds(here):
                found.append(f"a {element.tag} leaves the page")
            if element.get("fill") != "none" and not {element.get("width"), element.get("r")} & {"2", "2.5"}:
                boxes.append((here, element.get("fill")))
        elif element.tag == "text":
            here, word, color = area(element), element.text, element.get("fill")
            if float(element.get("font-size")) < 12:
                found.append(f"{word!r} is small")
            if not page.holds(here, 0):
                found.append(f"{word!r} leaves the page")
            middle = (here.left + here.right) / 2, (here.top + here.bottom) / 2
            around = [(box, fill) for box, fill in boxes if box.has(*middle)]
            grounds = [(around[-1][1], 4.5)] if around else [("#ffffff", 4.5), ("#111111", 3.5)]
            found += [f"{word!r} is pale on {ground}" for ground, least in grounds if contrast(color, ground) < least]
            if around and not around[-1][0].holds(here):
                found.append(f"{word!r} does not fit into its box")
            texts.append((word, here, bool(around)))
    for k, (word, here, boxed) in enumerate(texts):
        found += [f"{word!r} covers {other!r}" for other, there, _ in texts[:k] if here.meets(there)]
        if boxed:
            continue
        if any(here.meets(box) for box, _ in boxes):
            found.append(f"{word!r} is cut by the edge of a box")
        for path in root.iter("path"):
            if any(here.has(*point) for point in along(path.get("d"))):
                found.append(f"a line goes through {word!r}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_can_be_read(name):
    assert faults(DRAWINGS[name]().svg()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_speaks_the_common_language(name):
    sketch = DRAWINGS[name]()
    root = ElementTree.fromstring(sketch.svg())
    assert root.get("role") == "img" and root[0].tag.endswith("title") and root[0].text == sketch.alt
    assert {element.tag.partition("}")[2] for element in root} <= {
        "title", "text", "rect", "path", "polygon", "circle"
    }  # fmt: skip
    for element in root.iter():
        for attribute, known in ATTRIBUTES.items():
            assert element.get(attribute) in {None, *known}
        assert "style" not in element.attrib and "class" not in element.attrib
    assert sketch.svg() == DRAWINGS[name]().svg()
    assert len(sketch.svg()) < 25_000 and sketch.width == 720 and sketch.height <= 400


@pytest.mark.parametrize("name", NAMES)
def test_the_sentence_of_a_drawing_carries_its_message(name):
    alt = DRAWINGS[name]().alt
    assert 100 < len(alt) < 270 and alt.endswith(".") and not re.search(r"[*_`\n]|  ", alt)


def test_all_names_that_lessons_use_are_there():
    assert set(NAMES) >= EXPECTED


def test_an_unknown_name_gets_one_clear_error():
    with pytest.raises(ValueError, match="there is no drawing 'queries'; there are accumulation, attention, "):
        plots.drawing("queries")


def test_a_drawing_is_shown_as_an_image_with_its_sentence_under_it(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **options: outputs.append((thing, options)))
    drawing("attention")
    (bundle, options), (sentence, _) = outputs
    sketch = DRAWINGS["attention"]()
    assert options == {"raw": True, "metadata": None}
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"] == sketch.svg() and bundle["text/plain"] == sketch.alt
    assert sentence.data == f"*{sketch.alt}*"
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])[1]
    assert b64decode(data).decode() == sketch.svg()  # JupyterLab drops a bare <svg> in a notebook it does not trust
    assert "<svg" not in bundle["text/html"]


def test_words_are_escaped():
    sketch = Sketch('a & b < c "d"', 100)
    sketch.text(200, 50, "<s> & </s>")
    root = ElementTree.fromstring(sketch.svg())
    assert [element.text for element in root] == ['a & b < c "d"', "<s> & </s>"]


PROMPTS = [
    "Once upon a time there was a",
    "Yes",
    "The captain looked at the map and said that it was time to go back to the harbor before the storm came",
    "Internationalization\nof 👍 incomprehensibilities",
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("load", [checkpoints.gpt2_tokenizer, lambda: checkpoints.tokenizer("gpt2")])
def test_the_loop_shows_what_the_tokenizer_does_with_the_prompt(load, prompt):
    svg = DRAWINGS["loop"](load(), prompt).svg()
    ids = load()(prompt, add_special_tokens=False).input_ids
    shown = [id_ for id_ in re.findall(r">(\d+)</text>", svg)]
    assert shown == [str(id_) for id_ in ids[: len(shown)]] and (len(shown) == len(ids) or len(shown) == 8)
    assert faults(svg) == []


def test_without_a_tokenizer_the_loop_has_that_of_the_small_gpt2(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "offline")
    assert DRAWINGS["loop"]().svg() == DRAWINGS["loop"](checkpoints.tokenizer("gpt2"), PROMPTS[0]).svg()


def lesson(number: str, *ids: str, **names) -> dict:
    """What is defined once these cells of a lesson have run."""
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    for id_ in ids:
        exec(cells[id_], names)
    return names


def words(name: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", DRAWINGS[name]().svg())


def test_attention_has_the_words_and_weights_of_its_lesson():
    found = lesson("04", "words", "weights", "bank-scores", "bank-blend", np=np, pd=pd)
    assert [word for word in words("attention") if word in found["words"]] == ["bank", *found["words"]]
    assert [word for word in words("attention") if "." in word] == [f"{share:.2f}" for share in found["shares"]]


def test_one_hot_lookup_has_the_table_of_its_lesson():
    found, drawn = lesson("01", "lookup-matrix", np=np, pd=pd), words("one_hot_lookup")
    assert [word for word in drawn if word in found["words"]] == found["words"]
    numbers = [float(word.replace("−", "-")) for word in drawn if re.fullmatch("−?[0-9]+", word)]
    assert sorted(numbers) == sorted([*found["E"].flatten(), *found["E"][1], 0, 1, 0, 0])


def test_merging_has_the_words_and_counts_of_its_lesson():
    rounds = lesson("02", "rounds", bpe=bpe)
    drawn, shown = words("merging"), rounds["frequencies"].values()
    assert [word for word in drawn if word.endswith(" times")] == [f"{count} times" for count in shown]
    merges = list(bpe.rounds(rounds["words"], rounds["letter_ids"], 5 + 3))
    for merge in merges:
        assert f"merge {' '.join(merge.pair)}" in drawn
        assert f"{' '.join(merge.pair)}: {merge.score} times, the most" in drawn
    pieces = [piece for merge in [Merged(rounds["words"]), *merges] for word in merge.words for piece in word]
    assert [word for word in drawn if word in set(pieces)] == pieces


Merged = namedtuple("Merged", "words")


def test_lattice_has_the_pieces_and_bits_of_its_lesson():
    bits, drawn = lesson("03", "unigram-bits")["bits"], words("lattice")
    cuts = [cut for cut in all_cuts("teas") if set(cut) <= set(bits)]
    ranked = sorted(cuts, key=lambda cut: sum(map(bits.get, cut)))
    said = [f"{' + '.join(cut)}: {sum(map(bits.get, cut))} bits" for cut in ranked]
    assert [word for word in drawn if re.search(r": \d+ bits", word)] == said
    pieces = [(word, drawn[k + 1]) for k, word in enumerate(drawn) if word in bits]
    assert sorted(pieces) == sorted((piece, f"{bits[piece]} bits") for piece in {p for cut in cuts for p in cut})


def all_cuts(word: str) -> list[list[str]]:
    return [[word]] + [[word[:k], *rest] for k in range(1, len(word)) for rest in all_cuts(word[k:])]


# --- planted faults -----------------------------------------------------------------------------------


def planted(draw) -> list[str]:
    sketch = Sketch("a fault", 200, 400)
    draw(sketch)
    return faults(sketch.svg())


PLANTED = {
    "'tiny' is small": lambda s: s.text(200, 100, "tiny", 11),
    "'pale' is pale on #ffffff": lambda s: s.text(200, 100, "pale", color=ORANGE.edge),
    "'dark' is pale on #111111": lambda s: s.text(200, 100, "dark", color=DARK),
    f"'gray' is pale on {BLUE.tint}": lambda s: (s.box(200, 100, 90, 40), s.box(200, 100, 80, 30, hue=BLUE),
                                                 s.text(200, 100, "gray")),
    "'left' leaves the page": lambda s: s.text(10, 100, "left"),
    "'low' leaves the page": lambda s: s.text(200, 198, "low"),
    "'too long for this' does not fit into its box": lambda s: s.box(200, 100, 90, 40, "too long for this"),
    "'two' covers 'one'": lambda s: (s.text(200, 100, "one"), s.text(215, 106, "two")),
    "'edge' is cut by the edge of a box": lambda s: (s.box(200, 100, 60, 40), s.text(240, 100, "edge")),
    "a line goes through 'word'": lambda s: (s.text(200, 100, "word"), s.arrow((100, 60), (300, 140))),
    "a rect leaves the page": lambda s: s.box(380, 100, 60, 40),
    "#ff0000 is not a color of the vocabulary": lambda s: s.line((10, 10), (50, 10), color="#ff0000"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", PLANTED)
def test_a_fault_is_seen(sentence):
    assert planted(PLANTED[sentence]) == [sentence]


def test_a_curve_through_a_word_is_seen():
    def draw(sketch):
        sketch.text(200, 75, "word")
        sketch.line((100, 150), (150, 50), (250, 50), (300, 150), curve=True)

    assert planted(draw) == ["a line goes through 'word'"]


def test_what_is_well_drawn_has_no_fault():
    def draw(sketch):
        one, two = sketch.token(60, 60, "one"), sketch.token(300, 60, "two")
        sketch.through(one, two, words=["(tokens, 384)"])
        sketch.vector(60, 140)
        sketch.plus(300, 140)

    assert planted(draw) == []


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # a known near miss
