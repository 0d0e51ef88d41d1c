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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count, pairwise

import regex

from helpers.reference.text import cut_out, utf8

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
    """The bytes of a piece, each as its visible character (Radford et al. 2019): `" né"` → `("Ġ", "n", "Ã", "©")`."""
    return tuple(CHARACTER_OF[byte] for byte in utf8(piece))


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

NEWER_PATTERN = regex.compile(
    r"""
      '(?i:s|t|re|ve|m|ll|d)     # the English endings, in capitals too
    | [^\r\n\p{L}\p{N}]?\p{L}+  # a run of letters, with the one sign or space before it
    | \p{N}{1,3}                # digits in threes, counted from the left
    | [ ]?[^\s\p{L}\p{N}]+[\r\n]*  # a run of other signs, with the line breaks after it
    | \s*[\r\n]+               # line breaks end a piece: the indentation after them is another
    | \s+(?!\S)
    | \s+
    """,
    regex.VERBOSE,
)
"""The split of GPT-3.5 and GPT-4: `cl100k_base` in OpenAI's tiktoken, tiktoken_ext/openai_public.py."""


def split(text: str, pattern: regex.Pattern = PATTERN) -> list[str]:
    """Cut a text into pieces; joined, they give the text back: `"a dog's"` → `["a", " dog", "'s"]`."""
    utf8(text)  # a lone surrogate is refused here, while its position is known
    return pattern.findall(text)


# --- Training ----------------------------------------------------------------------------------------------


def count_pairs(words: Mapping[Word, int]) -> Counter[Pair]:
    """How often each pair of neighbors occurs, given how often each word does (Sennrich et al. 2016).

    Overlapping pairs all count, as in the library: `("a", "a", "a")` holds `("a", "a")` twice.
    """
    pairs: Counter[Pair] = Counter()
    for word, frequency in words.items():
        for pair in pairwise(word):
            pairs[pair] += frequency
    return pairs


def merge(word: Word, pair: Pair, token: str | None = None) -> Word:
    """Join every occurrence of the pair, from left to right: `("a", "a", "a")` → `("aa", "a")` (Gage 1994).

    The joined token is both parts side by side, unless `token` says otherwise.
    """
    token = token or pair[0] + pair[1]
    merged: list[str] = []
    at = 0
    while at < len(word):
        if word[at : at + 2] == pair:
            merged.append(token)
            at += 2  # subtle: past both parts, so occurrences that overlap are not joined twice
        else:
            merged.append(word[at])
            at += 1
    return tuple(merged)


def most_frequent(pairs: Mapping[Pair, float], vocab: Mapping[str, int]) -> Pair:
    """The pair to merge next. Of several with the highest count: the one whose left token has the lowest
    id, then whose right token has. Sennrich et al. 2016 leave ties open; the `tokenizers` library does this."""
    return min(pairs, key=lambda pair: (-pairs[pair], vocab[pair[0]], vocab[pair[1]]))


@dataclass(frozen=True, slots=True)
class Round:
    """One round of training: the pair that was merged, what it became, its score, the words afterwards."""

    pair: Pair
    token: str
    score: float
    words: Mapping[Word, int]


def rounds(words: Mapping[Word, int], vocab: Mapping[str, int], vocab_size: int) -> Iterator[Round]:
    """Training as the rule says it (Sennrich et al. 2016, Algorithm 1): count, merge the most frequent pair, repeat.

    `words` are spelled in tokens of `vocab`. It ends when the vocabulary has grown to `vocab_size` tokens,
    or earlier if the words run out of pairs.
    """
    vocab = dict(vocab)  # a copy that grows; the caller's stays as it is
    while len(vocab) < vocab_size:
        # count all pairs of neighbors in the words as they are spelled now
        pairs = count_pairs(words)
        if not pairs:
            break  # every word is a single token
        pair = most_frequent(pairs, vocab)
        # mint a new token: its name is both parts side by side, its id the next free one
        token = pair[0] + pair[1]
        # subtle: another merge may have made this token before ("a" + "bc", "ab" + "c"); then it keeps its id
        vocab.setdefault(token, len(vocab))
        # spell the words with the new token
        # subtle: two spellings of one word may become the same, so their counts are added, not replaced
        merged: Counter[Word] = Counter()
        for word, frequency in words.items():
            merged[merge(word, pair)] += frequency
        words = merged
        yield Round(pair, token, pairs[pair], words)


def learn_merges(words: Mapping[Word, int], vocab: Mapping[str, int], vocab_size: int) -> list[Pair]:
    """The merges of all `rounds`, in order (Sennrich et al. 2016, Algorithm 1)."""
    return [round_.pair for round_ in rounds(words, vocab, vocab_size)]


def train(
    texts: Iterable[str],
    vocab_size: int,
    special_tokens: Sequence[str] = (),
    learn: Callable[..., list[Pair]] = learn_merges,
) -> BPE:
    """A byte-level BPE learned from texts (Radford et al. 2019, section 2.2), as the library learns it.

    Ids: first the special tokens, then the 256 bytes in the order of their characters, then one token per
    merge. `learn=learn_merges_incremental` learns the same in less time.
    Raises ValueError if `vocab_size` has no room for the first two, or for a lone surrogate.
    """
    start = [*special_tokens, *sorted(BYTE_OF)]
    if vocab_size < len(start):
        raise ValueError(f"vocab_size is {vocab_size}; the bytes and special tokens alone are {len(start)}")
    vocab = {token: id_ for id_, token in enumerate(start)}
    pieces = Counter(piece for text in texts for piece in split(text))
    merges = learn({spell(piece): frequency for piece, frequency in pieces.items()}, vocab, vocab_size)
    for left, right in merges:
        vocab.setdefault(left + right, len(vocab))
    return BPE(vocab, merges, special_tokens)


# --- Encoding and decoding ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One merge while encoding: its rank, the pair, its place (left token's index), the tokens after it."""

    rank: int
    pair: Pair
    at: int
    word: Word


class BPE:
    """A vocabulary and its merges: `encode` from text to ids, `decode` back (Radford et al. 2019).

    Attributes:
        vocab: token → id. Tokens are spelled in the 256 visible characters of `bytes_to_unicode`.
        merges: the pairs in the order in which they were learned. A pair's place is its rank.
        special_tokens: tokens found in the text before anything else, such as `<|endoftext|>`.
    """

    def __init__(self, vocab: Mapping[str, int], merges: Iterable[Pair], special_tokens: Sequence[str] = ()) -> None:
        self.vocab = dict(vocab)
        self.merges = [tuple(pair) for pair in merges]
        self.special_tokens = tuple(special_tokens)
        self.token_of = {id_: token for token, id_ in self.vocab.items()}
        self.rank_of = {pair: rank for rank, pair in enumerate(self.merges)}
        self.known: dict[str, Word] = {}  # pieces already encoded; most words come again

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

    def steps(self, piece: str | Word) -> list[Step]:
        """Every merge that encoding takes inside one piece, in order (Sennrich et al. 2016, section 3.2).

        The pair with the lowest rank goes first, the leftmost of several. This is not the longest match.
        A piece may be given as the tokens it is made of, where they are not bytes.
        """
        word, steps = list(spell(piece) if isinstance(piece, str) else piece), []
        ranks = self.rank_of
        # subtle: when no pair of neighbors was ever learned, the piece is done, although more than one token is left
        while learned := [(ranks[pair], at) for at, pair in enumerate(pairwise(word)) if pair in ranks]:
            rank, at = min(learned)
            word[at : at + 2] = [word[at] + word[at + 1]]
            steps.append(Step(rank, self.merges[rank], at, tuple(word)))
        return steps

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text. Special tokens are cut out first, then each piece is merged by itself."""
        tokens: list[str] = []
        for part in cut_out(self.special_tokens, text):
            if part in self.special_tokens:
                tokens.append(part)
                continue
            for piece in split(part):
                if piece not in self.known:
                    steps = self.steps(piece)
                    self.known[piece] = steps[-1].word if steps else spell(piece)
                tokens.extend(self.known[piece])
        return tokens

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises ValueError on a lone surrogate, with its position."""
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


# --- The same merges, sooner: for further/training_tokenizers -----------------------------------------------


def learn_merges_incremental(words: Mapping[Word, int], vocab: Mapping[str, int], vocab_size: int) -> list[Pair]:
    """The same merges, much sooner: a merge changes few words, so only their pairs are counted again.

    Sennrich et al. 2016 (section 3.2) index the pairs and update the counts. Here `places` says in which
    words a pair may be, and a heap has the best pair on top. Only pairs with the new token gain, so only
    they are pushed; a pair that has lost since it was pushed goes back with its true count when it comes up.
    """
    vocab, merges = dict(vocab), []
    spelled, frequencies = list(words), list(words.values())
    # count every pair once, and note the words that it is in
    counts, places = count_pairs(words), defaultdict(set)
    for at, word in enumerate(spelled):
        for pair in pairwise(word):
            places[pair].add(at)

    def entry(pair: Pair) -> tuple[int, int, int, Pair]:  # in the order of `most_frequent`
        return -counts[pair], vocab[pair[0]], vocab[pair[1]], pair

    heap = [entry(pair) for pair in counts]
    heapify(heap)
    while len(vocab) < vocab_size and heap:
        top = heappop(heap)
        best = top[-1]
        if top != entry(best):
            # a stale entry: the pair has become rarer since it was pushed
            heappush(heap, entry(best))
            continue
        if not counts[best]:
            break  # every word is a single token
        merges.append(best)
        token = best[0] + best[1]
        vocab.setdefault(token, len(vocab))
        # only the words with this pair change: their old pairs are taken off the counts, their new ones added
        gained: set[Pair] = set()
        for at in places.pop(best):
            frequency = frequencies[at]
            for pair in pairwise(spelled[at]):
                counts[pair] -= frequency
            spelled[at] = merge(spelled[at], best)
            for pair in pairwise(spelled[at]):
                counts[pair] += frequency
                if token in pair:
                    gained.add(pair)
                    places[pair].add(at)
        # subtle: pairs that lost are not pushed again; they are corrected when they come up
        for pair in gained:
            heappush(heap, entry(pair))
    return merges
