"""The reference WordPiece against `tokenizers`: BERT's cleaning, ids, text, and how the library really trains."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_texts import TEXTS, sentences, valid_text
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from helpers import checkpoints
from helpers.reference import bpe, wordpiece
from helpers.reference.wordpiece import SPECIAL_TOKENS, WordPiece

STORYBOOK = Path(wordpiece.__file__).parents[1] / "assets" / "storybook-bert" / "tokenizer.json"
PEERS = ["trained here", "trained here, cased", "MiniLM", "storybook-bert"]


def library_training(texts: list[str], vocab_size: int, **normalizer) -> Tokenizer:
    """The library's own: BERT's normalizer and cutting, its WordPiece trainer, [CLS] and [SEP] around."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special_tokens = list(SPECIAL_TOKENS)
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=vocab_size, special_tokens=special_tokens, show_progress=False)
    )
    around = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    return tokenizer


@functools.cache
def library(peer: str) -> Tokenizer:
    if peer.startswith("trained here"):
        cased = {"lowercase": False} if peer.endswith("cased") else {}
        return library_training(sentences()[:1500], 1500, **cased)
    if peer == "MiniLM":
        folder = checkpoints.minilm_folder()
        if folder is None:
            pytest.skip("MiniLM is not installed: course fetch minilm")
        file = folder / "tokenizer.json"
    else:
        file = STORYBOOK
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@functools.cache
def ours(peer: str) -> WordPiece:
    return WordPiece.from_json(library(peer).to_str())


@functools.cache
def disputed() -> str:
    """Of all code points those that the library takes for something else; looked for in blocks of 256."""
    clean = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    cut = pre_tokenizers.BertPreTokenizer()

    def agree(text: str) -> bool:
        theirs = [word for word, _ in cut.pre_tokenize_str(clean.normalize_str(text))]
        return wordpiece.split(wordpiece.normalize(text)) == theirs

    found = []
    for block in range(0, 0x110000, 256):
        characters = [chr(code) for code in range(block, block + 256)]
        characters = [c for c in characters if unicodedata.category(c) != "Cs"]
        if not agree("a".join(characters)):
            found += [c for c in characters if not agree(f"a{c}a")]
    return "".join(found)


def test_of_all_code_points_five_differ_and_the_capitals_of_tomorrow() -> None:
    """On every Python: what it does not know is kept, as in the library, and capitals among it stay capitals."""
    lower = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False)
    known = [c for c in disputed() if unicodedata.category(c) != "Cn"]
    unknown = set(disputed()) - set(known)
    assert known == list("\u166d\u1734\U000111c9\U0001171e\U00011938")
    assert all(lower.normalize_str(c) != c for c in unknown) and len(unknown) < 100
    assert not set(disputed()) & set("".join([*sentences(), *TEXTS]))


@pytest.mark.parametrize("new", ["\U0001fa77", "\U0001fae9", "\u0378", "\u08d4", "\ue000"])
def test_what_a_python_does_not_know_is_as_in_the_library(new: str) -> None:
    """A heart and a face of Unicode 15 and 16, a code point that means nothing, a young mark, a private one."""
    assert wordpiece.clean(f"love {new} it") == ("love  it" if new == "\ue000" else f"love {new} it")
    same_ids_and_text("trained here", [f"love {new} it", f"lo{new}ve"])


@pytest.mark.parametrize("text", TEXTS)
def test_normalization_step_by_step(text: str) -> None:
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    for name, step in [
        ("handle_chinese_chars", wordpiece.space_chinese),
        ("strip_accents", wordpiece.strip_accents),
        ("lowercase", wordpiece.lower),
        ("clean_text", wordpiece.clean),
    ]:
        assert step(text) == normalizers.BertNormalizer(**off | {name: True}).normalize_str(text)
    words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str(wordpiece.clean(text))
    assert wordpiece.split(wordpiece.clean(text)) == [word for word, _ in words]


def test_normalization_by_hand() -> None:
    assert wordpiece.normalize("Crème\u00a0BRÛLÉE\u200d\x00") == "creme brulee"
    assert wordpiece.normalize("Crème", accents=True) == "crème"
    assert wordpiece.normalize("Crème", lowercase=False) == "Creme"
    assert wordpiece.split(wordpiece.normalize("我3.50$, ok")) == ["我", "3", ".", "50", "$", ",", "ok"]
    assert wordpiece.lower("ΣΊΣΥΦΟΣ") == "σίσυφοσ"


VOCAB = {token: id_ for id_, token in enumerate([*SPECIAL_TOKENS, "play", "##ing", "##in", "##i", "un", "##play", "a"])}


def test_longest_match_by_hand() -> None:
    first, second = wordpiece.longest_matches("playing", VOCAB)
    assert (first.start, first.end, first.token) == (0, 4, "play")
    assert first.tried == ["playing"[:size] for size in (7, 6, 5, 4)]
    assert (second.start, second.end, second.token, second.tried) == (4, 7, "##ing", ["##ing"])
    *_, failed = wordpiece.longest_matches("play'", VOCAB)
    assert failed.token is None and failed.tried == ["##'"]


def test_one_failed_piece_makes_the_whole_word_unknown() -> None:
    small = WordPiece(VOCAB)
    assert small.tokenize("unplaying playings play") == ["un", "##play", "##ing", "[UNK]", "play"]
    assert small.tokenize("ing") == ["[UNK]"]  # only ##ing is in the vocabulary


@pytest.mark.parametrize("peer", PEERS)
def test_a_word_of_101_characters_is_unknown(peer: str) -> None:
    fits, too_long = "a" * 100, "a" * 101
    assert ours(peer).tokenize(too_long) == ["[UNK]"] == library(peer).encode(too_long, add_special_tokens=False).tokens
    assert ours(peer).tokenize(fits) != ["[UNK]"]
    assert ours(peer).encode(fits) == library(peer).encode(fits).ids


def same_ids_and_text(peer: str, texts: list[str]) -> None:
    reference, tokenizer = ours(peer), library(peer)
    for text, theirs in zip(texts, tokenizer.encode_batch(texts), strict=True):
        ids = reference.encode(text)
        assert ids == theirs.ids
        assert reference.decode(ids) == tokenizer.decode(ids, skip_special_tokens=False)


@pytest.mark.parametrize("peer", PEERS)
def test_ids_of_hard_texts(peer: str) -> None:
    same_ids_and_text(peer, [*TEXTS, "[CLS] a [MASK][SEP]b[PAD] [mask]", " [MASK] . , ? ! n't"])
    text = "one two"
    without = library(peer).encode(text, add_special_tokens=False)
    assert ours(peer).encode(text, add_special_tokens=False) == without.ids
    assert ours(peer).tokenize(text) == without.tokens


@pytest.mark.parametrize("peer", [peer for peer in PEERS if "cased" not in peer])
def test_ids_of_ten_thousand_sentences(peer: str) -> None:
    assert len(sentences()) >= 10_000
    same_ids_and_text(peer, sentences())


def test_cased_ids_of_sentences() -> None:
    same_ids_and_text("trained here, cased", sentences()[::5])


@pytest.mark.parametrize("peer", PEERS)
def test_ids_of_any_text(peer: str) -> None:
    library(peer)  # skip here, not inside

    @settings(max_examples=100, deadline=None)
    @given(valid_text(disputed()))
    def same(text: str) -> None:
        same_ids_and_text(peer, [text])

    same()


def test_a_lone_surrogate_is_one_clear_error() -> None:
    for call in (ours("trained here").encode, lambda text: wordpiece.train([text], 300)):
        with pytest.raises(ValueError, match=r"U\+D83D at position 3 .* lone surrogate"):
            call("ab \ud83d")


@pytest.mark.parametrize("change", ["model", "prefix", "normalizer", "clean"])
def test_from_json_refuses_what_it_would_read_wrongly(change: str) -> None:
    tokenizer = Tokenizer.from_str(library("trained here").to_str())
    if change == "model":
        tokenizer.model = models.BPE()
    elif change == "prefix":
        tokenizer.model = models.WordPiece(VOCAB, unk_token="[UNK]", continuing_subword_prefix="@@")
    elif change == "normalizer":
        tokenizer.normalizer = normalizers.NFKC()
    else:
        tokenizer.normalizer = normalizers.BertNormalizer(clean_text=False)
    with pytest.raises(ValueError, match="such as BERT's"):
        WordPiece.from_json(tokenizer.to_str())


# --- Training: by likelihood, and what the library does instead --------------------------------------------

FREQUENCIES = {"tea": 5, "team": 3, "steam": 2, "seat": 4, "quiz": 1}


def words_of(frequencies: dict[str, int]) -> dict[bpe.Word, int]:
    return {wordpiece.spell(word): count for word, count in frequencies.items()}


def test_likelihood_by_hand() -> None:
    words = words_of({"tea": 5, "eat": 2})
    pairs = bpe.count_pairs(words)
    assert pairs[("##e", "##a")] == 5 and pairs[("##a", "##t")] == 2
    scores = wordpiece.likelihood(pairs, words)
    assert scores[("##e", "##a")] == 5 / (5 * 7)
    assert scores[("e", "##a")] == 2 / (2 * 7)
    assert scores[("##a", "##t")] == 2 / (7 * 2)


def test_likelihood_prefers_rare_tokens_that_meet_and_frequency_does_not() -> None:
    text = [" ".join([word] * count) for word, count in FREQUENCIES.items()]
    by_likelihood = wordpiece.train(text, 24)
    by_frequency = wordpiece.train(text, 24, score=wordpiece.by_count)
    learned = [
        [t for t in trained.vocab if len(t.removeprefix("##")) > 1 and t not in SPECIAL_TOKENS]
        for trained in (by_likelihood, by_frequency)
    ]
    assert learned[0][0] == "qu"  # once in the text, but neither part occurs without the other
    assert learned[1][0] == "##ea"  # 14 times


def library_merges(texts: list[str], vocab_size: int) -> tuple[dict[str, int], list[str]]:
    """The characters of the library's vocabulary and, after them, the tokens that it made, both in id order."""
    vocab = library_training(texts, vocab_size).get_vocab()
    tokens = sorted(vocab, key=vocab.get)
    size = sum(len(token.removeprefix("##")) == 1 or token in SPECIAL_TOKENS for token in tokens)
    return {token: vocab[token] for token in tokens[:size]}, tokens[size:]


@pytest.mark.parametrize("corpus", ["five words", "sentences"])
def test_the_library_s_wordpiece_trainer_trains_by_bpe(corpus: str) -> None:
    """Merge for merge, once we number the characters as it did: it gives `##` letters ids in no fixed order."""
    words = [" ".join([word] * count) for word, count in FREQUENCIES.items()]
    texts = words if corpus == "five words" else sentences()[:120]
    start, theirs = library_merges(texts, 240)
    words = Counter(word for text in texts for word in wordpiece.split(wordpiece.normalize(text)))
    by_count, by_likelihood = (
        [r.token for r in wordpiece.rounds(words_of(words), start, 240, score)]
        for score in (wordpiece.by_count, wordpiece.likelihood)
    )
    assert by_count == theirs != by_likelihood
    assert len(theirs) >= 7


def test_training_gives_a_tokenizer() -> None:
    texts = sentences()[:60]
    trained = wordpiece.train(texts, 200)
    assert len(trained.vocab) == 200 and list(trained.vocab)[:5] == list(SPECIAL_TOKENS)
    assert list(trained.vocab.values()) == list(range(200))
    assert not any("[UNK]" in trained.tokenize(text) for text in texts)
    assert trained.decode(trained.encode("the Tea", add_special_tokens=False)) == "the tea"
    with pytest.raises(ValueError, match="vocab_size is 10;"):
        wordpiece.train(texts, 10)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(1, 5), min_size=1, max_size=6))
def test_a_round_picks_the_best_score(frequencies: dict[str, int]) -> None:
    words = words_of(frequencies)
    start = {token: id_ for id_, token in enumerate(sorted({token for word in words for token in word}))}
    for round_ in wordpiece.rounds(words, start, 12):
        scores = wordpiece.likelihood(bpe.count_pairs(words), words)
        assert round_.score == max(scores.values()) == scores[round_.pair]
        assert round_.token == wordpiece.join(*round_.pair) and "#" not in round_.token[2:]
        words = round_.words
