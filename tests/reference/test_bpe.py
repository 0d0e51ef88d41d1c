"""The reference BPE against `tokenizers`: merges, ids, text; on storybook-gpt2's tokenizer and on GPT-2's own."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_texts import COURSE_DATA, TEXTS, sentences, storybooks, valid_text
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2TokenizerFast

from helpers import checkpoints
from helpers.reference import bpe

ROOT = Path(__file__).resolve().parents[2]
END = "<|endoftext|>"
KNOWN_TEXT = valid_text()
SMALL = TEXTS[:6]  # what the tokenizers of these tests are trained on


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
    return bpe.train(SMALL, 400, (END,))


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    return library_training(SMALL, 400, (END,))


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
    ours = bpe.train(SMALL, 420, special_tokens)
    merges, vocab = merges_and_vocab(library_training(SMALL, 420, special_tokens))
    assert len(merges) > 100
    assert ours.merges == merges
    assert ours.vocab == vocab


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(KNOWN_TEXT, st.text("ab "), st.text("a ", max_size=40), st.text("abcd \n'")), max_size=6))
def test_training_equals_the_library_on_any_texts(texts: list[str]) -> None:
    ours = bpe.train(texts, 256 + 30)
    assert bpe.train(texts, 256 + 30, learn=bpe.learn_merges_incremental).merges == ours.merges
    merges, vocab = merges_and_vocab(library_training(texts, 256 + 30))
    assert ours.merges == merges
    assert ours.vocab == vocab


def test_rounds_by_hand() -> None:
    words = {("t", "e", "a"): 5, ("t", "e", "a", "m"): 3, ("s", "e", "a", "t"): 4}
    first, second = bpe.rounds(words, {letter: id_ for id_, letter in enumerate("aemst")}, 7)
    assert (first.pair, first.token, first.score) == (("e", "a"), "ea", 12)
    assert first.words == {("t", "ea"): 5, ("t", "ea", "m"): 3, ("s", "ea", "t"): 4}
    assert (second.pair, second.token, second.score) == (("t", "ea"), "tea", 8)


@pytest.mark.parametrize("special_tokens", [(), (END,)])
def test_incremental_training_equals_naive(special_tokens: tuple[str, ...]) -> None:
    naive = bpe.train(SMALL, 10_000, special_tokens)  # until no pair is left
    incremental = bpe.train(SMALL, 10_000, special_tokens, learn=bpe.learn_merges_incremental)
    assert incremental.merges == naive.merges and incremental.vocab == naive.vocab
    assert len(naive.merges) > 200


SPELLED = st.lists(st.sampled_from(["a", "b", "c", "ab", "bc", "abc", "aa", "d"]), min_size=1, max_size=9).map(tuple)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(SPELLED, st.integers(1, 4), max_size=8), st.integers(8, 40))
def test_incremental_merges_equal_naive_on_any_words(words: dict[bpe.Word, int], vocab_size: int) -> None:
    """Also where two merges make the same token, so that a pair that was used up comes again."""
    vocab = {token: id_ for id_, token in enumerate(["a", "b", "c", "ab", "bc", "abc", "aa", "d"])}
    assert bpe.learn_merges_incremental(words, vocab, vocab_size) == bpe.learn_merges(words, vocab, vocab_size)


def test_incremental_training_equals_the_library_on_sentences() -> None:
    texts = sentences()[:2500]
    ours = bpe.train(texts, 1000, learn=bpe.learn_merges_incremental)
    merges, vocab = merges_and_vocab(library_training(texts, 1000))
    assert len(merges) == 1000 - 256
    assert ours.merges == merges and ours.vocab == vocab


def test_words_that_become_equal_add_up() -> None:
    """Only for words that are given in different spellings; `train` spells a piece in one way."""
    words = {("x", "a", "b"): 2, ("x", "ab"): 1, ("x", "z"): 2}
    vocab = {token: id_ for id_, token in enumerate(["a", "b", "ab", "x", "z"])}
    for learn in (bpe.learn_merges, bpe.learn_merges_incremental):
        assert learn(words, vocab, 6) == [("a", "b"), ("x", "ab")]


def test_training_stops_when_no_pair_is_left() -> None:
    for learn in (bpe.learn_merges, bpe.learn_merges_incremental):
        assert bpe.train(["ab ab"], 1000, learn=learn).merges == [("a", "b"), ("Ġ", "ab")]
        assert bpe.train([], 1000, learn=learn).merges == []


def test_a_vocabulary_smaller_than_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="257"):
        bpe.train(["a"], 256, (END,))


@pytest.mark.parametrize("text", [*SMALL, "", " ", f"one{END}two {END}", END * 2, "<|endoftext|", "unseen Wörter, ok?"])
def test_encoding_equals_the_library(text: str, trained: bpe.BPE, library: Tokenizer) -> None:
    theirs = library.encode(text)
    assert trained.encode(text) == theirs.ids
    assert trained.tokenize(text) == theirs.tokens
    assert trained.decode(theirs.ids) == text == library.decode(theirs.ids, skip_special_tokens=False)


@settings(max_examples=100, deadline=None)
@given(KNOWN_TEXT)
def test_encoding_equals_the_library_on_any_text(trained: bpe.BPE, library: Tokenizer, text: str) -> None:
    assert trained.encode(text) == library.encode(text).ids


def test_special_tokens_may_hold_anything_and_the_longest_wins() -> None:
    special_tokens = ("<end>", "<end> é", "<a")
    ours, theirs = (train(SMALL, 300, special_tokens) for train in (bpe.train, library_training))
    text = "one<end> é<end> two<a>"
    assert ours.encode(text) == theirs.encode(text).ids
    ids = ours.encode(text)
    assert ours.decode(ids) == text == theirs.decode(ids, skip_special_tokens=False)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), KNOWN_TEXT))
def test_round_trip(trained: bpe.BPE, text: str) -> None:
    assert trained.decode(trained.encode(text)) == text
    assert "".join(bpe.split(text)) == text


@settings(max_examples=100, deadline=None)
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
        assert trained.merges[step.rank] == step.pair == word[step.at : step.at + 2]
        at_hand = [pair for pair in pairwise(word) if pair in trained.rank_of]
        assert step.rank == min(trained.rank_of[pair] for pair in at_hand)
        assert step.at == list(pairwise(word)).index(step.pair)  # the leftmost
        assert step.word[step.at] == "".join(step.pair)
        assert len(step.word) == len(word) - 1 and "".join(step.word) == "".join(word)
        word = step.word
    assert list(word) == trained.tokenize(piece)
    assert trained.steps("") == [] and trained.steps("q") == []


@pytest.mark.parametrize(("text", "at"), [("\ud83d", 0), ("so it is \udc9b ok", 9), (f"a {END} b\ud800", 17)])
def test_a_lone_surrogate_is_one_clear_error(text: str, at: int, trained: bpe.BPE) -> None:
    for call in (trained.encode, trained.steps, lambda text: bpe.train([text], 300)):
        with pytest.raises(ValueError, match="lone surrogate") as caught:
            call(text)
        assert f"U+{ord(text[at]):04X} at position {at} " in str(caught.value)  # in the whole text, not in a piece
        assert caught.value.__cause__ is None and caught.value.__suppress_context__  # one error, not a chain
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # the error's own advice
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


# --- storybook-gpt2's tokenizer ----------------------------------------------------------------------------

STORYBOOK = Path(bpe.__file__).parents[1] / "assets" / "storybook-gpt2" / "tokenizer.json"


@pytest.fixture(scope="module")
def bundled() -> Tokenizer:
    return Tokenizer.from_file(str(STORYBOOK))


@pytest.fixture(scope="module")
def read() -> bpe.BPE:
    return bpe.BPE.from_json(STORYBOOK.read_text(encoding="utf-8"))


def same_ids_and_back(ours: bpe.BPE, library: Tokenizer, texts: list[str]) -> None:
    for text, theirs in zip(texts, library.encode_batch(texts), strict=True):
        assert ours.encode(text) == theirs.ids
        assert ours.decode(theirs.ids) == text


def test_bundled_ids_and_text(bundled: Tokenizer, read: bpe.BPE) -> None:
    same_ids_and_back(read, bundled, [*TEXTS, f"The end.{END}"])


def test_bundled_ids_of_ten_thousand_sentences(bundled: Tokenizer, read: bpe.BPE) -> None:
    assert len(sentences()) >= 10_000
    same_ids_and_back(read, bundled, sentences())


@settings(max_examples=100, deadline=None)
@given(text=KNOWN_TEXT)
def test_bundled_ids_of_any_text(bundled: Tokenizer, read: bpe.BPE, text: str) -> None:
    same_ids_and_back(read, bundled, [text])


def test_bundled_makes_no_token_twice(read: bpe.BPE) -> None:
    """So that merging one occurrence at a time and all at once, as GPT-2's own code does, agree."""
    assert len({left + right for left, right in read.merges}) == len(read.merges)


CL100K = (  # as tiktoken writes it for GPT-3.5 and GPT-4
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@settings(max_examples=300, deadline=None)
@given(text=valid_text() | st.text("ab'sTDl 12٣éж中\n\r\t.,(\u00a0", max_size=20))
def test_the_newer_split_is_the_library_s(text: str) -> None:
    library = pre_tokenizers.Split(Regex(CL100K), "isolated")
    assert bpe.split(text, bpe.NEWER_PATTERN) == [piece for piece, _ in library.pre_tokenize_str(text)]


def test_the_newer_split_of_code() -> None:
    snippet = "def total(n):\n        return n + 1234567"
    newer = ["def", " total", "(n", "):\n", "       ", " return", " n", " +", " ", "123", "456", "7"]
    assert bpe.split(snippet, bpe.NEWER_PATTERN) == newer
    assert bpe.split(snippet)[5:7] == ["\n       ", " return"]


# --- GPT-2's own vocabulary and merges ---------------------------------------------------------------------

FILES = [COURSE_DATA / "gpt2_tokenizer" / name for name in ("vocab.json", "merges.txt")]


@pytest.fixture(scope="module")
def gpt2_library() -> Tokenizer:
    return checkpoints.gpt2_tokenizer().backend_tokenizer


@pytest.fixture(scope="module")
def gpt2_ours(gpt2_library: Tokenizer) -> bpe.BPE:
    return bpe.BPE.from_json(gpt2_library.to_str())


@pytest.mark.skipif(
    not all(file.is_file() for file in FILES),
    reason="COURSE_DATA is not set to a folder with gpt2_tokenizer/vocab.json and gpt2_tokenizer/merges.txt",
)
def test_gpt2_as_bundled_is_the_one_that_was_published(gpt2_library: Tokenizer, gpt2_ours: bpe.BPE) -> None:
    vocab, merges = (file.read_text(encoding="utf-8") for file in FILES)
    assert gpt2_ours.vocab == json.loads(vocab)
    assert gpt2_ours.merges == [tuple(line.split(" ")) for line in merges.split("\n")[1:] if line]
    published = GPT2TokenizerFast(vocab=str(FILES[0]), merges=str(FILES[1]))
    ours = checkpoints.gpt2_tokenizer()
    assert (ours.eos_token_id, ours.model_max_length) == (published.eos_token_id, 1024) == (50256, 1024)
    for text in [*TEXTS, f"The end.{END}", *sentences()[:1000]]:
        theirs, own = (one(text, return_offsets_mapping=True) for one in (published, ours))
        assert own == theirs, text
        assert ours.decode(own["input_ids"]) == published.decode(own["input_ids"]) == text


def test_gpt2_as_bundled_is_small_and_the_same_wherever_it_is_made() -> None:
    file = checkpoints.ASSETS / "gpt2-tokenizer" / "tokenizer.json.gz"
    assert file.stat().st_size < 700_000
    assert file.read_bytes()[3:8] == bytes(5)  # neither a file name nor a time: flags and mtime of gzip's header


def test_gpt2_known_ids(gpt2_ours: bpe.BPE) -> None:
    """What lessons 00, 02 and 03 say of GPT-2, not of the small tokenizer that ships with storybook-gpt2."""
    assert gpt2_ours.encode("Hello world") == [15496, 995]
    assert gpt2_ours.tokenize("Once upon a time") == ["Once", "Ġupon", "Ġa", "Ġtime"]
    assert gpt2_ours.encode(" strawberry") == [41236]
    assert gpt2_ours.tokenize("strawberry") == ["st", "raw", "berry"]
    assert gpt2_ours.encode(" SolidGoldMagikarp") == [43453]
    assert [len(gpt2_ours.encode(form)) for form in ("hello", " hello", "Hello", " Hello")] == [1] * 4
    assert gpt2_ours.tokenize("127 + 677 = 804") == ["127", "Ġ+", "Ġ6", "77", "Ġ=", "Ġ8", "04"]
    assert gpt2_ours.encode(END) == [50256]
    assert [token for token in gpt2_ours.vocab if set(token) == {"Ġ"}] == ["Ġ"]  # no token for a run of spaces


def test_gpt2_ids_of_ten_thousand_sentences(gpt2_library: Tokenizer, gpt2_ours: bpe.BPE) -> None:
    same_ids_and_back(gpt2_ours, gpt2_library, [*sentences(), *TEXTS])


@settings(max_examples=100, deadline=None)
@given(text=KNOWN_TEXT)
def test_gpt2_ids_of_any_text(gpt2_library: Tokenizer, gpt2_ours: bpe.BPE, text: str) -> None:
    same_ids_and_back(gpt2_ours, gpt2_library, [text])


def test_training_on_a_storybook_equals_the_library(course_data) -> None:
    book = max(storybooks().values(), key=len)[:130_000].splitlines()
    ours = bpe.train(book, 1000, learn=bpe.learn_merges_incremental)
    assert ours.merges == merges_and_vocab(library_training(book, 1000))[0]
