"""Each figure shows the numbers it is given: they are read back from what is drawn. In the order of the lessons."""

import ast
import importlib
import inspect
import io
import pkgutil
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

from helpers import plots
from helpers.plots.style import DARK, GRAY, legend, tint
from helpers.reference import unigram

ROOT = Path(__file__).resolve().parents[1]
MODULES = [  # of figures; the schematics in `drawings` have tests of their own
    importlib.import_module(f"helpers.plots.{module.name}")
    for module in pkgutil.iter_modules(plots.__path__)
    if module.name != "drawings"
]
FIGURES = {
    name: function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ != "helpers.plots.style"
}


@pytest.fixture(autouse=True)
def each_figure_can_be_drawn(monkeypatch):
    """Draws what a test has made once the test is over: no letter is missing, no word is cut off or covers another."""
    figures, init = [], Figure.__init__

    def init_and_note(self, *arguments, **options):
        init(self, *arguments, **options)
        figures.append(self)

    monkeypatch.setattr(Figure, "__init__", init_and_note)
    yield
    for figure in figures:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a missing letter is a warning, and a box in the picture
            FigureCanvasAgg(figure).draw()
        page = figure.bbox.padded(1)
        for axis in figure.axes:
            for text in [axis.title, axis.xaxis.label, axis.yaxis.label] if axis.get_visible() else []:
                box = text.get_window_extent()
                assert not text.get_text() or (page.contains(*box.min) and page.contains(*box.max)), text
            # the boxes of slanted names overlap although the names do not
            upright = [text for text in axis.get_xticklabels() if text.get_rotation() in (0, 90)]
            for group in (axis.texts, upright, axis.get_yticklabels()):
                boxes = [text.get_window_extent().padded(-1) for text in group if text.get_text().strip()]
                assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k]), words(group)


def points(line):
    """The x and the y of a line, as two lists."""
    return list(map(float, line.get_xdata())), list(map(float, line.get_ydata()))


def curves(axis):
    """label → (x, y) of each line that has a label."""
    return {line.get_label(): points(line) for line in axis.lines if not line.get_label().startswith("_")}


def marked_by(axis, marker):
    """The (x, y) of each line with this marker."""
    return [points(line) for line in axis.lines if line.get_marker() == marker]


def words(texts):
    return [text.get_text() for text in texts]


def bars(axis):
    return [patch for patch in axis.patches if isinstance(patch, Rectangle)]


def cells(axis):
    """(column, row) of each cell → whether it is filled."""
    return {(round(p.get_x() + 0.46), round(p.get_y() + 0.46)): p.get_facecolor()[3] > 0 for p in bars(axis)}


def labels(axis):
    """Title, name of the x axis, name of the y axis."""
    return axis.get_title(), axis.get_xlabel(), axis.get_ylabel()


# --- all of them -------------------------------------------------------------------------------


MADE_WITH = {
    "own_cells",
    "language_costs",
    "lattice",
    "accuracy_intervals",
}  # by broadcast, show_language_costs, show_lattice


def test_every_figure_is_called_by_a_test_of_this_file():
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    calls = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "plots"
    }
    assert len(FIGURES) >= 38
    assert FIGURES.keys() | {"show", "picture"} <= calls


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_figure_is_reached_by_its_name_and_used_by_the_lesson_it_is_filed_under(module):
    figures = {name: function for name, function in FIGURES.items() if function.__module__ == module.__name__}
    assert {name: getattr(plots, name) for name in figures} == figures
    place = module.__name__.rpartition(".")[2]
    if place in ("style", "shared"):
        return
    pattern = "further/*.ipynb" if place == "further" else f"{place.removeprefix('lesson_')}_*.ipynb"
    text = "".join(notebook.read_text(encoding="utf-8") for notebook in (ROOT / "notebooks").glob(pattern))
    assert figures.keys() <= set(re.findall(r"plots\.(\w+)\(", text)) | MADE_WITH


def test_a_figure_is_shown_as_a_picture_with_its_sentence_under_it(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **options: outputs.append((thing, options)))
    figure = plots.training_curve({"loss": ([0, 1], [2, 1])}, "short")
    plots.show(figure, "One loss that falls.")
    (bundle, options), (sentence, _) = outputs
    assert sentence.data == "*One loss that falls.*"
    assert options["metadata"] == {"image/png": {"width": round(figure.get_figwidth() * plots.DPI)}}
    assert bundle == plots.picture(figure, "One loss that falls.")
    assert bundle["text/plain"] == "One loss that falls."
    png = bundle["image/png"]
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * round(figure.get_figwidth() * plots.DPI)


def test_a_figure_fits_any_ground():
    figure = plots.heat_maps([[[0.1, np.nan]]], ["t"], ["a"], ["x", "y"], digits=None, key=True)
    figure.axes[0].text(0, 0, "free")
    figure.axes[0].text(1, 0, "in a box", color=DARK)
    figure.axes[0].plot([0, 1], [0, 0], label="line")
    legend(figure.axes[0])
    pixels = np.asarray(Image.open(io.BytesIO(plots.picture(figure, "A map.")["image/png"])).convert("RGBA"))
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1], 3] == 0).all()  # nothing is painted behind the words
    colors = {text.get_text(): to_hex(text.get_color()) for text in figure.findobj(Text) if text.get_text()}
    assert colors.pop("in a box") == DARK
    assert set(colors) >= {"free", "line", "t", "x", "y", "query", "key"} and set(colors.values()) == {GRAY}
    for axis in figure.axes:
        assert {to_hex(spine.get_edgecolor()) for spine in axis.spines.values()} == {GRAY}
        assert {to_hex(tick.get_color()) for tick in axis.get_xticklines() + axis.get_yticklines()} <= {GRAY}
    assert not figure.axes[0].get_legend().get_frame_on()


def test_the_gray_is_read_on_white_and_on_black_and_no_color_is_lost_on_either():
    def luminance(color):
        shares = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    white, dark = 1.05, luminance("#111111") + 0.05
    assert white / (luminance(GRAY) + 0.05) >= 4.5 and (luminance(GRAY) + 0.05) / dark >= 4
    for color in plots.COLORS:
        assert white / (luminance(color) + 0.05) >= 2.2 and (luminance(color) + 0.05) / dark >= 3, color
    for color in plots.COLORS:
        assert (luminance(tint(color)) + 0.05) / (luminance(DARK) + 0.05) >= 7


def test_a_figure_has_the_same_bytes_each_time_and_few_of_them():
    once, again = (
        plots.picture(plots.training_curve({"loss": (range(300), np.cos(range(300)))}, "t"), "A.")["image/png"]
        for _ in range(2)
    )
    assert once == again and len(once) < 60_000
    assert b"tEXt" not in once


def test_no_series_is_dropped_however_many_there_are():
    names = [f"series {k}" for k in range(9)]
    figures = {
        "training_curve": plots.training_curve({name: ([0, 1], [k, k]) for k, name in enumerate(names)}, "t"),
        "difference_errors": plots.difference_errors([1, 2], {name: [k + 1, 1] for k, name in enumerate(names)}, "t"),
        "kept_tokens": plots.kept_tokens([1, 2], {name: [k + 1, 1] for k, name in enumerate(names)}, "t"),
        "work_per_merge": plots.work_per_merge({name: [k + 1, 1] for k, name in enumerate(names)}),
        "growth": plots.growth([1, 2], {"t": {name: [k + 1, 9] for k, name in enumerate(names)}}, ["s"], "n"),
        "runs_over": plots.runs_over({name: {10: [k], 99: [1]} for k, name in enumerate(names)}, "t", "x", "y"),
        "quality_diversity": plots.quality_diversity({name: np.eye(4).reshape(2, 2, 4) for name in names}, "t"),
    }
    for name, figure in figures.items():
        entries = words(figure.axes[0].get_legend().get_texts())
        assert [entry for entry in entries if entry.startswith("series")] == names, name
    walks = plots.descent([0, 1], [1, 2], {name: ([0, 1], [1, 2], 1.0) for name in names}, "t")
    texts = plots.surprise_lines({name: [1.0, 2.0] for name in names}, "t")
    assert [bool(axis.lines) for figure in (walks, texts) for axis in figure.axes] == [True] * 18


# --- 00 ----------------------------------------------------------------------------------------


def test_next_token_choice_has_the_likeliest_on_top_and_marks_the_one_that_is_chosen():
    (axis,) = plots.next_token_choice(["' man'", "' house'", "' lady'"], [0.2, 0.06, 0.05], 1, "After “the old”").axes
    assert [bar.get_width() for bar in bars(axis)] == [0.2, 0.06, 0.05]
    assert [bar.get_y() + bar.get_height() / 2 for bar in bars(axis)] == pytest.approx([0, 1, 2])
    assert words(axis.get_yticklabels()) == ["' man'", "' house'", "' lady'"] and axis.yaxis_inverted()
    assert words(axis.texts) == ["0.200", "0.060", "0.050"]
    assert [bool(bar.get_hatch()) for bar in bars(axis)] == [False, True, False]
    assert [to_hex(bar.get_facecolor()) == "#d55e00" for bar in bars(axis)] == [False, True, False]
    assert labels(axis) == ("After “the old”", "probability of being the next token", "token")


def test_a_text_is_the_darker_the_surer_the_model_was():
    shown = plots.sureness([" a<b", " was", "\n"], [0.04, 0.5, 0.2])
    grounds = re.findall(r'background:(#\w+);color:(#\w+)[^>]*title="([\d.]+)">([^<]*)<', shown.html)
    assert [(ground, ink) for ground, ink, *_ in grounds] == [
        ("#e6f2fa", "#000000"),
        ("#0072B2", "#ffffff"),
        ("#5aa9d6", "#000000"),
    ]
    assert [(tip, text) for *_, tip, text in grounds] == [("0.040", " a&lt;b"), ("0.500", " was"), ("0.200", " ⏎ ")]
    assert "between 0.040 and 0.50; the model was surest of “was”" in shown.text and "' was' 0.500" in shown.text
    with pytest.raises(ValueError, match="longer"):
        plots.sureness(["a"], [0.1, 0.2])


# --- 01 ----------------------------------------------------------------------------------------


@st.composite
def stretched(draw):
    """A shape of one or two axes, and a shape that it can be broadcast to."""
    target = draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))
    sizes = target[draw(st.integers(0, len(target) - 1)) :]
    return tuple(draw(st.sampled_from([1, size])) for size in sizes), tuple(target)


@given(stretched())
def test_own_cells_hold_each_value_once_and_in_order(shapes):
    shape, target = shapes
    values = np.arange(np.prod(shape)).reshape(shape)
    own = plots.own_cells(shape, target)
    assert own.shape == target
    assert np.broadcast_to(values, target)[own].tolist() == values.ravel().tolist()


def test_broadcast_shows_both_arrays_and_their_sum():
    first, second = np.array([[0], [10], [20]]), np.array([1, 2, 3, 4])
    fig = plots.broadcast(first, second, "a column plus a row")
    assert [axis.get_title() for axis in fig.axes] == ["(3, 1)", "+  (4,)", "=  (3, 4)"]
    numbers = [{tuple(text.get_position()): text.get_text() for text in axis.texts} for axis in fig.axes]
    places = [(j, i) for i in range(3) for j in range(4)]
    assert numbers[0] == {(j, i): f"{10 * i}" for j, i in places}
    assert numbers[1] == {(j, i): f"{j + 1}" for j, i in places}
    assert numbers[2] == {(j, i): f"{10 * i + j + 1}" for j, i in places}
    bold = [{tuple(text.get_position()) for text in axis.texts if text.get_weight() == "bold"} for axis in fig.axes]
    assert bold == [{(0, i) for i in range(3)}, {(j, 0) for j in range(4)}, set(places)]
    assert [{place for place, filled in cells(axis).items() if filled} for axis in fig.axes] == bold
    assert [axis.get_xlabel() for axis in fig.axes] == ["axis 1"] * 3 and fig.axes[0].get_ylabel() == "axis 0"


def test_broadcast_of_one_axis_has_no_second_one():
    axes = plots.broadcast(np.array([1.5, 2]), np.array([1]), "longer").axes
    assert words(axes[2].texts) == ["2.5", "3"]
    assert [axis.get_xlabel() for axis in axes] == ["axis 0"] * 3
    assert axes[0].get_ylabel() == "" and not len(axes[0].get_yticks())


def test_shapes_that_do_not_fit_raise():
    with pytest.raises(ValueError, match="broadcast"):
        plots.broadcast(np.zeros((2, 3)), np.zeros(2), "")


def test_descent_draws_the_valley_the_slope_at_the_start_and_each_step():
    valley = [-2.0, 0.0, 2.0], [4.0, 0.0, 4.0]
    paths = {"slow": ([2.0, 1.0, 0.5], [4.0, 1.0, 0.25], 4.0), "fast": ([2.0, -2.0], [4.0, 4.0], 4.0)}
    fig = plots.descent(*valley, paths, "two rates", xlabel="w")
    for axis, (name, (weights, losses, _)) in zip(fig.axes, paths.items(), strict=True):
        assert points(axis.lines[0]) == valley
        lines = curves(axis)
        assert lines["2 steps" if name == "slow" else "1 step"] == (weights, losses)
        (x0, x1), (y0, y1) = lines["slope at the start: 4.00"]
        assert (y1 - y0) / (x1 - x0) == pytest.approx(4) and (x0 + x1, y0 + y1) == pytest.approx((4, 8))
        assert words(axis.texts) == ["start"] and axis.texts[0].xy == (2, 4)
        assert axis.get_title() == name and axis.get_xlabel() == "w"
        assert axis.get_ylim() == pytest.approx((0, 4.2))
    assert fig.axes[0].get_ylabel() == "loss (nats)" and fig.get_suptitle() == "two rates"


def test_word_map_keeps_kinds_together_that_their_rows_keep_together_and_no_word_covers_another():
    rng = np.random.default_rng(0)
    centers = 5 * rng.normal(size=(3, 20))
    named = [f"{group}{k}" for group in ("red", "dog", "two") for k in range(8)]
    groups = [word[:3] for word in named]
    near = np.repeat(centers, 8, axis=0) + 0.1 * rng.normal(size=(24, 20))
    fig = plots.word_map({"random": rng.normal(size=near.shape), "trained": near}, named, groups, "24 words")
    alone = []
    for axis in fig.axes:
        assert words(axis.texts) == named
        assert len({(group, text.get_color()) for group, text in zip(groups, axis.texts, strict=True)}) == 3
        at = np.array([text.get_position() for text in axis.texts])
        apart = np.linalg.norm(at[:, None] - at[None], axis=-1) + 99 * np.eye(24)
        alone.append(sum(groups[k] != groups[nearest] for k, nearest in enumerate(apart.argmin(1))))
    assert alone[1] == 0 < alone[0]
    assert [axis.get_title() for axis in fig.axes] == ["random", "trained"] and fig.get_suptitle() == "24 words"
    assert words(fig.legends[0].get_texts()) == ["red", "dog", "two"]


def test_learned_by_heart_shows_losses_above_accuracies_one_column_per_training():
    sets = {"training": ([0, 9], [0.7, 0.1], [0.5, 1.0]), "validation": ([0, 9], [0.7, 1.1], [0.5, 0.6])}
    fig = plots.learned_by_heart({"on 100": sets, "on 780": {"training": sets["training"]}}, "by heart")
    top, other, bottom, _ = fig.axes
    assert curves(top) == {
        "training": ([0, 9], [0.7, 0.1]),
        "validation": ([0, 9], [0.7, 1.1]),
        "knowing nothing: ln 2": ([0, 1], pytest.approx([np.log(2)] * 2)),
    }
    assert curves(bottom) == {"training": ([0, 9], [0.5, 1.0]), "validation": ([0, 9], [0.5, 0.6])}
    assert [top.get_title(), other.get_title(), fig.get_suptitle()] == ["on 100", "on 780", "by heart"]
    assert labels(bottom)[1:] == ("step", "accuracy") and top.get_ylabel() == "loss (nats)"


def test_weighted_words_are_blue_above_0_orange_below_and_gray_without_a_number():
    shown = plots.weighted_words([("<b>", ["good", "bad", "so", "mushy&"], [2.0, -1.0, 0.0, None])])
    assert shown.text == "<b>\n  good (+2.0) bad (-1.0) so (+0.0) mushy&"
    colors = re.findall(r"background:([#\w]+);color:(#\w+)", shown.html)
    assert colors == [("#56b4e9", DARK), ("#f2cf80", DARK), ("#ffffff", DARK), ("none", GRAY)]
    assert "&lt;b&gt;" in shown.html and "mushy&amp;" in shown.html


# --- 02 ----------------------------------------------------------------------------------------


def test_language_costs_puts_bytes_tokens_and_single_sentences_in_the_row_of_their_language():
    languages, in_bytes, in_tokens = ["English", "Hindi", "Chinese"], [1.0, 2.0, 0.9], [1.0, 7.0, 3.0]
    each = [[1.0, 1.0], [5.0, 9.0], [2.5, 3.5]]
    fig = plots.language_costs(languages, in_bytes, in_tokens, each, "English", "five messages")
    (axis,) = fig.axes
    lines = curves(axis)
    assert lines["bytes: what it costs without any merge"] == (in_bytes, [0, 1, 2])
    assert lines["tokens: with this tokenizer's merges"] == (in_tokens, [0, 1, 2])
    assert marked_by(axis, "|")[:3] == [(ratios, [row] * 2) for row, ratios in enumerate(each)]
    spans = [segment.tolist() for segment in axis.collections[0].get_segments()]
    assert spans == [[[a, row], [b, row]] for row, (a, b) in enumerate(zip(in_bytes, in_tokens, strict=True))]
    assert words(axis.get_yticklabels()) == languages and axis.yaxis_inverted()
    assert axis.get_xscale() == "log" and words(axis.get_xticklabels()) == ["0.5", "1", "2", "4", "8"]
    assert labels(axis) == ("five messages", "times as long as in English (log scale)", "language")
    assert set(words(fig.legends[0].get_texts())) == set(lines)


def sentences_under(monkeypatch):
    """The alternative texts of what is displayed from now on."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **_: shown.append(thing))
    return lambda: [thing["text/plain"] for thing in shown if isinstance(thing, dict)]


def test_language_costs_are_shown_with_the_cheapest_and_the_dearest_language_in_words(monkeypatch):
    class Words:
        def encode(self, text):
            return text.split(" ")

    said = sentences_under(monkeypatch)
    sentences = {"English": ["a b", "c"], "Few": ["x", "y z w"], "Many": ["a b c d", "e f"]}
    times = pd.DataFrame(
        {"characters": [1.0, 0.5, 2.0], "bytes": [1.0, 1.5, 2.5], "tokens": [1.0, 4 / 3, 2.0]}, index=list(sentences)
    )
    plots.show_language_costs(times, sentences, Words())
    (text,) = said()
    assert text.startswith(
        "Few needs the fewest characters, 0.5 times as many as English, but 1.3 times as many tokens."
    )
    assert "Many needs the most tokens: 2.0 times as many, for 2.5 times the bytes." in text


def test_the_lattice_is_shown_with_its_cheapest_path_in_words(monkeypatch):
    said = sentences_under(monkeypatch)
    steps = unigram.viterbi(unigram.lattice("tea", {"t": -3.0, "e": -3.0, "a": -3.0, "te": -4.0, "ea": -7.0}))
    plots.show_lattice("tea", steps, unigram.best_path(steps))
    assert said() == ["5 arcs lead from place to place; the cheapest path, drawn thick, is te + a."]


def test_language_costs_wants_single_sentences_for_every_language():
    with pytest.raises(ValueError):
        plots.language_costs(["English", "Hindi"], [1, 2], [1, 7], [[1]], "English", "")


# --- 03 ----------------------------------------------------------------------------------------


def test_marked_text_shows_its_spans_and_escapes_html():
    text = plots.marked("1 < 2 is true", [(9, 13), (0, 5)])
    assert repr(text) == "⟦1 < 2⟧ is ⟦true⟧"
    page = text._repr_html_()
    assert page.count("<mark") == 2 and "1 &lt; 2</mark> is " in page


@given(st.text("ab<é👍 ", max_size=12), st.lists(st.integers(0, 12), max_size=6))
def test_marks_add_brackets_and_nothing_else(text, places):
    places = sorted(place for place in places if place <= len(text))
    spans = list(zip(places[::2], places[1::2], strict=False))
    line = repr(plots.marked(text, spans))
    assert line.replace("⟦", "").replace("⟧", "") == text
    assert line.count("⟦") == line.count("⟧") == len(spans)


@pytest.mark.parametrize("spans", [[(0, 3), (2, 4)], [(3, 2)], [(4, 6)]])
def test_marks_that_overlap_or_leave_the_text_are_refused(spans):
    with pytest.raises(ValueError, match="overlaps"):
        plots.marked("hello", spans)


def test_the_lattice_has_an_arc_per_token_and_the_best_ones_stand_out():
    (axis,) = plots.lattice("tea", [(0, 1, 3), (0, 2, 5), (1, 3, 4), (2, 3, 4)], [(0, 1), (1, 3)], "t", "nats").axes
    assert words(axis.texts) == ["t  3", "te  5", "ea  4", "a  4", "t", "e", "a"]
    assert [text.get_position()[0] for text in axis.texts] == [0.5, 1, 2, 2.5, 0.5, 1.5, 2.5]
    arcs = axis.lines[:4]
    assert [(arc.get_xdata()[0], arc.get_xdata()[-1]) for arc in arcs] == [(0, 1), (0, 2), (1, 3), (2, 3)]
    thick = [arc.get_linewidth() > 3 for arc in arcs]
    assert thick == [True, False, True, False] == [to_hex(arc.get_color()) == "#d55e00" for arc in arcs]
    assert words(axis.get_xticklabels()) == ["0", "1", "2", "3"]
    assert labels(axis) == ("t", "place in the word", "tokens that fit, with their cost (nats)")


# --- 04 ----------------------------------------------------------------------------------------


def test_one_word_goes_from_its_old_cosine_to_its_new_one_pairs_of_one_meaning_first():
    before = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    after = np.array([[1.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    fig, alt = plots.same_word(before, after, ["river 1", "money 1", "river 2"], "t")
    (axis,) = fig.axes
    olds, news = ([x for x, _ in marked(axis, fill)] for fill in ("none", "full"))
    assert olds == pytest.approx([1, 0, 0])
    assert news == pytest.approx([1, 0.5**0.5, 0.5**0.5])
    assert words(axis.get_yticklabels()) == ["river 1 and river 2", "river 1 and money 1", "money 1 and river 2"]
    assert words(axis.texts) == ["1.00", "0.71", "0.71"]
    assert labels(axis) == ("t", "cosine of the two vectors", "two sentences")
    assert "at least 0.00" in alt and "same meaning have 1.00 to 1.00" in alt and "meanings 0.71 to 0.71" in alt


def marked(axis, fillstyle):
    """The (x, y) of each single dot that is filled in this way."""
    dots = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    return [(float(dot.get_xdata()[0]), float(dot.get_ydata()[0])) for dot in dots if dot.get_fillstyle() == fillstyle]


def test_values_pull_at_the_output_with_lines_as_thick_as_the_weights():
    values = np.array([[0.0, 0.0], [6.0, -3.0], [1.0, 1.0], [-1.0, 2.0]])
    weights = np.array([0.0, 0.75, 0.2, 0.05])
    output = weights @ values
    panels = {"s": (["the", "river", "bank", "closed"], values, weights)}
    fig, alt = plots.pulls(panels, "bank", ("water", "money"), "t")
    (axis,) = fig.axes
    dots, crosses = ([points(line) for line in axis.lines if line.get_marker() == marker] for marker in "oX")
    assert dots == [([x], [y]) for x, y in values] and crosses == [
        ([pytest.approx(x)], [pytest.approx(y)]) for x, y in [output]
    ]
    ropes = [line for line in axis.lines if len(line.get_xdata()) == 2]
    assert [rope.get_linewidth() for rope in ropes] == pytest.approx(0.5 + 12 * weights)
    assert all((rope.get_xdata()[1], rope.get_ydata()[1]) == pytest.approx(tuple(output)) for rope in ropes)
    assert words(axis.texts) == ["the 0.00", "river 0.75", "bank 0.20", "closed 0.05"]
    assert labels(axis) == ("s", "water", "money") and fig.get_suptitle() == "t"
    assert "“bank”" in alt and f"({output[0]:.1f}, {output[1]:.1f})" in alt
    (area,), (entries,) = axis.patches, fig.legends
    assert words(entries.get_texts()) == ["where the output can be", "output for “bank”"]
    assert to_hex(area.get_facecolor()) != to_hex(GRAY)  # the color of the cross
    assert {tuple(corner) for corner in area.get_xy()} == {tuple(value) for value in values}


def test_gradient_norms_are_counted_in_percent_and_mean_and_median_stand_where_they_are():
    norms = np.array([[1e-9, 0.1, 0.1, 10.0]])
    fig, alt = plots.gradient_norms({"without": norms, "with": np.full((1, 4), 0.2)}, "t")
    first, second = fig.axes
    assert [sum(bar.get_height() for bar in bars(panel)) for panel in (first, second)] == pytest.approx([100, 100])
    assert bars(first)[0].get_height() == pytest.approx(25)  # too small for the axis, but not left out
    assert {label: 10 ** x[0] for label, (x, _) in curves(first).items()} == {
        "median 0.1": pytest.approx(0.1),
        "mean 2.6": pytest.approx(norms.mean(), rel=1e-3),
    }
    assert labels(first)[0] == "without" and second.get_xlabel().startswith("norm of the gradient")
    assert "without: " in alt and "the median is 0.1" in alt and "with: " in alt


def test_a_word_looks_along_arcs_as_wide_as_its_weights():
    from matplotlib.patches import FancyArrowPatch

    weights = np.array([0.7, 0.005, 0.2, 0.095])
    fig, alt = plots.looks({"head": (["animal", "the", "it", "was"], 2, weights)}, "t")
    (axis,) = fig.axes
    arcs = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    assert [arc.get_linewidth() for arc in arcs] == pytest.approx([14 * 0.7, 14 * 0.095])  # not to itself, not to 0.5 %
    assert words(axis.texts) == ["animal", "0.70", "the", "it", "was"]
    assert axis.get_title(loc="left") == "head" and fig.get_suptitle() == "t"
    assert "head: “it” looks most at “animal” (0.70)" in alt


# --- 05 ----------------------------------------------------------------------------------------


def test_a_mask_has_a_dot_exactly_where_a_query_may_look():
    masks = [np.tril(np.ones((3, 3), dtype=bool)), np.array([[True, False]])]
    names = [["a", "b", "c"], ["q"]], [["a", "b", "c"], ["x", "y"]]
    fig = plots.who_may_look(masks, ["causal", "cross"], *names, ylabel="output of", xlabel="changed")
    for axis, mask, title, rows, columns in zip(fig.axes, masks, ["causal", "cross"], *names, strict=True):
        allowed = {(j, i) for i, j in np.ndindex(mask.shape) if mask[i, j]}
        assert {(int(x), int(y)) for (x,), (y,) in map(points, axis.lines)} == allowed
        assert {place for place, filled in cells(axis).items() if filled} == allowed
        assert len(cells(axis)) == mask.size
        assert words(axis.get_yticklabels()) == rows and words(axis.get_xticklabels()) == columns
        assert labels(axis) == (title, "changed", "output of") and axis.yaxis_inverted()


# --- 06 ----------------------------------------------------------------------------------------


def test_two_readers_marks_both_answers_and_tints_the_side_that_is_right():
    long = "one word after the other, " * 5
    (axis,) = plots.two_readers([long, "$5 and $10"], [0.2, 0.7], [0.9, 0.6], ["positive", "negative"], "who?").axes
    assert [(bar.get_x(), bar.get_width()) for bar in bars(axis)] == [(0.5, 0.5), (0.0, 0.5)]
    marks = {"s": [], "o": []}
    for line in axis.lines:
        if line.get_marker() in marks:
            marks[line.get_marker()].append((float(line.get_xdata()[0]), float(line.get_ydata()[0])))
    assert marks == {"s": [(0.2, 0), (0.7, 1)], "o": [(0.9, 0), (0.6, 1)]}
    assert axis.yaxis_inverted() and words(axis.get_yticklabels())[1] == "$5 and $10"
    assert "\n" in words(axis.get_yticklabels())[0]
    assert set(words(axis.get_legend().get_texts())) == {"what the writer meant", "counting words", "fine-tuned model"}
    assert labels(axis) == ("who?", "probability of “positive”", "review")


# --- 07 ----------------------------------------------------------------------------------------


def test_reliability_puts_shares_over_confidences():
    bins = [(0.6, 0.5, 10), (0.95, 0.8, 40)]
    fig = plots.reliability({"before": bins, "after": bins[:1]}, "kept?")
    before, after = (axis.collections[-1] for axis in fig.axes)
    assert before.get_offsets().tolist() == [[0.6, 0.5], [0.95, 0.8]] and len(after.get_offsets()) == 1
    small, large = before.get_sizes()
    assert (large - 20) / (small - 20) == pytest.approx(4), "areas grow with the counts"
    diagonal, *gaps = map(points, fig.axes[0].lines)
    assert diagonal == ([0, 1], [0, 1]) and gaps == [([0.6] * 2, [0.5, 0.6]), ([0.95] * 2, [0.8, 0.95])]
    assert [axis.get_xlabel() for axis in fig.axes] == ["mean confidence"] * 2
    assert [axis.get_title() for axis in fig.axes] == ["before", "after"]
    assert fig.axes[0].get_ylabel() == "share of right answers"


def test_accuracy_intervals_go_from_low_to_high_through_the_value():
    values, lows, highs = [0.4, 0.9], [0.1, 0.85], [0.55, 0.95]
    (axis,) = plots.accuracy_intervals(["mixed", "none"], values, lows, highs, 0.5, "by phenomenon").axes
    spans = [segment.tolist() for segment in axis.collections[0].get_segments()]
    assert spans == [[[0.1, 0], [0.55, 0]], [[0.85, 1], [0.95, 1]]]
    assert marked_by(axis, "o") == [(values, [0, 1])]
    (chance,) = [points(line)[0] for line in axis.lines if line.get_linestyle() == ":"]
    assert chance == [0.5, 0.5]
    assert words(axis.get_yticklabels()) == ["mixed", "none"] and axis.yaxis_inverted()
    assert axis.get_title() == "by phenomenon" and "accuracy" in axis.get_xlabel() and axis.get_xlim() == (0, 1)


def test_group_accuracies_are_means_with_their_intervals():
    groups, bounds = {"mixed": [0, 0, 1, 0], "none": [1, 1]}, {"mixed": (0.0, 0.75), "none": (1.0, 1.0)}
    fig, said = plots.group_accuracies(groups, bounds, "groups")
    (axis,) = fig.axes
    assert marked_by(axis, "o") == [([0.25, 1.0], [0, 1])] and axis.get_title() == "groups"
    spans = [segment.tolist() for segment in axis.collections[0].get_segments()]
    assert spans == [[[0.0, 0], [0.75, 0]], [[1.0, 1], [1.0, 1]]]
    assert words(axis.get_yticklabels()) == ["mixed (n = 4)", "none (n = 2)"]
    assert said == "Accuracy, worst first: mixed 25% (0% to 75%), none 100% (100% to 100%)."


def test_token_scores_keep_sign_and_order():
    fig = plots.token_scores(["not", "bad"], {"gradient": [-1.0, 2.0], "left out": [0.5, 0.0]}, "words")
    assert [[bar.get_height() for bar in bars(axis)] for axis in fig.axes] == [[-1.0, 2.0], [0.5, 0.0]]
    negative, positive = bars(fig.axes[0])
    assert negative.get_hatch() and not positive.get_hatch()
    assert negative.get_facecolor() != positive.get_facecolor()
    assert words(fig.axes[-1].get_xticklabels()) == ["not", "bad"]
    assert [labels(axis) for axis in fig.axes] == [
        ("gradient", "", "− negative, positive +"),
        ("left out", "token", "− negative, positive +"),
    ]


def test_runs_over_draws_runs_means_and_half_widths():
    series = {"a": {16: [0.5, 0.7], 64: [0.8, 0.8]}, "b": {64: [0.6]}}
    (axis,) = plots.runs_over(series, "more data", "reviews", "accuracy", (0.5, "coin"), {"a": [0.1, 0.2]}).axes
    means = {group.get_label(): points(group.lines[0]) for group in axis.containers}
    assert means["a"][1] == pytest.approx([0.6, 0.8]) and means["b"][1] == pytest.approx([0.6])
    assert means["a"][0] == pytest.approx([16, 64], rel=0.03) and means["a"][0][1] < 64 < means["b"][0][0]
    spans = [np.ptp(part[:, 1]) for part in axis.containers[0].lines[2][0].get_segments()]
    assert spans == pytest.approx([0.2, 0.4])
    runs = [tuple(line.get_ydata()) for line in axis.lines if line.get_alpha() == 0.4]
    assert sorted(runs) == [(0.5, 0.7), (0.6,), (0.8, 0.8)]
    assert words(axis.get_xticklabels()) == ["16", "64"] and axis.get_xscale() == "log"
    assert curves(axis)["coin"][1] == [0.5, 0.5]
    assert labels(axis) == ("more data", "reviews", "accuracy")


def test_seed_strips_have_a_dot_for_each_training_and_a_bar_at_the_mean():
    groups = {"full": [0.8, 0.8, 0.77], "LoRA": [0.75]}
    fig, said = plots.seed_strips(groups, {"counts": 0.74}, "seeds")
    (axis,) = fig.axes
    assert said.startswith("full: 3 trainings, mean 0.790, from 0.770 to 0.800.") and said.endswith("counts: 0.740.")
    dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axis.lines if line.get_marker() == "o"]
    assert sorted(x for x, _ in dots) == [0.75, 0.77, 0.8, 0.8] and len(set(dots)) == 4, "equal ones are stacked"
    means = [line.get_xdata()[0] for line in axis.lines if (line.get_color(), line.get_linestyle()) == (GRAY, "-")]
    assert means == pytest.approx([0.79, 0.75])
    (baseline,) = [line.get_xdata()[0] for line in axis.lines if line.get_linestyle() == ":"]
    assert baseline == 0.74 and "counts" in words(axis.texts)
    assert [text.get_ha() for text in axis.texts if text.get_text() == "counts"] == ["right"]  # not across its line
    assert words(axis.get_yticklabels()) == ["full", "LoRA"] and axis.yaxis_inverted()
    assert axis.get_title() == "seeds" and "accuracy" in axis.get_xlabel()


def test_names_of_close_baselines_do_not_overlap():
    fig, _ = plots.seed_strips({"LoRA": [0.5, 0.8]}, {"word counts": 0.747, "frozen body": 0.765}, "seeds")
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in fig.axes[0].texts if not text.get_text().startswith("mean")]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])


def test_difference_intervals_show_which_contain_zero():
    rows = {"reviews": (0.03, 0.01, 0.05), "both": (0.03, -0.01, 0.07)}
    fig, said = plots.difference_intervals(rows, "better?", "a minus b")
    (axis,) = fig.axes
    assert "+0.010 to +0.050, without zero." in said and "-0.010 to +0.070, which contains zero." in said
    bars = [(list(line.get_xdata()), line.get_linestyle()) for line in axis.lines if len(line.get_xdata()) == 2]
    assert bars == [([0.01, 0.05], "-"), ([-0.01, 0.07], "--"), ([0, 0], "-")]
    faces = [line.get_markerfacecolor() for line in axis.lines if line.get_marker() == "o"]
    assert len(faces) == 2 and faces[1] == "white" != faces[0]
    assert words(axis.get_yticklabels()) == ["reviews", "both"] and labels(axis) == ("better?", "a minus b", "")


# --- 08 ----------------------------------------------------------------------------------------


def test_next_token_bars_has_a_panel_per_prompt_on_one_scale():
    names, values = [["' man'", "' end'"], ["' head'", "' face'"]], [[0.02, 0.01], [0.8, 0.05]]
    axes = plots.next_token_bars(["The old …", "He shook his …"], names, values).axes
    for axis, prompt, tokens, probabilities in zip(axes, ["The old …", "He shook his …"], names, values, strict=True):
        assert [bar.get_width() for bar in bars(axis)] == probabilities
        assert words(axis.get_yticklabels()) == tokens and axis.yaxis_inverted()
        assert words(axis.texts) == [f"{p:.3f}" for p in probabilities]
        assert labels(axis)[:2] == (prompt, "probability of the next token")
    assert axes[0].get_xlim() == axes[1].get_xlim() and axes[0].get_ylabel() == "token"


def test_entropy_bars_have_the_line_of_a_blind_guess_over_them():
    (axis,) = plots.entropy_bars(["On", "ce", " upon"], [6.4, 5.3, 4.1], 12.0, "how open?").axes
    assert [bar.get_height() for bar in bars(axis)] == [6.4, 5.3, 4.1]
    assert words(axis.get_xticklabels()) == ["On", "ce", " upon"]
    ((_, heights),) = map(points, axis.lines)
    assert heights == [12, 12] and axis.get_ylim()[0] == 0 and axis.get_ylim()[1] > 12
    (text,) = axis.texts
    assert text.get_text() == "every token equally likely" and text.xy[1] == 12
    assert text.xy[0] < axis.get_xlim()[1], "what points beyond the axes is not drawn"
    assert labels(axis) == ("how open?", "text up to and including this token", "entropy of the next (bits)")


def test_cut_curves_cut_after_k_tokens_and_after_the_nucleus():
    sure, open_ = [0.9, 0.05, 0.03, 0.02], [0.4, 0.3, 0.2, 0.1]
    axes = plots.cut_curves(["after “edge”", "after “a”"], [sure, open_], 2, [1, 3], 0.8).axes
    for axis, title, values, nucleus in zip(axes, ["after “edge”", "after “a”"], [sure, open_], [1, 3], strict=True):
        assert points(axis.lines[0]) == ([1, 2, 3, 4], values)
        many = "1 token" if nucleus == 1 else f"{nucleus} tokens"
        cuts = {name: x[0] for name, (x, _) in curves(axis).items()}
        assert cuts == {"top-k, k = 2": 2, f"top-p, p = 0.8: {many}": nucleus}
        (filled,) = axis.collections
        outline = filled.get_paths()[0].vertices
        assert (outline[:, 0].min(), outline[:, 0].max(), outline[:, 1].max()) == (1, nucleus, values[0])
        assert labels(axis)[:2] == (title, "rank of the token")
        assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert axes[0].get_ylabel() == "probability"


# --- 09 ----------------------------------------------------------------------------------------


def test_surprise_has_a_bar_per_token_and_the_mean():
    fig = plots.surprise_lines({"beams": [1, 2, 3], "a person": [2, 10, 0]}, "surprising")
    assert [[bar.get_height() for bar in bars(axis)] for axis in fig.axes] == [[1, 2, 3], [2, 10, 0]]
    assert [points(axis.lines[0])[1] for axis in fig.axes] == [[2, 2], [4, 4]]
    assert [axis.get_title() for axis in fig.axes] == ["beams: mean 2.0 bits", "a person: mean 4.0 bits"]
    assert fig.axes[0].get_ylim() == fig.axes[1].get_ylim()
    assert fig.axes[1].get_xlabel() == "token" and fig.get_supylabel() == "surprise (bits)"


def test_surprising_tokens_are_darker_and_long_texts_have_more_lines():
    fig = plots.surprise_text({"a book": ([" to", " be\n"], [0.5, 30.0]), "long": ([" word"] * 40, [1.0] * 40)}, "how?")
    (axis,) = fig.axes
    said = [text.get_text() for text in axis.texts]
    assert said[:3] == ["how?", "a book", "long"] and said[3:5] == [" to", " be¶"] and said[-1] == " 12 bits"
    place = {text.get_text(): text.get_position() for text in axis.texts}
    pale, dark = (box.get_facecolor() for box in axis.patches[:2])
    assert sum(pale) > sum(dark) and [box.get_width() for box in axis.patches[:2]] == [3, 4]
    assert dark == axis.patches[-1].get_facecolor()  # more than 12 bits are as dark as 12
    rows = {text.get_position()[1] for text in axis.texts if text.get_text() == " word"}
    assert len(rows) == 2 and place["a book"][1] < place[" to"][1] < place["long"][1] < min(rows)
    ends = [box.get_x() + box.get_width() for box in axis.patches]
    bottom, top = axis.get_ylim()
    assert max(ends) <= 100 < axis.get_xlim()[1] and all(top < at[1] < bottom for at in place.values())


def test_counted_tokens_are_filled_and_read_ones_are_not():
    axis = plots.window_coverage({"overlap": [(0, 1, 5), (2, 5, 7)]}, 7, "").axes[0]
    filled = {place for place, counted in cells(axis).items() if counted}
    assert filled == {(i, 0) for i in range(1, 5)} | {(5, 1), (6, 1)}
    assert set(cells(axis)) - filled == {(0, 0), (2, 1), (3, 1), (4, 1)}
    assert labels(axis) == ("overlap", "token", "window") and words(axis.get_yticklabels()) == ["1", "2"]


def test_every_window_has_a_row_in_view():
    ways = {"few": [(0, 1, 9)], "many": [(0, 1, 5), (4, 5, 9), (8, 9, 13)]}
    for axis in plots.window_coverage(ways, 13, "").axes:
        bottom, top = axis.get_ylim()
        assert top < 0 and bottom > 2


def test_leanings_mark_the_mean_of_each_word():
    (axis,) = plots.leanings({"king": [3.0, 5.0], "queen": [-4.0, -1.0]}, "he or she?", "log₂ ratio").axes
    assert marked_by(axis, "o") == [([3, 5], [0, 0]), ([-4, -1], [1, 1])]
    assert marked_by(axis, "|") == [([4], [0]), ([-2.5], [1])]
    (zero,) = [points(line)[0] for line in axis.lines if line.get_linestyle() == ":"]
    assert zero == [0, 0]
    assert words(axis.get_yticklabels()) == ["king", "queen"] and axis.yaxis_inverted()
    assert labels(axis) == ("he or she?", "log₂ ratio", "word in the sentence")


def test_ways_to_write_are_seen_beside_a_person():
    measures = {"repeated": {"greedy": 0.5, "a person": 0.1}, "bits": {"greedy": 1.0, "a person": 6.0}}
    fig = plots.beside_people(measures, "a person", "four texts")
    assert [axis.get_xlabel() for axis in fig.axes] == ["repeated", "bits"]
    for axis, values in zip(fig.axes, measures.values(), strict=True):
        assert marked_by(axis, "o") == [([values["greedy"]], [0])]
        assert marked_by(axis, "*") == [([values["a person"]], [1])]
        assert [points(line)[0] for line in axis.lines if line.get_linestyle() == "--"] == [[values["a person"]] * 2]
    assert words(fig.axes[0].get_yticklabels()) == ["greedy", "a person"] and fig.axes[0].yaxis_inverted()


def test_copied_shares_have_their_intervals():
    (axis,) = plots.copied_shares({"beams": (15.0, 11.0, 20.0), "a book": (0.2, 0.0, 0.5)}, "copied").axes
    assert marked_by(axis, "o") == [([15], [0]), ([0.2], [1])]
    assert [points(line)[0] for line in axis.lines if len(points(line)[0]) == 2] == [[11, 20], [0, 0.5]]
    assert words(axis.get_yticklabels()) == ["beams", "a book"] and axis.get_xlim()[0] == 0


# --- lesson 11 -----------------------------------------------------------------------------------


def test_an_alignment_has_a_line_for_each_weight_that_counts():
    weights = np.array([[0.7, 0.26, 0.04], [0.0, 0.0, 1.0]])
    fig = plots.alignment(weights, ["▁the", "▁cat", "</s>"], ["▁le", "$chat$"], "looks")
    (axis,) = fig.axes
    above, below = [0.25, 0.5, 0.75], [1 / 3, 2 / 3]
    assert [(points(line)[0], line.get_linewidth()) for line in axis.lines] == [
        (pytest.approx([below[row], above[column]]), pytest.approx(5 * weights[row, column]))
        for row, column in ((0, 0), (0, 1), (1, 2))
    ]
    assert words(axis.texts) == ["▁the", "▁cat", "</s>", "▁le", "$chat$"] and words(axis.get_yticklabels()) == [
        "written",
        "read",
    ]


def test_shares_have_their_intervals():
    (axis,) = plots.shares({"nurse (5)": (80.0, 40.0, 100.0), "doctor (4)": (0.0, 0.0, 0.0)}, "t", "%", "job").axes
    assert marked_by(axis, "o") == [([80], [0]), ([0], [1])]
    assert [points(line)[0] for line in axis.lines if len(points(line)[0]) == 2] == [[40, 100], [0, 0]]
    assert words(axis.get_yticklabels()) == ["nurse (5)", "doctor (4)"] and axis.yaxis_inverted()


# --- shared ------------------------------------------------------------------------------------


def test_tokens_are_boxes_with_their_ids_under_them():
    rows = plots.tokens({"one": ["a", "<b>"], "three": ["c"]}, {"one": [1, 22]})
    assert repr(rows) == "one   |a|<b>|  [1, 22]\nthree |c|"
    page = rows._repr_html_()
    assert page.count("<span") == 3 and "&lt;b&gt;<br><small>22</small>" in page and ">c</span>" in page
    assert repr(plots.tokens(["a", "b"], [1, 2])) == "|a|b|  [1, 2]" and repr(plots.tokens(["a"])) == "|a|"
    with pytest.raises(ValueError, match="2 tokens but 1 ids"):
        plots.tokens(["a", "b"], [1])


def test_a_training_curve_has_a_line_per_series_and_its_reference():
    series = {"training": ([0, 40, 80], [0.7, 0.5, 0.3]), "validation": ([0, 80], [0.7, 0.6])}
    (axis,) = plots.training_curve(series, "by heart", "loss (nats)", "epoch", (0.69, "a coin's")).axes
    lines = curves(axis)
    assert lines.pop("a coin's")[1] == [0.69, 0.69]
    assert lines == {name: (list(map(float, steps)), values) for name, (steps, values) in series.items()}
    assert words(axis.get_legend().get_texts()) == ["training", "validation", "a coin's"]
    assert len({line.get_color() for line in axis.lines}) == len({line.get_linestyle() for line in axis.lines}) == 3
    assert labels(axis) == ("by heart", "epoch", "loss (nats)")


def test_a_long_training_curve_is_drawn_faint_under_its_running_mean():
    values = [8.0, 6.0, 4.0, 2.0, 0.0]
    (axis,) = plots.training_curve({"loss": (range(5), values)}, "long", smooth=2).axes
    faint, mean = axis.lines
    assert points(faint) == ([0, 1, 2, 3, 4], values) and faint.get_alpha() < 0.5
    assert points(mean) == ([0, 1, 2, 3, 4], [8, 7, 5, 3, 1])
    assert curves(axis).keys() == {"loss (mean of the last 2)"}
    (axis,) = plots.training_curve({"loss": (range(4), values[:4])}, "short", smooth=2).axes
    assert curves(axis) == {"loss": ([0, 1, 2, 3], values[:4])}


def test_heat_maps_write_each_number_into_its_cell_and_name_a_row_without_any():
    weights = np.array([[0.25, 0.75, 0.0], [np.nan, np.nan, np.nan]])
    (axis,) = plots.heat_maps([weights], ["weights"], ["a", "b"], ["x", "y", "z"]).axes
    assert words(axis.texts) == ["0.25", "0.75", "0.00", "nan", "nan", "nan"]
    assert [text.get_position() for text in axis.texts] == [(j, i) for i in range(2) for j in range(3)]
    assert [text.get_color() for text in axis.texts] == [DARK, "white", DARK, *[GRAY] * 3]
    assert np.array_equal(np.ma.filled(axis.images[0].get_array(), np.nan), weights, equal_nan=True)
    assert words(axis.get_yticklabels()) == ["a", "b"] and words(axis.get_xticklabels()) == ["x", "y", "z"]
    assert labels(axis) == ("weights", "key", "query")


def test_heat_maps_have_one_scale_or_each_its_own_and_white_at_zero_if_signed():
    small, signed = [[0.0, 1.0]], [[-4.0, 2.0]]
    shared = plots.heat_maps([small, signed], ["s", "t"], ["r"], ["x", "y"], digits=1).axes
    assert [axis.images[0].get_clim() for axis in shared] == [(-4, 4), (-4, 4)]
    own = plots.heat_maps([small, signed, small], ["s", "t", "u"], ["r"], ["x", "y"], "row", "column", 0, 2, False).axes
    assert [axis.images[0].get_clim() for axis in own[:3]] == [(0, 1), (-4, 4), (0, 1)]
    assert not own[3].get_visible() and [axis.get_title() for axis in own[:3]] == ["s", "t", "u"]
    assert ["".join(words(axis.get_yticklabels())) for axis in own[:3]] == ["r", "", "r"]
    assert labels(own[2]) == ("u", "column", "row")


@pytest.mark.parametrize(("shared_scale", "bars_of_shades"), [(True, 1), (False, 2)])
def test_heat_maps_without_numbers_tell_what_a_shade_stands_for(shared_scale, bars_of_shades):
    maps = [[[0.0, 1.0]], [[0.0, 5.0]]]
    fig = plots.heat_maps(maps, ["s", "t"], ["r"], ["x", "y"], digits=None, shared_scale=shared_scale)
    panels = [axis for axis in fig.axes if axis.images]
    assert not any(axis.texts for axis in panels)
    scales = [axis.get_ylim() for axis in fig.axes if axis not in panels]
    assert scales == ([(0, 5)] if shared_scale else [(0, 1), (0, 5)]) and len(scales) == bars_of_shades


def confusion_names(names):
    counts = np.arange(len(names) ** 2).reshape(len(names), -1)
    fig = plots.confusion(counts, names, "Test texts by label")
    fig.draw_without_rendering()
    (axis,) = fig.axes
    box = axis.get_window_extent()
    assert min(box.width, box.height) > 80, "the names leave room for the cells"
    assert words(axis.texts) == [str(number) for number in counts.ravel()]
    across, down = words(axis.get_xticklabels()), words(axis.get_yticklabels())
    assert across == down
    assert axis.get_ylabel() == axis.get_xlabel().replace("predicted", "actual")
    return across, axis.get_xlabel()


def test_names_that_can_be_drawn_are_drawn():
    assert confusion_names(["bad", "good"]) == (["bad", "good"], "predicted label")
    assert confusion_names(["costs $5", "schön", "плохо", "x_{2}$"])[0] == ["costs $5", "schön", "плохо", "x_{2}$"]
    assert confusion_names(["a name, 15 long", "another name 16"])[0] == ["a name, 15 long", "another name 16"]


@pytest.mark.parametrize("name", ["正面", "肯定的", "긍정", "x" * 200, "سلبي", "שלילי", "अच्छा", "two\nlines", "🦾"])
def test_names_that_cannot_be_drawn_are_numbers(name):
    assert not plots.can_draw(name)
    assert confusion_names(["good", name]) == (["1", "2"], "predicted label by number")


def test_a_confusion_table_of_many_labels_has_shades_alone():
    axes = plots.confusion(np.eye(13), [f"c{k}" for k in range(13)], "many").axes
    assert not axes[0].texts and np.array_equal(axes[0].images[0].get_array(), np.eye(13)) and len(axes) == 2


def test_scaling_draws_both_series_of_every_panel_and_takes_logarithms_only_where_values_are_large():
    widths = [1, 4, 16]
    panels = {"variance": ([1, 4, 30], [1, 1, 1]), "gradient": ([0.3, 0.2, 0.1], [0.3, 0.3, 0.3])}
    fig = plots.scaling(widths, panels)
    for axis, (name, (raw, scaled)) in zip(fig.axes, panels.items(), strict=True):
        assert curves(axis) == {"q · k": (widths, raw), "q · k / √d": (widths, scaled)}
        assert axis.get_xscale() == "log" and words(axis.get_xticklabels()) == ["1", "4", "16"]
        assert labels(axis)[:2] == (name, "width d")
    assert [axis.get_yscale() for axis in fig.axes] == ["log", "linear"]
    assert fig.axes[0].get_ylabel() == "value"


# --- further -----------------------------------------------------------------------------------


def test_difference_errors_has_a_line_per_way_on_logarithmic_axes():
    steps, errors = [1e-8, 1e-4, 1e-1], {"one-sided": [1e-7, 1e-5, 1e-2], "central": [1e-8, 1e-9, 1e-3]}
    (axis,) = plots.difference_errors(steps, errors, "too large, too small").axes
    assert curves(axis) == {name: (steps, values) for name, values in errors.items()}
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert labels(axis) == ("too large, too small", "step size h", "absolute error of the slope")


def test_margin_losses_jump_from_mistake_to_none_exactly_at_zero():
    margins = np.linspace(-5, 5, 10).tolist()  # no margin is 0
    losses = np.log1p(np.exp(-np.array(margins))).tolist()
    (axis,) = plots.margin_losses(margins, losses, "over the margin").axes
    lines = curves(axis)
    assert lines["loss: ln(1 + e⁻ᵐ)"] == (margins, losses)
    assert lines["mistake: 1 if m ≤ 0"] == ([-5, 0, 0, 5], [1, 1, 0, 0])
    assert labels(axis) == ("over the margin", "margin m: the logit, signed so that positive is right", "loss (nats)")


def test_tries_puts_fresh_over_validation_and_a_star_on_the_winner():
    (axis,) = plots.tries([0.5, 0.7, 0.6], [0.61, 0.55, 0.52], 1, "the best of three").axes
    lines = curves(axis)
    assert lines["a try"] == ([0.5, 0.7, 0.6], [0.61, 0.55, 0.52])
    assert lines["best on validation"] == ([0.7], [0.55]) == marked_by(axis, "*")[0]
    ends = pytest.approx((0.49, 0.71))
    assert lines["equal on both"] == (ends, ends) and axis.get_xlim() == ends and axis.get_ylim() == ends
    assert labels(axis) == ("the best of three", "accuracy on validation", "accuracy on fresh reviews")


def test_work_has_a_line_per_way_of_counting_from_the_first_merge():
    (axis,) = plots.work_per_merge({"all": [9, 8, 7], "changed": [5, 2, 1]}).axes
    assert curves(axis) == {"all": ([1, 2, 3], [9, 8, 7]), "changed": ([1, 2, 3], [5, 2, 1])}
    assert axis.get_yscale() == "log"
    assert labels(axis)[1:] == ("merge", "pairs looked at (log scale)")


def test_em_has_a_tooth_for_each_number_of_tokens():
    (axis,) = plots.em_steps([-9, -8, -8.5, -8.2, -8.1, -9], [50, 50, 40, 40, 40, 3000]).axes
    assert [points(line) for line in axis.lines] == [
        ([0, 1, 2, 3, 4, 5], [-9, -8, -8.5, -8.2, -8.1, -9]),
        ([0, 1], [-9, -8]),
        ([2, 3, 4], [-8.5, -8.2, -8.1]),
        ([5], [-9]),
    ]
    assert {text.get_text(): text.xy for text in axis.texts} == {"50": (0, -9), "40": (2, -8.5), "3,000": (5, -9)}
    assert "step of EM" in axis.get_xlabel() and axis.get_ylabel() == "log-likelihood (nats per word)"


def test_shares_are_beside_their_probabilities():
    (axis,) = plots.shares_drawn(["a b", "ab"], [0.3, 0.7], [0.25, 0.75]).axes
    assert words(axis.get_yticklabels()) == ["ab", "a b"] and axis.yaxis_inverted()
    assert [bar.get_width() for bar in bars(axis)] == [0.7, 0.3]
    assert curves(axis) == {"share of the draws": ([0.75, 0.25], [0, 1])}
    assert labels(axis)[1:] == ("share", "cut")


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_head_shares_are_on_the_scale_from_0_to_1_whatever_they_are(share):
    fig = plots.head_shares({"to itself": [[share, share]]}, "a model")
    assert fig.axes[0].images[0].get_clim() == (0, 1)


def test_head_shares_have_layers_down_and_heads_across():
    shares = {"to itself": np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), "to [CLS]": np.zeros((2, 3))}
    first, second, bar = plots.head_shares(shares, "a model").axes
    assert np.array_equal(first.images[0].get_array(), shares["to itself"])
    assert (list(first.get_xticks()), list(first.get_yticks())) == ([0, 1, 2], [0, 1])
    assert labels(first) == ("to itself", "head", "layer") and second.get_title() == "to [CLS]"
    assert bar.get_ylabel() == "mean share of the weight"


def test_growth_draws_each_series_and_the_square():
    panels = {"memory": {"a": [3, 12, 48], "b": [1, 2, 4]}, "time": {"a": [1, 4, 16]}}
    memory, time = plots.growth([2, 4, 8], panels, ["MB", "s"], "tokens").axes
    sizes = [2, 4, 8]
    assert curves(memory) == {
        "a": (sizes, [3, 12, 48]),
        "b": (sizes, [1, 2, 4]),
        "the square of the size": (sizes, [3, 12, 48]),
    }
    assert curves(time)["the square of the size"] == (sizes, [1, 4, 16])
    assert [labels(axis) for axis in (memory, time)] == [("memory", "tokens", "MB"), ("time", "tokens", "s")]
    assert memory.get_yscale() == "log" and words(memory.get_xticklabels()) == ["2", "4", "8"]


def test_stream_lengths_draws_both_additions_and_the_stream():
    fig = plots.stream_lengths({"m": ([1, 2], [3, 4], [5, 9]), "n": ([1], [1], [2])}, "t")
    axis = fig.axes[0]
    attention, feed_forward = axis.containers
    assert [bar.get_height() for bar in attention] == [1, 2] and attention.get_label() == "attention adds"
    assert [bar.get_height() for bar in feed_forward] == [3, 4] and feed_forward.get_label() == "feed-forward adds"
    assert [bar.get_x() + bar.get_width() / 2 for bar in (*attention, *feed_forward)] == pytest.approx(
        [-0.2, 0.8, 0.2, 1.2]
    )
    assert curves(axis) == {"stream after the block": ([0, 1], [5, 9])}
    assert [a.get_title() for a in fig.axes] == ["m", "n"]
    assert labels(axis)[1:] == ("block", "length of the vector (median token)")


def test_kept_tokens_puts_each_way_to_cut_over_the_entropy():
    (axis,) = plots.kept_tokens([1.0, 4.0], {"top-p": [3, 200], "min-p": [2, 9]}, "kept").axes
    assert curves(axis) == {"top-p": ([1, 4], [3, 200]), "min-p": ([1, 4], [2, 9])}
    assert axis.get_yscale() == "log"
    assert labels(axis) == ("kept", "entropy of the next token (bits)", "tokens left (log scale)")
    assert words(axis.get_legend().get_texts()) == ["top-p", "min-p"]


def test_quality_diversity_draws_the_means_over_groups_and_their_intervals():
    curve = np.array([[[0.1, 0.3], [0.5, 0.7]], [[-1.0, -3.0], [-4.0, -4.0]]])  # diversity, quality
    (axis,) = plots.quality_diversity({"top-p": curve}, "curves").axes
    line, _, (across, upright) = axis.containers[0].lines
    assert np.allclose(line.get_xdata(), [0.2, 0.6]) and np.allclose(line.get_ydata(), [-2, -4])
    half = 1.96 * np.sqrt(2) / np.sqrt(2)  # the two groups differ by 2, so their standard deviation is the root of 2
    assert np.allclose([segment[:, 1] for segment in upright.get_segments()], [[-2 - half, -2 + half], [-4, -4]])
    half /= 10  # here they differ by 0.2
    assert np.allclose(
        [segment[:, 0] for segment in across.get_segments()], [[0.2 - half, 0.2 + half], [0.6 - half, 0.6 + half]]
    )
    assert "diversity" in axis.get_xlabel() and "quality" in axis.get_ylabel()


def test_lens_grid_has_the_input_at_the_bottom_and_bold_words_where_the_answer_is_on_top():
    tokens, ranks = [["a", "b"], ["c", "d"], ["e", "f"]], np.array([[100, 50], [1, 4], [1, 1]])
    axis, bar = plots.lens_grid(tokens, ranks, ["embedding", "block 1", "block 2"], ["x", "y"], "lens").axes
    grid = {tuple(text.get_position()): (text.get_text(), text.get_fontweight()) for text in axis.texts}
    assert grid == {
        (j, i): (tokens[i][j], "bold" if ranks[i, j] == 1 else "normal") for i, j in np.ndindex(ranks.shape)
    }
    assert words(axis.get_yticklabels()) == ["embedding", "block 1", "block 2"] and not axis.yaxis_inverted()
    assert words(axis.get_xticklabels()) == ["x", "y"]
    assert np.allclose(axis.images[0].get_array(), np.log10(ranks))
    assert {text.get_text(): text.get_color() for text in axis.texts} == dict(
        zip("abcdef", [DARK, DARK, "white", "white", "white", "white"], strict=True)
    )
    assert labels(axis) == ("lens", "token read last", "read after") and "rank" in bar.get_ylabel()


# --- lesson 10 -----------------------------------------------------------------------------------


def test_two_rankings_have_a_bar_for_each_place_and_mark_the_right_section():
    ranking = [("The fox ran …", 3.5, False), ("$5 for a hen …", 2.0, True), ("An owl …", -0.5, False)]
    fig = plots.two_rankings(
        {"Who ran?": {"by words": ranking, "by vector": ranking[::-1]}, "Who?": {"by words": [], "by vector": ranking}}
    )
    first, second, *_ = fig.axes
    assert [bar.get_width() for bar in bars(first)] == [3.5, 2, 0] and [bar.get_width() for bar in bars(second)] == [
        0,
        2,
        3.5,
    ]
    assert [bar.get_hatch() or "" for bar in bars(first)] == ["", "//", ""]
    assert words(first.texts) == ["The fox ran …", "$5 for a hen …", "An owl …", "Who ran?"]
    assert words(first.get_yticklabels()) == ["1", "2", "3"] and first.yaxis_inverted()
    assert labels(first) == ("by words", "score", "place") and labels(second)[0] == "by vector"


def test_hit_rates_have_two_intervals_a_row():
    fig = plots.hit_rates(
        {"words": (0.55, (0.52, 0.58), (0.48, 0.62)), "both": (0.57, (0.54, 0.6), (0.5, 0.64))}, "who finds?"
    )
    (axis,) = fig.axes
    assert words(axis.get_yticklabels()) == ["words", "both"] and axis.get_ylim()[0] > axis.get_ylim()[1]
    drawn = [points(line)[0] for line in axis.lines if line.get_marker() in (None, "None", "")]
    assert drawn == [[0.52, 0.58], [0.48, 0.62], [0.54, 0.6], [0.5, 0.64]]
    assert [x for x, _ in marked_by(axis, "o")] == [[0.55], [0.57]]
    assert [name for name in curves(axis)] == ["95 % over questions", "95 % over tales"]
    assert axis.get_title() == "who finds?" and "hit@1" in axis.get_xlabel()


def test_shared_words_draw_a_line_for_each_search_over_the_bins():
    fig = plots.shared_words([0, 0.5, 1], {"words": [0.1, 0.8], "vectors": [0.2, 0.4]}, [3, 7], "overlap")
    (axis,) = fig.axes
    assert curves(axis) == {"words": ([0, 1], [0.1, 0.8]), "vectors": ([0, 1], [0.2, 0.4])}
    assert words(axis.get_xticklabels()) == ["0% to 50%\n3", "50% to 100%\n7"]
    assert labels(axis)[::2] == ("overlap", "hit@1")


def test_span_scores_have_two_bars_a_token_and_shade_the_span():
    fig = plots.span_scores(["the", "$5", "hen"], [0.7, 0.2, 0.1], [0.0, 0.1, 0.9], (0, 2), "who?")
    (axis,) = fig.axes
    heights = [bar.get_height() for bar in bars(axis) if bar.get_width() == pytest.approx(0.4)]
    assert heights == pytest.approx([0.7, 0.2, 0.1, 0.0, 0.1, 0.9])
    (shade,) = [bar for bar in bars(axis) if bar.get_width() == pytest.approx(3)]
    assert shade.get_x() == -0.5 and words(axis.get_xticklabels()) == ["the", "$5", "hen"]
    assert labels(axis) == ("who?", "token", "probability")


def test_a_broken_chain_is_one_bar_whose_parts_add_up():
    fig = plots.broken_chain({"right": 30, "read wrong": 15, "not found": 5}, "fifty")
    (axis,) = fig.axes
    assert [(bar.get_x(), bar.get_width()) for bar in bars(axis)] == [(0, 30), (30, 15), (45, 5)]
    assert words(axis.get_legend().get_texts()) == ["right: 30", "read wrong: 15", "not found: 5"]
    assert axis.get_xlim() == (0, 50) and labels(axis)[:2] == ("fifty", "questions")
