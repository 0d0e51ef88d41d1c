"""Byte-level byte-pair encoding (BPE), the tokenizer of GPT-2, from its rule to its ids.

To train: cut the text into pieces, write each piece as single bytes, then again and again join the pair
of neighbors that occurs most often. To encode: replay the joins, earliest first. To decode: put the bytes
back together.

Sources: Gage 1994 ("A New Algorithm for Data Compression") for the rule; Sennrich, Haddow and Birch 2016
("Neural Machine Translation of Rare Words with Subword Units") for its use on words; Radford et al. 2019
("Language Models are Unsupervised Multitask Learners") for bytes instead of characters.

Ids, merges and tokens are equal to those of the `tokenizers` library; the tests compare them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, pairwise
from typing import NamedTuple

import regex

Word = tuple[str, ...]
"""A piece of text as the tokens it is made of at the moment: `("h", "e", "ll", "o")`."""

Pair = tuple[str, str]
"""Two neighboring tokens, left and right."""


# --- Bytes as characters that can be seen ------------------------------------------------------------------


def bytes_to_unicode() -> dict[int, str]:
    """One visible character for each of the 256 bytes (Radford et al. 2019, `encoder.py`).

    Bytes that Latin-1 shows as a visible character keep it. The other 68 (control characters, spaces, the
    soft hyphen) borrow the characters from U+0100 on, in order: the space, byte 32, becomes `Ġ`.
    """
    visible = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    borrowed = count(0x100)
    return {byte: chr(byte if byte in visible else next(borrowed)) for byte in range(256)}


CHARACTER_OF = bytes_to_unicode()
BYTE_OF = {character: byte for byte, character in CHARACTER_OF.items()}


def spell(piece: str) -> Word:
    """The UTF-8 bytes of a piece, each as its visible character: `" né"` → `("Ġ", "n", "Ã", "©")`.

    Raises ValueError on a lone surrogate (half of a UTF-16 pair): it is no character and has no UTF-8 bytes.
    """
    try:
        return tuple(CHARACTER_OF[byte] for byte in piece.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ValueError(
            f"U+{ord(piece[error.start]):04X} at position {error.start} of {piece!a} is a lone "
            "surrogate, which no UTF-8 text can hold. It comes from text cut in half or read with the wrong "
            "encoding: mend that, or replace it with "
            'text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").'
        ) from None


# --- Pieces: what a merge may not cross --------------------------------------------------------------------

PATTERN = regex.compile(
    r"""
      '(?:s|t|re|ve|m|ll|d)      # the English endings: it's, don't, we're, I've, I'm, we'll, he'd
    | [ ]?\p{L}+                 # a run of letters, with the space before it
    | [ ]?\p{N}+                 # a run of digits and other number signs, with the space before it
    | [ ]?[^\s\p{L}\p{N}]+       # a run of anything else that can be seen
    | \s+(?!\S)                  # spaces up to the last one, which belongs to the next word
    | \s+
    """,
    regex.VERBOSE,
)
"""GPT-2's split (Radford et al. 2019). Letters never merge with digits, nor a word with the next word."""


def split(text: str) -> list[str]:
    """Cut a text into pieces; joined, they give the text back: `"a dog's"` → `["a", " dog", "'s"]`."""
    return PATTERN.findall(text)


# --- Training ----------------------------------------------------------------------------------------------


def count_pairs(words: Mapping[Word, int]) -> Counter[Pair]:
    """How often each pair of neighbors occurs, given how often each word does.

    Overlapping pairs all count, as in the library: `("a", "a", "a")` holds `("a", "a")` twice.
    """
    pairs: Counter[Pair] = Counter()
    for word, frequency in words.items():
        for pair in pairwise(word):
            pairs[pair] += frequency
    return pairs


def merge(word: Word, pair: Pair) -> Word:
    """Join every occurrence of the pair, from left to right: `("a", "a", "a")` → `("aa", "a")`."""
    merged: list[str] = []
    at = 0
    while at < len(word):
        if word[at : at + 2] == pair:
            merged.append(word[at] + word[at + 1])
            at += 2
        else:
            merged.append(word[at])
            at += 1
    return tuple(merged)


def most_frequent(pairs: Mapping[Pair, int], vocab: Mapping[str, int]) -> Pair:
    """The pair to merge next. Of several with the highest count: the one whose left token has the lowest
    id, then whose right token has (the tie rule of the `tokenizers` library; any fixed rule would do)."""
    return min(pairs, key=lambda pair: (-pairs[pair], vocab[pair[0]], vocab[pair[1]]))


def learn_merges(words: Mapping[Word, int], vocab: Mapping[str, int], vocab_size: int) -> list[Pair]:
    """The merges that let a vocabulary grow to `vocab_size` tokens (Sennrich et al. 2016, Algorithm 1).

    `words` are spelled in tokens of `vocab`. Fewer merges come back if the words run out of pairs.
    Counts all pairs anew for each merge: to be read, not to be fast.
    """
    words, vocab, merges = Counter(words), dict(vocab), []
    while len(vocab) < vocab_size and (pairs := count_pairs(words)):
        pair = most_frequent(pairs, vocab)
        merges.append(pair)
        vocab.setdefault(pair[0] + pair[1], len(vocab))
        merged: Counter[Word] = Counter()
        for word, frequency in words.items():
            merged[merge(word, pair)] += frequency
        words = merged
    return merges


def train(texts: Iterable[str], vocab_size: int, special_tokens: Sequence[str] = ()) -> BPE:
    """A byte-level BPE learned from texts, with the same merges and ids as the library learns.

    Ids: first the special tokens, then the 256 bytes in the order of their characters, then one token per
    merge. Raises ValueError if `vocab_size` has no room for the first two, or for a lone surrogate.
    """
    start = [*special_tokens, *sorted(BYTE_OF)]
    if vocab_size < len(start):
        raise ValueError(f"vocab_size is {vocab_size}; the bytes and special tokens alone are {len(start)}")
    vocab = {token: id_ for id_, token in enumerate(start)}
    words = Counter(spell(piece) for text in texts for piece in split(text))
    merges = learn_merges(words, vocab, vocab_size)
    for left, right in merges:
        vocab.setdefault(left + right, len(vocab))
    return BPE(vocab, merges, special_tokens)


# --- Encoding and decoding ---------------------------------------------------------------------------------


class Step(NamedTuple):
    """One merge while encoding a piece: its rank in the list of merges, the pair, the tokens after it."""

    rank: int
    pair: Pair
    word: Word


class BPE:
    """A vocabulary and its merges: `encode` from text to ids, `decode` back.

    Attributes:
        vocab: token → id. Tokens are spelled in the 256 visible characters of `bytes_to_unicode`.
        merges: the pairs in the order in which they were learned. A pair's place is its rank.
        special_tokens: tokens found in the text before anything else, such as `<|endoftext|>`.
    """

    def __init__(
        self, vocab: Mapping[str, int], merges: Iterable[Pair], special_tokens: Sequence[str] = ()
    ) -> None:
        self.vocab = dict(vocab)
        self.merges = [tuple(pair) for pair in merges]
        self.special_tokens = tuple(special_tokens)
        self.token_of = {id_: token for token, id_ in self.vocab.items()}
        self.rank_of = {pair: rank for rank, pair in enumerate(self.merges)}

    @classmethod
    def from_json(cls, tokenizer_json: str) -> BPE:
        """Read the library's file, `tokenizer.json`; `tokenizer.backend_tokenizer.to_str()` gives its text.

        Raises ValueError if the file describes anything but a byte-level BPE without a space put in front.
        """
        file = json.loads(tokenizer_json)
        model, cut = file["model"], file["pre_tokenizer"] or {}
        if (model["type"], cut.get("type"), cut.get("add_prefix_space")) != ("BPE", "ByteLevel", False):
            raise ValueError(f"expected byte-level BPE such as GPT-2's, got {model['type']} with {cut}")
        merges = [tuple(pair.split(" ") if isinstance(pair, str) else pair) for pair in model["merges"]]
        added = {token["content"]: token["id"] for token in file["added_tokens"]}
        return cls(model["vocab"] | added, merges, tuple(added))

    def steps(self, piece: str) -> list[Step]:
        """Every merge that encoding takes inside one piece, in order.

        The pair with the lowest rank goes first, the leftmost of several. This is not the longest match.
        """
        word, steps = list(spell(piece)), []
        ranks = self.rank_of
        while known := [(ranks[pair], at) for at, pair in enumerate(pairwise(word)) if pair in ranks]:
            rank, at = min(known)
            word[at : at + 2] = [word[at] + word[at + 1]]
            steps.append(Step(rank, self.merges[rank], tuple(word)))
        return steps

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text. Special tokens are cut out first, then each piece is merged by itself."""
        tokens: list[str] = []
        for part in self._cut_at_special_tokens(text):
            if part in self.special_tokens:
                tokens.append(part)
                continue
            for piece in split(part):
                steps = self.steps(piece)
                tokens.extend(steps[-1].word if steps else spell(piece))
        return tokens

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises ValueError on a lone surrogate."""
        return [self.vocab[token] for token in self.tokenize(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids. Bytes that are not UTF-8 (a character cut in two) become U+FFFD, `�`."""
        return b"".join(map(self.bytes_of, ids)).decode("utf-8", errors="replace")

    def bytes_of(self, id_: int) -> bytes:
        """The bytes that one id stands for. Raises KeyError if the vocabulary has no such id."""
        token = self.token_of[id_]
        if token in self.special_tokens:
            return token.encode("utf-8")
        return bytes(BYTE_OF[character] for character in token)

    def _cut_at_special_tokens(self, text: str) -> list[str]:
        if not self.special_tokens:
            return [text]
        longest_first = sorted(self.special_tokens, key=len, reverse=True)
        return [part for part in regex.split(f"({'|'.join(map(regex.escape, longest_first))})", text) if part]
