"""WordPiece, the tokenizer of BERT: clean the text, cut it into words, then take the longest piece that fits.

A piece that continues a word is written with `##`: `playing` → `play ##ing`. The vocabulary has both forms,
because the start of a word says something else than its end.

Sources: Schuster and Nakajima 2012 ("Japanese and Korean Voice Search") for the vocabulary; Devlin et al. 2019
("BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding") and the code published
with it, `tokenization.py`, for the cleaning, the cutting and the longest match.

Ids are equal to those of the `tokenizers` library; the tests compare them, over all code points. Two things remain:
five characters that Unicode has changed or the library does not take apart (U+166D, U+1734, U+111C9, U+1171E, U+11938),
and capitals that this Python does not know yet (Python 3.11: after Unicode 14), which the library makes small.
How the library trains: see `train`.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from helpers.reference.bpe import Pair, Round, Word, count_pairs, merge, most_frequent
from helpers.reference.text import cut_out, utf8

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST_WORD = 100

# --- Normalization: what BERT does to a text before it looks at words ---------------------------------------


YOUNG = (
    r"\u05c8\u05c9\u061d\u07fd\u0890-\u08e2\u09fd\u09fe\u0a76\u0afa-\u0aff\u0b53-\u0b55\u0c04-\u0c3c\u0c77\u0c84\u0d00"
    r"\u0d3b\u0d3c\u0d81\u0eba\u0ece\u180f-\u1886\u1abf-\u1af0\u1b4e\u1b4f\u1b7d-\u1b7f\u1df6-\u1dfb\u2e43-\u2e63\ua82c"
    r"\ua8c5\ua8ff\ua9bd\U00010d24-\U00010f89\U00011070-\U00011074\U000110c2-\U000110cd\U000111c9\U000111cf"
    r"\U0001123e-\U00011241\U0001133b\U000113bb-\U0001145e\U00011660-\U0001166c\U000116b9\U0001182f-\U00011fff"
    r"\U00012ff1-\U0001612f\U00016d6d-\U00016f4f\U00016fe2-\U00016fe4\U0001cf00-\U0001d128\U0001d25b\U0001d25c"
    r"\U0001e000-\U0001e6f5\U0001e944-\U0001e95f"
)
"""Where the marks, signs and format characters lie that came after Unicode 8: the library knows none of them."""
DROPPED = regex.compile(rf"(?V1)[[\p{{Cc}}\p{{Cf}}\p{{Co}}--[\t\n\r{YOUNG}]]\ufffd]")
MARK = regex.compile(rf"(?V1)[\p{{Mn}}--[{YOUNG}]]")


def clean(text: str) -> str:
    """Drop control and format characters and U+FFFD, make all white space plain spaces (Devlin et al. 2019).

    Code points that mean nothing yet stay, as in the library: an emoji of tomorrow is an unknown word, not a gap.
    """
    return "".join(" " if c.isspace() else c for c in DROPPED.sub("", text))


CHINESE = regex.compile(
    "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002b73f"
    "\U0002b740-\U0002b81f\U0002b920-\U0002ceaf\U0002f800-\U0002fa1f]"
)
"""The library's blocks. (BERT's own code begins the last but one at U+2B820.) Kana and Hangul are not in it."""


def space_chinese(text: str) -> str:
    """A space on both sides of every Chinese character, so that each is a word (Devlin et al. 2019)."""
    return CHINESE.sub(r" \g<0> ", text)


def strip_accents(text: str) -> str:
    """Take characters apart (NFD) and drop the marks: `é` → `e` (Devlin et al. 2019)."""
    return MARK.sub("", unicodedata.normalize("NFD", text))


def lower(text: str) -> str:
    """Lower case (Devlin et al. 2019), each character by itself as in the library: `Σ` is `σ` even at a word's end."""
    return "".join(c.lower() for c in text)


def normalize(text: str, lowercase: bool = True, accents: bool = False) -> str:
    """All steps in BERT's order; an uncased model lowers case and does not keep accents (Devlin et al. 2019)."""
    utf8(text)  # a lone surrogate is refused here, while its position is known
    text = space_chinese(clean(text))
    text = text if accents else strip_accents(text)
    return lower(text) if lowercase else text


SIGN = rf"[[\p{{P}}--[{YOUNG}]]!-/:-@\[-`\{{-\~]"
WORD = regex.compile(rf"(?V1){SIGN}|[^\s{SIGN}]+")


def split(text: str) -> list[str]:
    """Words and punctuation, each mark alone; ASCII's signs such as `$` count as marks (Devlin et al. 2019)."""
    return WORD.findall(text)


# --- The longest match -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """One step through a word: what was tried at `start`, longest first, and the token that fits (or None)."""

    start: int
    end: int
    token: str | None
    tried: Sequence[str]


def longest_matches(word: str, vocab: Mapping[str, int]) -> list[Match]:
    """Walk through a word and take the longest piece in the vocabulary each time (Devlin et al. 2019).

    Greedy: what was taken is never given back, even if the rest of the word then fails.
    """
    matches: list[Match] = []
    start = 0
    while start < len(word):
        tried: list[str] = []
        for end in range(len(word), start, -1):
            tried.append(("##" if start else "") + word[start:end])
            if tried[-1] in vocab:
                matches.append(Match(start, end, tried[-1], tried))
                start = end
                break
        else:
            return [*matches, Match(start, start, None, tried)]
    return matches


class WordPiece:
    """A vocabulary: `encode` from text to ids, `decode` back (Devlin et al. 2019).

    Attributes:
        vocab: token → id, with `[UNK]`, `[CLS]` and `[SEP]`.
        special_tokens: tokens found in the text before anything else, such as `[MASK]`.
        lowercase, accents: as in `normalize`.
        longest_word: a word of more characters is unknown without being looked at.
    """

    def __init__(
        self,
        vocab: Mapping[str, int],
        special_tokens: Sequence[str] = SPECIAL_TOKENS,
        lowercase: bool = True,
        accents: bool = False,
        longest_word: int = LONGEST_WORD,
    ) -> None:
        self.vocab, self.special_tokens = dict(vocab), tuple(special_tokens)
        self.lowercase, self.accents, self.longest_word = lowercase, accents, longest_word
        self.token_of = {id_: token for token, id_ in self.vocab.items()}
        self.known: dict[str, list[str]] = {}  # words already encoded; most words come again

    @classmethod
    def from_json(cls, tokenizer_json: str) -> WordPiece:
        """Read the library's file, `tokenizer.json`. Raises ValueError if it is not BERT's kind of WordPiece."""
        file = json.loads(tokenizer_json)
        model, norm, cut = file["model"], file["normalizer"] or {}, file["pre_tokenizer"] or {}
        found = model["type"], model.get("continuing_subword_prefix"), norm.get("type"), cut.get("type")
        bert = "WordPiece", "##", "BertNormalizer", "BertPreTokenizer"
        if found != bert or not (norm["clean_text"] and norm["handle_chinese_chars"]):
            raise ValueError(f"expected a tokenizer such as BERT's, {bert}, got {found} with {norm}")
        added = {token["content"]: token["id"] for token in file["added_tokens"]}
        stripped = norm["lowercase"] if norm["strip_accents"] is None else norm["strip_accents"]
        longest = model["max_input_chars_per_word"]
        return cls(model["vocab"] | added, tuple(added), norm["lowercase"], not stripped, longest)

    def steps(self, word: str) -> list[Match]:
        """The longest matches inside one word; none for a word with more than `longest_word` characters."""
        return longest_matches(word, self.vocab) if len(word) <= self.longest_word else []

    def pieces(self, word: str) -> list[str]:
        """The tokens of one word. If one piece of it fails, all of it is `[UNK]` (Devlin et al. 2019)."""
        tokens = [match.token for match in self.steps(word)]
        return tokens if tokens and None not in tokens else ["[UNK]"]

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text. Special tokens are cut out first, then the rest is normalized and split."""
        tokens: list[str] = []
        for part in cut_out(self.special_tokens, text):
            if part in self.special_tokens:
                tokens.append(part)
                continue
            for word in split(normalize(part, self.lowercase, self.accents)):
                if word not in self.known:
                    self.known[word] = self.pieces(word)
                tokens.extend(self.known[word])
        return tokens

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        """The ids of a text, between those of `[CLS]` and `[SEP]`. Raises ValueError on a lone surrogate."""
        tokens = self.tokenize(text)
        return [self.vocab[token] for token in (["[CLS]", *tokens, "[SEP]"] if add_special_tokens else tokens)]

    def decode(self, ids: Iterable[int]) -> str:
        """A text of ids, with the library's spaces: none before `##` and `. , ? !`, one before all others.

        The text that was encoded does not come back: case, accents and white space are lost, and `[UNK]` too.
        """
        text = " ".join(self.token_of[id_] for id_ in ids)
        return regex.sub(r" (?=[.,?!])| ##", "", text)


# --- Training ----------------------------------------------------------------------------------------------


def by_count(pairs: Mapping[Pair, int], words: Mapping[Word, int]) -> Mapping[Pair, int]:
    """BPE's score of a pair, its count (Sennrich et al. 2016); the library's `WordPieceTrainer` takes it, too."""
    return pairs


def likelihood(pairs: Mapping[Pair, int], words: Mapping[Word, int]) -> dict[Pair, float]:
    """count(a b) / (count(a) · count(b)): how much more often a pair occurs than its parts would suggest.

    Schuster and Nakajima 2012 add the unit that raises the likelihood of the training text most and print no
    formula; this is the one that descriptions of WordPiece give. Two rare tokens that meet beat all others.
    """
    tokens: Counter[str] = Counter()
    for word, frequency in words.items():
        for token in word:
            tokens[token] += frequency
    return {(left, right): count / (tokens[left] * tokens[right]) for (left, right), count in pairs.items()}


def join(left: str, right: str) -> str:
    """The token that a pair becomes (Devlin et al. 2019): `s ##ea` → `sea`, `##s ##ea` → `##sea`."""
    return left + right.removeprefix("##")


def spell(word: str) -> Word:
    """A word as single characters, in BERT's spelling (Devlin et al. 2019): `tea` → `("t", "##e", "##a")`."""
    return (word[0], *("##" + character for character in word[1:]))


def rounds(
    words: Mapping[Word, int],
    vocab: Mapping[str, int],
    vocab_size: int,
    score: Callable[..., Mapping[Pair, float]] = likelihood,
) -> Iterator[Round]:
    """Training as in `bpe.rounds`, except that the best `score` decides, and that `join` drops a `##` inside."""
    vocab = dict(vocab)
    while len(vocab) < vocab_size and (pairs := count_pairs(words)):
        scores = score(pairs, words)
        pair = most_frequent(scores, vocab)  # of several with the best score, the one with the lowest ids
        token = join(*pair)
        vocab.setdefault(token, len(vocab))
        merged: Counter[Word] = Counter()
        for word, frequency in words.items():
            merged[merge(word, pair, token)] += frequency
        words = merged
        yield Round(pair, token, scores[pair], words)


def train(
    texts: Iterable[str],
    vocab_size: int,
    special_tokens: Sequence[str] = SPECIAL_TOKENS,
    score: Callable[..., Mapping[Pair, float]] = likelihood,
) -> WordPiece:
    """An uncased WordPiece learned from texts (Schuster and Nakajima 2012); see `rounds`.

    `score=by_count` makes it BPE, which is what the library's `WordPieceTrainer` does.
    Ids: the special tokens, the characters in order, those with `##`, then one token per merge.
    Raises ValueError if `vocab_size` has no room for the first three, or for a lone surrogate.
    """
    words = Counter(word for text in texts for word in split(normalize(text)))
    spelled = {spell(word): frequency for word, frequency in words.items()}
    start = [*special_tokens, *sorted(set("".join(words))), *sorted({token for word in spelled for token in word[1:]})]
    if vocab_size < len(start):
        raise ValueError(f"vocab_size is {vocab_size}; the characters and special tokens alone are {len(start)}")
    vocab = {token: id_ for id_, token in enumerate(start)}
    for round_ in rounds(spelled, vocab, vocab_size, score):
        vocab.setdefault(round_.token, len(vocab))
    return WordPiece(vocab, special_tokens)
