"""The curves of a training: drawn is what was logged, in one output, whose last frame outlives the kernel."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import explore, show
from helpers.explorers import training as explorer
from helpers.explorers.training import Curve

NEVER = 1e9


def fed(points: int = 30, **options) -> Curve:
    """A curve with a noisy loss, a validation loss and a learning rate."""
    curve = Curve("Fit", **options)
    curve._drawn = float("inf")  # nothing is drawn on the way
    for step in range(points):
        curve.add("learning rate", step, 1e-4 * (1 - step / points))
        curve.add("training", step, 1 / (1 + step) + 0.1 * (step % 3))
        if step % 10 == 9:
            curve.add("validation", step, 0.9 - step / 100)
    return curve


class Shown:
    """Stands for the front end: the one output, and every bundle that it was given."""

    def __init__(self, monkeypatch):
        import IPython

        self.bundles, self.outputs, self.closed = [], 0, 0
        monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1))
        monkeypatch.setattr("IPython.display.display", self.display)
        monkeypatch.setattr(show.live_view(), "close", self.close)

    def close(self, *_):
        self.closed += 1

    def display(self, item, display_id=None):
        assert display_id is True
        self.outputs += 1
        self.update(item)
        return self

    def update(self, item):
        bundle = item._repr_mimebundle_()
        self.bundles.append(bundle[0] if isinstance(bundle, tuple) else bundle)


@pytest.fixture
def shown(monkeypatch):
    return Shown(monkeypatch)


# --- while it runs ----------------------------------------------------------------------------------


def test_one_output_is_live_while_it_runs_and_static_at_the_end(shown):
    with explore.training(title="Fit", seconds=0) as curve:
        for step in range(6):
            curve.add("training", step, 1 - step / 10)
        assert len(shown.bundles) == 1 and show.LIVE_VIEW in shown.bundles[0]  # points go to the same view: no flicker
        assert np.array_equal(np.frombuffer(curve._shown.data["series"][0]["values"]), curve.series["training"][1])
    assert shown.outputs == 1 and shown.closed == 1
    assert set(shown.bundles[-1]) == {"text/html", "text/plain"}  # a live view would be blank without its kernel
    assert shown.bundles[-1]["text/plain"] == curve.sentence() == repr(curve)


def test_redraws_are_rare_but_the_last_frame_has_every_point(shown, monkeypatch):
    now, drawn = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with explore.training(title="Fit", seconds=10) as curve:
        for step in range(100):
            now[0] = float(step)
            curve.add("training", step, 1.0)
            drawn.append(len(curve._shown.data["series"][0]["values"]) // 8)
    assert sorted(set(drawn)) == [1, 11, 21, 31, 41, 51, 61, 71, 81, 91]
    assert "100 points" in shown.bundles[-1]["text/plain"] and "<td>99</td>" in shown.bundles[-1]["text/html"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupt_keeps_the_last_frame_and_goes_on(shown, error):
    with pytest.raises(error), explore.training(title="Fit", seconds=NEVER) as curve:
        curve.add("training", 0, 0.7)
        curve.add("training", 1, 0.6)
        raise error
    assert "falls from about 0.70 to about 0.60" in shown.bundles[-1]["text/plain"]
    assert show.LIVE_VIEW not in shown.bundles[-1] and shown.outputs == 1


def test_without_anywidget_the_static_form_is_updated(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    show.live_view.cache_clear()
    try:
        with explore.training(title="Fit", seconds=0) as curve:
            for step in range(3):
                curve.add("training", step, 1.0)
    finally:
        show.live_view.cache_clear()
    assert shown.outputs == 1 and len(shown.bundles) == 4
    assert all(set(bundle) == {"text/html", "text/plain"} for bundle in shown.bundles)


def test_without_points_nothing_is_shown(shown):
    with explore.training(title="Fit") as curve:
        pass
    assert not shown.bundles and curve.sentence() == "Fit: no points yet."


def test_outside_a_notebook_the_sentence_is_printed_once(capsys):
    with explore.training(title="Fit", seconds=0) as curve:
        curve.add("training", 0, 0.7)
        curve.add("training", 1, 0.6)
        curve.close()
    assert capsys.readouterr().out.splitlines() == [curve.sentence()]


def trained(curve, tmp_path, steps: int = 4):
    """A Trainer with a tiny model, whose log goes into the curve."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    )
    rows = [{"input_ids": [1, k, 2], "labels": k % 2} for k in range(3, 11)]
    arguments = TrainingArguments(
        str(tmp_path),
        max_steps=steps,
        per_device_train_batch_size=2,
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=2,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        learning_rate=1e-3,
    )
    trainer = Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, callbacks=[curve.callback()])
    trainer.train()
    return trainer.state.log_history


def test_trainers_numbers_arrive_through_a_callback(shown, tmp_path):
    curve = explore.training(title="Trainer", seconds=0)
    log = trained(curve, tmp_path)
    for name, key in (("training", "loss"), ("validation", "eval_loss"), ("learning rate", "learning_rate")):
        logged = [(row["step"], row[key]) for row in log if key in row]
        assert logged and list(zip(*curve.series[name])) == logged
    assert shown.outputs == 1 and show.LIVE_VIEW not in shown.bundles[-1]  # closed when the training ends
    assert explorer.read(log) == curve.series


# --- what it says -----------------------------------------------------------------------------------


def test_the_sentence_says_where_each_series_goes():
    curve = Curve("Fit", reference=(0.69, "a coin's loss"))
    curve.series = {
        "learning rate": ([0, 1, 2], [0, 1e-4, 2e-4]),
        "a": ([0, 1, 2], [0.9, 0.6, 0.3]),
        "b": ([0, 1, 2], [0.1, 0.4, 0.7]),
        "c": ([0, 1, 2], [0.5] * 3),
        "d": ([0], [0.25]),
    }
    assert curve.sentence() == (
        "Fit, loss by step: a falls from about 0.90 to about 0.30 over 3 points; "
        "b rises from about 0.10 to about 0.70 over 3 points; c stays near 0.50 over 3 points; "
        "d is at 0.25 after 1 point; learning rate between 0 and 0.0002. The line at 0.69 is a coin's loss."
    )


def test_the_sentence_says_where_a_short_series_turns():
    curve = Curve("Fit")
    curve.series["validation"] = [0, 1, 2], [0.54, 0.36, 0.49]
    assert curve.sentence() == (
        "Fit, loss by step: validation falls from about 0.54 to about 0.36 at point 2 of 3, then rises to about 0.49."
    )


LONG = np.linspace(0, 1, 100)
NOISE = 0.05 * np.random.default_rng(0).normal(size=100)
WAYS = {
    "falls from about 0.88 to about 0.32 over 100 points": 0.9 - 0.6 * LONG + NOISE,
    "rises from about 0.38 to about 0.82 over 100 points": 0.35 + 0.5 * LONG + NOISE,
    "stays near 0.62 over 100 points": 0.62 + 0.05 * (-1) ** np.arange(100),
    "falls from about 0.75 to about 0.49 at point 57 of 100, then rises to about 0.74": 0.5
    + 1.2 * (LONG - 0.5) ** 2
    + NOISE,
    "rises from about 0.26 to about 0.55 at point 47 of 100, then falls to about 0.24": 0.5
    - 1.2 * (LONG - 0.5) ** 2
    + NOISE,
    "stays near 0.50 over 5 points": [0.5] * 5,
    "falls from about 0.50 to about 0.20 at point 2 of 3, then rises to about 0.50": [0.5, 0.2, 0.5],
    "rises from about 0.50 to about 0.80 at point 2 of 3, then falls to about 0.50": [0.5, 0.8, 0.5],
    "falls from about 0.90 to about 0.40 over 3 points, and 2 are not numbers": [0.9, 0.6, 0.4, np.nan, np.inf],
    "is not a number at any of 2 points": [np.nan, np.nan],
}


@pytest.mark.parametrize("said", WAYS)
def test_the_sentence_says_whether_a_series_falls_rises_stays_or_turns(said):
    curve = Curve("Fit")
    curve.series["loss"] = list(range(len(WAYS[said]))), list(map(float, WAYS[said]))
    sentence = curve.sentence().removeprefix("Fit, loss by step: loss ")
    assert sentence == f"{said}."


# --- what it draws ----------------------------------------------------------------------------------


def drawn(curve) -> dict[str, np.ndarray]:
    """(steps, values) of every line in the static picture, by its label (no label: the values under a mean)."""
    lines = {}
    for axis in curve.figure().axes:
        for line in axis.lines if axis.get_visible() else []:
            name = line.get_label() if not line.get_label().startswith("_") else axis.get_title(loc="left") or "faint"
            lines[name] = np.array(line.get_data(), float)
    return lines


def test_the_picture_shows_the_logged_numbers():
    curve = fed(reference=(0.7, "half"))
    lines = drawn(curve)
    assert set(lines) == {"faint", "training (mean of the last 10)", "validation", "learning rate", "half"}
    for name, label in (("training", "faint"), ("validation", "validation"), ("learning rate", "learning rate")):
        assert np.array_equal(lines[label], curve.series[name])
    values = np.array(curve.series["training"][1])
    means = [values[max(0, k - 9) : k + 1].mean() for k in range(len(values))]
    assert np.allclose(lines["training (mean of the last 10)"][1], means)
    assert set(lines["half"][1]) == {0.7}


@pytest.mark.parametrize("names", [[], ["training"], ["learning rate"], ["training", "learning rate", "tokens"]])
def test_each_scale_has_a_strip_of_its_own(names):
    curve = Curve("Fit", below=("learning rate", "tokens"), reference=(0.5, "half"))
    curve.series = {name: ([0, 1], [1.0, 2.0]) for name in names}
    axes = [axis for axis in curve.figure().axes if axis.get_visible()]
    losses = ["training"] if "training" in names else []
    assert [axis.get_title(loc="left") for axis in axes] == [""] * len(losses) + [n for n in names if n not in losses]
    assert [axis.get_xlabel() for axis in axes][:-1] == [""] * (len(axes) - 1)
    assert not axes or axes[-1].get_xlabel() == "step"
    assert curve.static().html


def test_a_loss_that_is_no_number_leaves_a_gap():
    curve = Curve("Fit")
    curve.series["training"] = [0, 1, 2, 3, 4], [0.5, 0.4, float("nan"), float("inf"), 0.2]
    assert np.isfinite(drawn(curve)["training"][1]).tolist() == [True, True, False, False, True]
    assert "nan" in curve.static().html


def test_a_long_run_is_thinned_out_in_the_table_but_not_in_the_numbers():
    curve = Curve("Fit")
    curve.series["training"] = list(range(5001)), [1 / (k + 1) for k in range(5001)]
    curve.series["validation"] = [777, 5000], [0.5, 0.4]
    assert len(curve.data()["series"][0]["values"]) == 8 * 5001
    html = curve.static().html
    assert html.count("<tr>") < 220 and "one step in 26" in html and "<td>777</td>" in html
    assert len(html) < 120_000


def test_the_static_form_is_an_image_a_sentence_and_the_numbers():
    one, two = fed().static(), fed().static()
    assert (one.html, one.text) == (two.html, two.text)
    assert not re.search(r"<script|<svg|https?:", one.html)
    alt, image = re.search(r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)"', one.html).groups()
    assert alt == one.text == fed().sentence() and b64decode(image).startswith(b"\x89PNG")
    assert "<th>step</th><th>training</th><th>validation</th><th>learning rate</th>" in one.html
    assert "<tr><td>9</td><td>0.1</td><td>0.81</td><td>7e-05</td></tr>" in one.html
    assert "<tr><td>10</td><td>0.1909</td><td></td><td>6.667e-05</td></tr>" in one.html


def test_names_are_escaped():
    curve = Curve("<b>Fit</b>", reference=(1, '"half" & more'))
    curve.series["<i>"] = [0, 1], [1.0, 2.0]
    html = curve.static().html
    assert "<b>" not in html and "<i>" not in html and "&lt;i&gt;" in html


# --- a run that is over -----------------------------------------------------------------------------

LOG = [{"step": 1, "loss": 0.7, "learning_rate": 1e-4}, {"step": 2, "loss": 0.6}, {"step": 2, "eval_loss": 0.5}]
PAIRS = {"training": ([1, 2], [0.7, 0.6]), "validation": ([2], [0.5]), "learning rate": ([1], [1e-4])}


@pytest.mark.parametrize("log", [LOG, PAIRS])
def test_a_log_is_shown_live_with_its_static_form(shown, log):
    one, two = explore.training(log, "A run"), explore.training(log, "A run")
    data, _ = one._repr_mimebundle_()
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"} and repr(one) == repr(two) == data["text/plain"]
    assert data["text/plain"] == (
        "A run, loss by step: training falls from about 0.70 to about 0.60 over 2 points; "
        "validation is at 0.50 after 1 point; learning rate between 0.0001 and 0.0001."
    )
    assert [(s["name"], np.frombuffer(s["values"]).tolist()) for s in one.data["series"]] == [
        ("training", [0.7, 0.6]),
        ("validation", [0.5]),
        ("learning rate", [1e-4]),
    ]
    assert explore.training(fed())._repr_mimebundle_()[0]["text/plain"] == fed().sentence()


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ([], "Nothing is logged"),
        ([{"step": 1, "epoch": 1.0}], "Nothing is logged"),
        (Curve("Fit"), "Nothing is logged"),
        ({"a": ([1, 2], [1])}, "as many steps"),
        (3, "A log is"),
        (["loss"], "A log is"),
        ({"a": 3}, "A log is"),
        ("Fit", "A title goes by name"),
    ],
)
def test_what_is_no_log_is_one_clear_error(log, message):
    with pytest.raises(ValueError, match=message):
        explore.training(log)


def test_smooth_counts_points():
    with pytest.raises(ValueError, match="at least 1"):
        explore.training(smooth=0)
