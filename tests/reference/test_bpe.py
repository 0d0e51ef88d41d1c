"""The reference BPE against `tokenizers`: merges, ids, text; and against GPT-2's own files where they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from helpers.reference import bpe

END = "<|endoftext|>"
TEXTS = [
    "The rain it raineth on the just and also on the unjust fella, but chiefly on the just.",
    "It's raining, isn't it? We'll wait; they've waited since 1899, she'd say. I'm sure you're RIGHT, it'S",
    "the thin thing, the thick thing, then the other thing   and  so on\n\n\tthe end \n",
    "naïve café, Straße, 東京は雨です。 Привет! 👩‍👩‍👧 café ½ ² Ⅷ ١٢٣",
    "aaaa aaa aa a aaaaa banana bananas bandana",
    "!!! ... --- ''' 'll 'LL 12345678 a1b2 \u00a0x \u3000y \u00adz",
]
# Python, regex and tokenizers carry Unicode tables of different years: a character that is not assigned in
# Python's may be a letter for one of the others and not for the other. Only assigned ones are compared.
ANY_TEXT = st.text()
KNOWN_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cn")))


def library_training(texts: list[str], vocab_size: int, special_tokens: tuple[str, ...] = ()) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=list(special_tokens),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def merges_and_vocab(tokenizer: Tokenizer) -> tuple[list[tuple[str, str]], dict[str, int]]:
    model = json.loads(tokenizer.to_str())["model"]
    return [tuple(pair) for pair in model["merges"]], model["vocab"]


@pytest.fixture(scope="module")
def trained() -> bpe.BPE:
    return bpe.train(TEXTS, 400, (END,))


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    return library_training(TEXTS, 400, (END,))


def test_alphabet_is_the_library_s() -> None:
    assert sorted(bpe.BYTE_OF) == sorted(pre_tokenizers.ByteLevel.alphabet())
    assert bpe.spell(" né\n") == ("Ġ", "n", "Ã", "©", "Ċ")
    assert all(character.isprintable() and not character.isspace() for character in bpe.BYTE_OF)


@pytest.mark.parametrize("text", TEXTS)
def test_split_is_the_library_s(text: str) -> None:
    ours = ["".join(bpe.spell(piece)) for piece in bpe.split(text)]
    theirs = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    assert ours == [piece for piece, _ in theirs]


def test_counts_by_hand() -> None:
    words = {("t", "e", "a"): 5, ("a", "a", "a"): 2}
    assert bpe.count_pairs(words) == {("t", "e"): 5, ("e", "a"): 5, ("a", "a"): 4}
    assert bpe.count_pairs({}) == {} and bpe.count_pairs({("a",): 3}) == {}


def test_merge_by_hand() -> None:
    assert bpe.merge(("a", "a", "a"), ("a", "a")) == ("aa", "a")
    assert bpe.merge(("a", "b", "a", "b", "c"), ("a", "b")) == ("ab", "ab", "c")
    assert bpe.merge(("b", "a"), ("a", "b")) == ("b", "a")


def test_a_tie_goes_to_the_lowest_ids() -> None:
    vocab = {"z": 0, "a": 1, "b": 2}
    pairs = {("a", "b"): 3, ("z", "b"): 3, ("z", "a"): 3, ("b", "b"): 1}
    assert bpe.most_frequent(pairs, vocab) == ("z", "a")


def test_words_of_the_lesson_against_the_library() -> None:
    frequencies = {"tea": 5, "team": 3, "steam": 2, "seat": 4}
    words = {tuple(word): n for word, n in frequencies.items()}
    merges = bpe.learn_merges(words, {letter: id_ for id_, letter in enumerate("aemst")}, 99)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator(
        [" ".join([word] * n) for word, n in frequencies.items()],
        trainers.BpeTrainer(vocab_size=99, show_progress=False),
    )
    assert merges == merges_and_vocab(tokenizer)[0]
    assert ["".join(pair) for pair in merges] == ["ea", "tea", "team", "sea", "seat", "steam"]


@pytest.mark.parametrize("special_tokens", [(), (END,), ("<a>", "<b>")])
def test_training_equals_the_library(special_tokens: tuple[str, ...]) -> None:
    ours = bpe.train(TEXTS, 420, special_tokens)
    merges, vocab = merges_and_vocab(library_training(TEXTS, 420, special_tokens))
    assert len(merges) > 100
    assert ours.merges == merges
    assert ours.vocab == vocab


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(KNOWN_TEXT, st.text("ab "), st.text("abcd \n'")), max_size=6))
def test_training_equals_the_library_on_any_texts(texts: list[str]) -> None:
    ours = bpe.train(texts, 256 + 30)
    merges, vocab = merges_and_vocab(library_training(texts, 256 + 30))
    assert ours.merges == merges
    assert ours.vocab == vocab


def test_words_that_become_equal_add_up() -> None:
    """Only for words that are given in different spellings; `train` spells a piece in one way."""
    words = {("x", "a", "b"): 2, ("x", "ab"): 1, ("x", "z"): 2}
    vocab = {token: id_ for id_, token in enumerate(["a", "b", "ab", "x", "z"])}
    assert bpe.learn_merges(words, vocab, 6) == [("a", "b"), ("x", "ab")]


def test_training_stops_when_no_pair_is_left() -> None:
    ours = bpe.train(["ab ab"], 1000)
    assert ours.merges == [("a", "b"), ("Ġ", "ab")]


def test_a_vocabulary_smaller_than_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="257"):
        bpe.train(["a"], 256, (END,))


@pytest.mark.parametrize(
    "text", [*TEXTS, "", " ", f"one{END}two {END}", END * 2, "<|endoftext|", "unseen Wörter, ok?"]
)
def test_encoding_equals_the_library(text: str, trained: bpe.BPE, library: Tokenizer) -> None:
    theirs = library.encode(text)
    assert trained.encode(text) == theirs.ids
    assert trained.tokenize(text) == theirs.tokens
    assert trained.decode(theirs.ids) == text == library.decode(theirs.ids, skip_special_tokens=False)


@settings(max_examples=300, deadline=None)
@given(st.one_of(KNOWN_TEXT, st.text("aben th'\n1.")))
def test_encoding_equals_the_library_on_any_text(trained: bpe.BPE, library: Tokenizer, text: str) -> None:
    assert trained.encode(text) == library.encode(text).ids


def test_special_tokens_may_hold_anything_and_the_longest_wins() -> None:
    special_tokens = ("<end>", "<end> é", "<a")
    ours, theirs = (train(TEXTS, 300, special_tokens) for train in (bpe.train, library_training))
    text = "one<end> é<end> two<a>"
    assert ours.encode(text) == theirs.encode(text).ids
    ids = ours.encode(text)
    assert ours.decode(ids) == text == theirs.decode(ids, skip_special_tokens=False)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_round_trip(trained: bpe.BPE, text: str) -> None:
    assert trained.decode(trained.encode(text)) == text
    assert "".join(bpe.split(text)) == text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 399), max_size=12))
def test_decoding_any_ids_equals_the_library(trained: bpe.BPE, library: Tokenizer, ids: list[int]) -> None:
    ids = [id_ for id_ in ids if id_ < len(trained.vocab)]
    assert trained.decode(ids) == library.decode(ids, skip_special_tokens=False)


def test_ids_equal_the_library_when_two_merges_make_one_token() -> None:
    """Then one occurrence at a time (the library, and we) and all occurrences at once differ."""
    merges = [("b", "c"), ("a", "b"), ("ab", "c"), ("abc", "a"), ("a", "bc")]
    vocab = {token: id_ for id_, token in enumerate(["a", "b", "c", "bc", "ab", "abc", "abca"])}
    ours, theirs = bpe.BPE(vocab, merges), Tokenizer(models.BPE(vocab=vocab, merges=merges))
    assert ours.tokenize("abcabc") == theirs.encode("abcabc").tokens == ["abca", "bc"]


def test_steps_tell_every_merge(trained: bpe.BPE) -> None:
    piece = " thing"
    word = bpe.spell(piece)
    steps = trained.steps(piece)
    assert steps
    for step in steps:
        assert trained.merges[step.rank] == step.pair
        assert len(step.word) == len(word) - 1 and "".join(step.word) == "".join(word)
        word = step.word
    assert list(word) == trained.tokenize(piece)
    assert trained.steps("") == [] and trained.steps("q") == []


@pytest.mark.parametrize("text", ["\ud83d", "ok \udc9b ok", "a\ud800"])
def test_a_lone_surrogate_is_one_clear_error(text: str, trained: bpe.BPE) -> None:
    for call in (trained.encode, lambda text: bpe.train([text], 300)):
        with pytest.raises(ValueError, match="lone surrogate") as caught:
            call(text)
        assert f"U+{ord(max(text)):04X}" in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__   # one error, not a chain
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")   # the error's own advice
    assert trained.decode(trained.encode(mended)) == mended


def test_an_unknown_id_is_a_key_error(trained: bpe.BPE) -> None:
    with pytest.raises(KeyError):
        trained.decode([10**6])


def test_from_json_reads_the_library_s_file(library: Tokenizer, trained: bpe.BPE) -> None:
    read = bpe.BPE.from_json(library.to_str())
    assert (read.vocab, read.merges, read.special_tokens) == (trained.vocab, trained.merges, (END,))
    old_style = json.loads(library.to_str())
    old_style["model"]["merges"] = [" ".join(pair) for pair in old_style["model"]["merges"]]
    assert bpe.BPE.from_json(json.dumps(old_style)).merges == trained.merges


@pytest.mark.parametrize("change", ["type", "prefix", "none"])
def test_from_json_refuses_what_it_would_read_wrongly(library: Tokenizer, change: str) -> None:
    file = json.loads(library.to_str())
    if change == "type":
        file["model"]["type"] = "WordPiece"
    elif change == "prefix":
        file["pre_tokenizer"]["add_prefix_space"] = True
    else:
        file["pre_tokenizer"] = None
    with pytest.raises(ValueError, match="byte-level BPE"):
        bpe.BPE.from_json(json.dumps(file))


# --- storybook-gpt2's tokenizer, as the lessons load it ----------------------------------------------------


@pytest.fixture(scope="module")
def bundled():
    from helpers import checkpoints

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "offline")
        return checkpoints.tokenizer("gpt2")


@pytest.fixture(scope="module")
def read(bundled) -> bpe.BPE:
    return bpe.BPE.from_json(bundled.backend_tokenizer.to_str())


@pytest.mark.parametrize("text", [*TEXTS, f"The end.{END}"])
def test_bundled_ids_and_text(bundled, read: bpe.BPE, text: str) -> None:
    ids = bundled(text)["input_ids"]
    assert read.encode(text) == ids
    assert read.decode(ids) == bundled.decode(ids) == text


@settings(max_examples=200, deadline=None)
@given(text=KNOWN_TEXT)
def test_bundled_ids_of_any_text(bundled, read: bpe.BPE, text: str) -> None:
    assert read.encode(text) == bundled(text)["input_ids"]


def test_bundled_makes_no_token_twice(read: bpe.BPE) -> None:
    """So that merging one occurrence at a time and all at once, as GPT-2's own code does, agree."""
    assert len({left + right for left, right in read.merges}) == len(read.merges)


# --- GPT-2's own vocabulary and merges, where they are at hand ---------------------------------------------

COURSE_DATA = Path(os.environ.get("COURSE_DATA", "no such folder"))
FILES = [COURSE_DATA / "gpt2_tokenizer" / name for name in ("vocab.json", "merges.txt")]
with_gpt2_files = pytest.mark.skipif(
    not all(file.is_file() for file in FILES),
    reason="COURSE_DATA is not set to a folder with gpt2_tokenizer/vocab.json and gpt2_tokenizer/merges.txt",
)


@pytest.fixture(scope="module")
def gpt2_library() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE.from_file(*map(str, FILES)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


@pytest.fixture(scope="module")
def gpt2_ours() -> bpe.BPE:
    vocab, merges = (file.read_text(encoding="utf-8") for file in FILES)
    return bpe.BPE(json.loads(vocab), [tuple(line.split(" ")) for line in merges.split("\n")[1:] if line])


@with_gpt2_files
def test_gpt2_known_ids(gpt2_ours: bpe.BPE) -> None:
    assert gpt2_ours.encode("Hello world") == [15496, 995]


@with_gpt2_files
def test_gpt2_ids_of_many_paragraphs(gpt2_library: Tokenizer, gpt2_ours: bpe.BPE) -> None:
    """The texts of the course's own documents and sources: prose, code, tables, accents."""
    root = Path(__file__).parents[2]
    files = [*root.glob("*.md"), *root.glob("helpers/**/*.py"), *root.glob("helpers/assets/**/*.jsonl")]
    paragraphs = [part for file in files for part in file.read_text(encoding="utf-8").split("\n\n")]
    paragraphs = sorted(paragraphs, key=len)[:3000] + TEXTS
    assert len(paragraphs) > 200
    for paragraph, theirs in zip(paragraphs, gpt2_library.encode_batch(paragraphs), strict=True):
        assert gpt2_ours.encode(paragraph) == theirs.ids
        assert gpt2_ours.decode(theirs.ids) == paragraph


@with_gpt2_files
@settings(max_examples=200, deadline=None)
@given(text=KNOWN_TEXT)
def test_gpt2_ids_of_any_text(gpt2_library: Tokenizer, gpt2_ours: bpe.BPE, text: str) -> None:
    assert gpt2_ours.encode(text) == gpt2_library.encode(text).ids
