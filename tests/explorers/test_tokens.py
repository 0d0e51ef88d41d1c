"""The tokens explorer: ids, tokens and the end of every step are the library's; what is shown can be read."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from helpers import checkpoints, explore, show
from helpers.explorers import tokens as explorer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "reference"))
from tokenizer_texts import FAMILIES, TEXTS

FAMILY = "👩‍👩‍👧"


@pytest.fixture(scope="module")
def sources() -> dict[str, explorer.Source]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "offline")
        return {name: explorer.Source(name, one) for name, one in explorer.named(None).items()}


@pytest.fixture(scope="module")
def bpe(sources):
    return sources["BPE"]


def by_name(sources, text, **options):
    return {row["name"]: row for row in explorer.answer(list(sources.values()), text, **options)["rows"]}


# --- equal to the library -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*TEXTS, *(f"a {family}b" for family in FAMILIES)])
def test_every_word_s_steps_end_in_the_library_s_tokens(sources, text):
    text = explorer.answer([], text)["used"]
    for name, row in by_name(sources, text).items():
        library = sources[name].library.encode(text, add_special_tokens=False)
        assert [(t["token"], t["id"]) for t in row["tokens"]] == list(zip(library.tokens, library.ids, strict=True))
        assert [token for word in row["words"] for token in word["steps"]["end"]] == library.tokens
        for word in row["words"]:  # what the script replays from the steps leads to the same end
            assert replayed(word["steps"]) == word["steps"]["end"]


def replayed(steps: dict) -> list[str]:
    """The end of the steps as tokens.js comes to it."""
    if "merges" in steps:
        state = list(steps["start"])
        for at, _ in steps["merges"]:
            state[at : at + 2] = [state[at] + state[at + 1]]
        return state
    if "matches" in steps:
        taken = [("##" if a else "") + "".join(steps["word"][a:b]) for a, b, token in steps["matches"] if token]
        whole = steps["matches"] and steps["matches"][-1][2] is not None
        return taken if whole else steps["end"]
    if "edges" in steps:
        path = [steps["edges"][at] for at in steps["path"]]
        assert [edge[0] for edge in path] == [0, *(edge[1] for edge in path[:-1])]
        assert path[-1][1] == len(steps["word"])
        assert path[-1][3] == pytest.approx(sum(edge[2] for edge in path), abs=0.01 * len(path))  # rounded to 0.01
        assert path[-1][3] == min(total for _, end, _, total, _ in steps["edges"] if end == len(steps["word"]))
        return steps["end"] if "".join(steps["end"]) == "".join(steps["word"]) else []
    return steps["end"]


def test_gpt2_s_own_tokenizer():
    library = checkpoints.gpt2_tokenizer().backend_tokenizer
    source = explorer.Source("GPT-2", library)
    for text in (explorer.answer([], text)["used"] for text in TEXTS):
        row, found = source.row(text), library.encode(text)
        assert [t["id"] for t in row["tokens"]] == found.ids
        assert [token for word in row["words"] for token in word["steps"]["end"]] == found.tokens
    (shown,) = [t["shown"] for t in source.row(f"a {FAMILY}")["tokens"]][1:2]
    assert shown == "␣ F0 9F 91"  # a space and the beginning of the first emoji are one token


def test_every_rank_beside_a_merge_is_known_and_the_merged_one_is_lowest(bpe):
    steps = bpe.steps("Ġunbelievable")
    ranks, state = {(a, b): rank for a, b, rank in steps["ranks"]}, list(steps["start"])
    for at, rank in steps["merges"]:
        there = {i: ranks[pair] for i, pair in enumerate(pairwise(state)) if pair in ranks}
        assert there[at] == rank == min(there.values())
        state[at : at + 2] = [state[at] + state[at + 1]]
    assert not [pair for pair in pairwise(state) if pair in ranks]


def test_a_tokenizer_s_own_padding_and_truncation_are_left_alone(sources):
    padded = Tokenizer.from_str(sources["WordPiece"].library.to_str())
    padded.enable_padding(length=50)
    padded.enable_truncation(3)
    row = explorer.Source("mine", padded).row("one two three four five six")
    assert [token["token"] for token in row["tokens"]] == ["one", "two", "three", "four", "five", "six"]
    assert padded.padding and padded.truncation


def trained(model, pre_tokenizer, trainer, normalizer=None) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(["the kind king is kindness, the kindest"] * 3 + ["unkind words"], trainer)
    return tokenizer


OTHERS = {
    "letters": trained(
        models.BPE(), pre_tokenizers.Whitespace(), trainers.BpeTrainer(vocab_size=40, show_progress=False)
    ),
    "with an ending": trained(
        models.BPE(end_of_word_suffix="</w>", unk_token="<unk>"),
        pre_tokenizers.Whitespace(),
        trainers.BpeTrainer(vocab_size=60, end_of_word_suffix="</w>", special_tokens=["<unk>"], show_progress=False),
    ),
    "two pre-tokenizers": trained(
        models.BPE(),
        pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False)]),
        trainers.BpeTrainer(vocab_size=300, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
        normalizers.NFC(),
    ),
    "byte fallback": Tokenizer(
        models.BPE(
            {**{f"<0x{byte:02X}>": byte for byte in range(256)}, "▁": 256, "a": 257, "▁a": 258},
            [("▁", "a")],
            byte_fallback=True,
        )
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_kinds_of_bpe_are_stepped_through_as_well(name):
    row = explorer.Source(name, OTHERS[name]).row("kind kindness" if "byte" not in name else "▁aé")
    library = OTHERS[name].encode("kind kindness" if "byte" not in name else "▁aé")
    assert row["words"] and [t["token"] for t in row["tokens"]] == library.tokens
    assert [token for word in row["words"] for token in word["steps"]["end"]] == library.tokens
    if name == "byte fallback":
        assert [t["shown"] for t in row["tokens"]] == ["▁a", "C3", "A9"]
        assert row["groups"] == [(1, 2, "é")]


def test_without_steps_there_still_are_tokens():
    words = Tokenizer(models.WordLevel({"tea": 0, "[UNK]": 1}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    row = explorer.Source("words", words).row("tea time")
    assert [t["token"] for t in row["tokens"]] == ["tea", "[UNK]"] and row["words"] == []
    assert {t["word"] for t in row["tokens"]} == {-1}
    odd = Tokenizer(
        models.WordPiece({"kind": 0, "@@ness": 1, "[UNK]": 2}, unk_token="[UNK]", continuing_subword_prefix="@@")
    )
    row = explorer.Source("odd", odd).row("kindness")
    assert [t["token"] for t in row["tokens"]] == ["kind", "@@ness"]
    assert row["words"] == []  # the reference's steps end in [UNK]: not shown


# --- what is shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b" kind", "␣kind"),
        (" né".encode(), "␣né"),
        (b" \xf0\x9f", "␣ F0 9F"),
        (b"\x8d", "8D"),
        (b"\xa9a", "A9 a"),
        ("\u0301".encode(), "◌\u0301"),
        ("\u200d".encode(), "U+200D"),
        (b"\n\t", "⏎⇥"),
        (b"\x00", "U+0000"),
        (FAMILY.encode(), FAMILY),
        (b"", ""),
        (b"\\xf0", "\\xf0"),
    ],
)
def test_readable_bytes(raw, shown):
    assert explorer.readable(raw) == shown


def test_a_family_s_bytes_stand_under_the_family(bpe):
    text = f"a {FAMILY}, cafe\u0301 雨 שלום"
    row = bpe.row(text)
    under = {
        label: bytes.fromhex("".join(t["bytes"] for t in row["tokens"][first : last + 1]))
        for first, last, label in row["groups"]
    }
    assert under[FAMILY].strip() == FAMILY.encode()
    assert under["雨"].strip() == "雨".encode()
    assert any(label.endswith("e\u0301") for label in under)
    assert b"".join(bytes.fromhex(t["bytes"]) for t in row["tokens"]) == text.encode()
    assert all(t["shown"].isprintable() and t["shown"].strip() for t in row["tokens"])


def test_places_cover_the_text(sources):
    text = "Crème brûlée, 我的!"
    for row in by_name(sources, text).values():
        covered = {at for token in row["tokens"] for at in range(token["start"], token["end"])}
        assert covered >= {at for at, character in enumerate(text) if not character.isspace()}


def test_cuts_are_compared(sources):
    rows = explorer.answer([sources["BPE"], sources["BPE"], sources["Unigram"]], "An unbelievable kindness")["rows"]
    assert rows[1]["shared"] == rows[1]["cuts"] == rows[0]["cuts"] == len(rows[0]["tokens"]) - 1
    assert not any(t["alone"] for row in rows[:2] for t in row["tokens"])
    assert 2 <= rows[2]["shared"] < rows[2]["cuts"]
    assert sum(t["alone"] for t in rows[2]["tokens"]) == rows[2]["cuts"] - rows[2]["shared"]
    (single,) = explorer.answer([sources["BPE"]], "An unbelievable kindness")["rows"]
    assert not any(t["alone"] for t in single["tokens"])


def test_cost(sources):
    cost = by_name(sources, "tea " * 25)["WordPiece"]["cost"]
    assert (cost["tokens"], cost["characters"], cost["per_character"]) == (25, 100, 0.25)
    assert "price" not in cost and "price" not in explorer.cost_line(cost)
    cost = by_name(sources, "tea " * 25, price=4.0)["WordPiece"]["cost"]
    assert cost["price"] == pytest.approx(250 * 4.0 / 1e6, rel=1e-12)
    assert "250 per 1,000 characters, at a price of 0.001" in explorer.cost_line(cost)
    assert by_name(sources, "")["BPE"]["cost"]["per_character"] == 0


def test_a_long_text_is_cut_between_graphemes_and_says_so(bpe):
    found = explorer.answer([bpe], "x" * 398 + FAMILY + "y")
    assert found["used"] == "x" * 398
    assert found["notice"] == "Only the first 398 of 404 characters are used."
    assert explorer.answer([bpe], "x" * 400)["notice"] == ""
    assert len(explorer.answer([bpe], "x" * 401)["used"]) == 400
    assert len(explorer.answer([bpe], "a" + "\u0301" * 500)["used"]) == 400  # one grapheme: cut all the same


class OwnCut:
    def pre_tokenize(self, pieces):
        pieces.split(lambda _, piece: [piece])


def test_a_tokenizer_with_parts_in_python_is_refused():
    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.PreTokenizer.custom(OwnCut())
    with pytest.raises(ValueError, match="mine has parts written in Python"):
        explore.tokens("a", {"mine": own})


@pytest.mark.parametrize(
    ("text", "tokenizers", "message"),
    [
        ("a \ud83d", OTHERS["letters"], "lone surrogate"),
        (3, None, "must be a string, not int"),
        ("a", 3, "must be a fast tokenizer"),
        ("a", {}, "at least one"),
        ("a", [], "at least one"),
        ("a", {"mine": str.split}, "^mine must be a fast tokenizer"),
    ],
)
def test_bad_input_is_one_clear_error(text, tokenizers, message):
    with pytest.raises(ValueError, match=message):
        explore.tokens(text, tokenizers)


def test_one_several_or_named():
    assert list(explorer.named(OTHERS["letters"])) == ["tokenizer 1"]
    assert list(explorer.named([OTHERS["letters"]] * 2)) == ["tokenizer 1", "tokenizer 2"]
    assert list(explorer.named({"mine": OTHERS["letters"]})) == ["mine"]
    assert list(explorer.named("gpt2")) == ["gpt2"]
    assert explorer.named("gpt2")["gpt2"].backend_tokenizer.decoder.__class__ is decoders.ByteLevel


def test_the_small_unigram_is_the_same_every_time():
    again = explorer.small_unigram.__wrapped__()
    assert again.to_str() == explorer.small_unigram().to_str()


# --- the output -----------------------------------------------------------------------------------------


def shown(monkeypatch, *arguments, kernel=True):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1) if kernel else None)
    return explore.tokens(*arguments)


def test_the_bundle_has_a_live_and_two_static_forms(monkeypatch):
    first, again = (shown(monkeypatch, "a kindness", OTHERS["letters"]) for _ in range(2))
    data = first._repr_mimebundle_()[0]
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"}
    assert repr(first) == repr(again) == data["text/plain"]
    assert "rank 0" in data["text/plain"] and "rank 0" in data["text/html"]
    assert "per 1,000 characters" in data["text/plain"]
    assert "<script" not in data["text/html"] and "http" not in data["text/html"]
    json.dumps(first.data)
    assert isinstance(shown(monkeypatch, "a", OTHERS["letters"], kernel=False), show.Static)


def test_static_steps_of_all_three(sources):
    text = explorer.static(explorer.answer(list(sources.values()), "a kindnesses")).text
    for name, row in by_name(sources, "a kindnesses").items():
        lines = explorer.trace(row["words"][-1]["steps"])
        assert name in text and all(f"|{'|'.join(line)}|" in text for line in lines.values())
        last = list(lines.values())[-1]
        tokens = [t["shown"] for t in row["tokens"] if t["word"] == len(row["words"]) - 1]
        assert last[-1:] == tokens[-1:]
        assert name == "WordPiece" or last == tokens


def test_html_in_a_text_is_text(sources):
    html = explorer.static(explorer.answer(list(sources.values()), "<b>x</b>")).html
    assert "<b>" not in html


def test_typing_is_answered(monkeypatch):
    view = shown(monkeypatch, "a kindness", {"mine": OTHERS["letters"]}, 2.0)
    view.state = {"text": "kind", "ask": 1}
    assert view.reply["ask"] == 1 and view.reply["used"] == "kind"
    assert [t["token"] for t in view.reply["rows"][0]["tokens"]] == OTHERS["letters"].encode("kind").tokens
    assert "price" in view.reply["rows"][0]["cost"]
    view.state = {"text": "\ud800", "ask": 2}
    assert view.note.startswith("ValueError: U+D800") and view.reply["ask"] == 1
    view.state = {"text": "king", "ask": 3}
    assert view.note == "" and view.reply["ask"] == 3


ON_COLAB = """
from tokenizers import Tokenizer, models
from helpers import explore
view = explore.tokens("ab ab", Tokenizer(models.BPE({"a": 0, "b": 1, " ": 2, "ab": 3}, [("a", "b")])))
formatted(view)
view.state = {"text": "ba", "ask": 1}
print(view.reply["rows"][0]["cost"]["tokens"])
"""


def test_all_three_forms_with_colabs_versions(on_colab):
    assert on_colab(ON_COLAB) == "2"
