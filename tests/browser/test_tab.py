"""What explorers get from the model in the tab, beside what Python hands them: the tour's trace, and the protocol."""

from __future__ import annotations

import numpy as np
import pytest
from families import tiny as family
from transformers import AutoModelForSequenceClassification

from helpers import checkpoints
from helpers.explorers import engine as packing
from helpers.explorers import model as explorer
from helpers.explorers import tab

from .engine import engine_page, numbers

TEXTS = {
    "next": "The old man opened the door and",
    "fill": "The old woman opened the [MASK], and the cat ran out.",
    "classes": "What a fine story it was",
    "bytes": "A cat of 5 \u20ac saw \U0001f600",
    "long": "The old man opened the door and looked out, and there stood the king with all of his men again, who sang",
}
TRACE = """async ([folder, text]) => {
  const { tracer } = await import("/explorers/tab/model.js");
  return packed(await (await tracer(await engine_of(folder), folder)).trace(text));
}"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    found = {kind: checkpoints.load(key, None) for kind, key in (("next", "gpt2"), ("fill", "masked"))}
    found = {kind: (one.model, one.tokenizer) for kind, one in found.items()}
    tokenizer = found["fill"][1]
    classifier = family(
        "bert", AutoModelForSequenceClassification, len(tokenizer), id2label={0: "bad", 1: "fair", 2: "good"}
    )
    found["classes"] = (classifier, tokenizer)
    folder = tmp_path_factory.mktemp("classes")
    for part in found["classes"]:
        part.save_pretrained(folder)
    return found, {"next": tab.ASSETS / "storybook-gpt2", "fill": tab.ASSETS / "storybook-bert", "classes": folder}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_trace_is_pythons(browser, models, kind):
    """Each name and each number. The planted faults: another token's lane is read at the end; bytes alone."""
    found, folders = models
    text, kind = TEXTS[kind], kind if kind in found else "next"
    wanted = explorer.Tracer(*found[kind]).trace(text)
    with engine_page(browser, {kind: folders[kind]}) as page:
        trace = page.evaluate(TRACE, [kind, text])
    assert set(trace) == set(wanted)

    def compare(one, other, path):
        if isinstance(other, dict) and "data" in other:
            assert one["shape"] == other["shape"], path
            np.testing.assert_allclose(
                numbers(one["data"], *one["shape"]), explorer.numbers(other), atol=2e-4, err_msg=path
            )
        elif isinstance(other, dict):
            assert set(one) == set(other), path
            for name in other:
                compare(one[name], other[name], f"{path}.{name}")
        elif path.endswith((".likely", ".names")):  # the first ones: far behind, two logits may be nearly equal
            assert one[:12] == other[:12] and len(one) == len(other), path
        elif isinstance(other, list):
            assert len(one) == len(other), path
            for i, (left, right) in enumerate(zip(one, other, strict=True)):
                compare(left, right, f"{path}[{i}]")
        elif isinstance(other, float):
            assert one == pytest.approx(other, abs=1e-4), path
        elif path != ".model":
            assert one == other, path

    compare(trace, wanted, "")


PROTOCOL = """async () => {
  const { tabModel } = await import("/explorers/tab/mount.js");
  const heard = [], asked = [];
  let finish;
  const model = tabModel({ data: { a: 1 }, note: "first", answer: async (state) => {
    asked.push(state.ask);
    if (state.text === "bad") throw new Error("One sentence.");
    if (state.text === "slow") await new Promise((done) => { finish = done; });
    return [{ told: state.text }, ""];
  } });
  for (const name of ["reply", "note", "state"]) model.on(`change:${name}`, () => heard.push(name));
  const settled = () => new Promise((done) => setTimeout(done, 20));
  const ask = (text, ask) => { model.set("state", { text, ask }); model.save_changes(); };
  const start = [model.get("data").a, model.get("note"), model.get("live")];
  ask("x", 1); await settled();
  const first = [model.get("reply"), model.get("note"), heard.splice(0)];
  ask("bad", 2); await settled();
  const second = [model.get("reply").ask, model.get("note"), heard.splice(0)];
  ask("slow", 3); ask("y", 4); await settled();
  const before = [...asked];
  finish(); await settled();
  model.save_changes(); await settled();
  return { start, first, second, before, asked, last: model.get("reply") };
}"""


def test_a_model_of_the_tab_keeps_anywidgets_protocol(browser):
    """One answer at a time, in order; an error is the note; what was saved once is not asked again.

    The planted fault: answers that do not wait for each other.
    """
    with engine_page(browser, {}) as page:
        found = page.evaluate(PROTOCOL)
    assert found["start"] == [1, "first", True]
    assert found["first"] == [{"ask": 1, "told": "x"}, "", ["state", "reply", "note"]]
    assert found["second"] == [1, "One sentence.", ["state", "note"]]
    assert found["before"] == [1, 2, 3] and found["asked"] == [1, 2, 3, 4]
    assert found["last"] == {"ask": 4, "told": "y"}


def test_only_a_bundled_model_is_marked(models):
    """The planted faults: one weight is another; another name; a model that is not bundled."""
    found, _ = models
    gpt2, tokenizer = found["next"]
    assert tab.bundled(gpt2, tokenizer) == "storybook-gpt2" and tab.bundled(*found["fill"]) == "storybook-bert"
    assert tab.bundled(*found["classes"]) is None
    assert tab.bundled(gpt2, found["fill"][1]) is None
    weight = gpt2.transformer.h[3].mlp.c_fc.weight.data
    kept = weight[0, 0].item()
    try:
        weight[0, 0] += 1e-3
        assert tab.bundled(gpt2, tokenizer) is None
    finally:
        weight[0, 0] = kept


def test_a_zipped_checkpoint_comes_out_as_it_went_in(browser):
    """Whatever its length is. The planted fault: the padding is kept, and then a file cannot be unzipped."""
    contents = [bytes((7 * i * i + i) % 256 for i in range(size)) for size in (*range(1, 32), 5000)]
    written = [packing.fifteens(content) for content in contents]
    with engine_page(browser, {}) as page:
        read = """async (written) => Promise.all(engine.spelled(Object.fromEntries(written.entries()))
            .map(async (file) => [...new Uint8Array(await file.arrayBuffer())]))"""
        assert [bytes(one) for one in page.evaluate(read, written)] == contents
        page.evaluate(packing.packed(tab.ASSETS / "storybook-bert", "x"))
        sizes = page.evaluate(
            """async () => Object.fromEntries(
            (await engine.unzipped(engine.spelled(courseFiles.x))).map((file) => [file.name, file.size]))"""
        )
    assert sizes == {name: (tab.ASSETS / "storybook-bert" / name).stat().st_size for name in packing.FILES}
