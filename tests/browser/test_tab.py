"""The explorers in a tab: what JavaScript makes of a call is what Python sends to the view, in Chromium."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from reference.tokenizer_texts import FAMILIES, TEXTS, sentences, valid_text
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from helpers import checkpoints
from helpers.explorers import tokens

from .engine import HELPERS, collected, engine_page

TAB = HELPERS / "explorers" / "tab"
FOLDERS = {name: checkpoints.ASSETS / name for name in ("storybook-gpt2", "storybook-bert")}


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The engine's modules in a page, and `tab`: an engine that also has the checkpoints' files."""
    folder = tmp_path_factory.mktemp("gpt2-tokenizer")
    packed = checkpoints.ASSETS / "gpt2-tokenizer" / "tokenizer.json.gz"
    (folder / "tokenizer.json").write_bytes(gzip.decompress(packed.read_bytes()))
    with engine_page(browser, {**FOLDERS, "gpt2-tokenizer": folder}) as page:
        page.evaluate(OPEN)
        yield page


OPEN = """async () => {
  const worker = new Worker("/explorers/engine/model_worker.js", { type: "module" });
  const text = async (folder, name) => (await fetch(`/${folder}/${name}`)).text();
  window.tab = Object.assign(engine.start(worker), { file: text });
  window.open_view = async (call) => {
    window.view = await (await import(`/explorers/tab/${call.view}.js`)).open(tab, call);
    return { data: view.data, note: view.note };
  };
}"""


def plain(data) -> dict:
    """What arrives in a browser of Python's data: tuples are lists there, keys are strings."""
    return json.loads(json.dumps(data))


def same(ours, theirs, where: str = "") -> None:
    """Numbers within 1e-3, all else exactly."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), where
        for name in theirs:
            same(ours[name], theirs[name], f"{where}.{name}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for at, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
            same(mine, yours, f"{where}[{at}]")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, abs=1e-3), where
    else:
        assert (ours, type(ours)) == (theirs, type(theirs)), where


# --- tokens ---------------------------------------------------------------------------------------------


def trained(model, trainer, pre_tokenizer, normalizer=None) -> Tokenizer:
    made = Tokenizer(model)
    made.pre_tokenizer, made.normalizer = pre_tokenizer, normalizer
    made.train_from_iterator(["teams steam the kind king is kindness"] * 3, trainer)
    return made


def six_merges() -> Tokenizer:
    """Lesson 02's: it knows the letters of its words, and no other."""
    trainer = trainers.BpeTrainer(vocab_size=20, show_progress=False)
    return trained(models.BPE(), trainer, pre_tokenizers.WhitespaceSplit())


def steam() -> dict[str, Tokenizer]:
    """Lesson 03's two: a longest match and a cheapest path over the same tokens."""
    pieces = ["s", "t", "e", "a", "m", "st", "team", "eam", "ste"]
    both = ["[UNK]", *pieces, *("##" + piece for piece in pieces)]
    greedy = Tokenizer(models.WordPiece({piece: id_ for id_, piece in enumerate(both)}, unk_token="[UNK]"))
    cheapest = Tokenizer(models.Unigram([("<unk>", -99.0), *((p, -1.5 * k) for k, p in enumerate(pieces))], unk_id=0))
    greedy.pre_tokenizer = cheapest.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return {"longest match": greedy, "cheapest path": cheapest}


CALLS = {
    "the course's": lambda: {
        "GPT-2": checkpoints.gpt2_tokenizer(),
        "storybook-gpt2": str(FOLDERS["storybook-gpt2"]),
        "WordPiece": str(FOLDERS["storybook-bert"]),
        "Unigram": tokens.small_unigram(),
    },
    "lesson 02": lambda: {"six merges": six_merges()},
    "lesson 03": steam,
}
ANSWERS = "async (texts) => Promise.all(texts.map((text) => view.answer({ text })))"


@pytest.mark.parametrize("name", CALLS)
def test_tokens_are_pythons(page, name):
    """Fails with `end = start` for the lone ▁ left out, with pairs taken after each merge only, without `clusters`."""
    tokenizers, price = CALLS[name](), 2.5 if name == "the course's" else None
    sources = [tokens.Source(key, one) for key, one in tokens.named(tokenizers).items()]
    call = tokens.call_of("An unbelievable kindness 👍🏽", tokenizers, price)
    opened = page.evaluate("(call) => open_view(call)", plain(call))
    same(opened, {"data": plain(tokens.answer(sources, call["text"], price)), "note": ""})
    families = [f"a {family}b" for family in FAMILIES]
    long = "An emoji at the edge 👩‍👩‍👧 " * 17
    texts = [
        "",
        " ",
        "teams xst steam zé",
        "é" * 120,
        long,
        *TEXTS,
        *families,
        *sentences()[:20],
        *collected(valid_text, 60),
    ]
    for text, (reply, note) in zip(texts, page.evaluate(ANSWERS, texts), strict=True):
        same(reply, plain(tokens.answer(sources, text, price)), repr(text))
        assert note == ""


@pytest.mark.parametrize("path", sorted(TAB.glob("*.js")), ids=lambda p: p.stem)
def test_a_file_can_be_read(path: Path):
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 200 and max(map(len, lines)) <= 160
