"""Tokens: what a text becomes under several tokenizers, down to ids and bytes, and every step that leads there.

Ids, tokens and offsets are the `tokenizers` library's. The steps are those of `helpers.reference`, word by word; they
are shown only where they end in the library's tokens, which is checked again for every text.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

import regex

from helpers import checkpoints, corpora, plots
from helpers.explorers import tab
from helpers.reference import bpe, unigram, wordpiece
from helpers.show import Static, view

SCRIPT = Path(__file__).with_suffix(".js")
LONGEST = 400
"""Characters of a text that are used."""
UNIGRAM_TOKENS, UNIGRAM_SEED, MOST = 2000, 3000, 6
BUNDLED = ("gpt2-tokenizer", "storybook-gpt2", "storybook-bert")
LARGEST_FILE = 200_000
"""Bytes of a tokenizer's file that may stand in a page for `tab/tokens.js`; zipped they are a third."""
PLAIN: list[dict[str, Any]] = [
    {"type": "WhitespaceSplit"},
    {"type": "Metaspace", "replacement": unigram.SPACE, "prepend_scheme": "always", "split": True},
    *({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": t, "use_regex": True} for t in (True, False)),
]
ODD = ("dropout", "byte_fallback", "ignore_merges", "fuse_unk", "end_of_word_suffix")
HIDDEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"}
NAMED = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
STEPS = {
    "BPE": "merge by merge, the lowest rank first",
    "WordPiece": "what is tried from each place, longest first",
    "Unigram": "the cheapest way to each place",
}


def show(text: str, tokenizers: Any = None, price: float | None = None) -> Any:
    """The view behind `explore.tokens`."""
    if not isinstance(text, str):
        raise ValueError(f"The text must be a string, not {type(text).__name__}.")
    sources = [Source(name, tokenizer) for name, tokenizer in named(tokenizers).items()]
    data = answer(sources, text, price)
    shown = tab.alive(static(data), call_of(text, tokenizers, price))
    return view(shown, SCRIPT, data, lambda state: (answer(sources, state["text"], price), ""))


def call_of(text: str, tokenizers: Any = None, price: float | None = None) -> dict[str, Any] | None:
    """The same call for `tab/tokens.js`, which needs no kernel; None if a tokenizer has what is not computed there.

    One that comes with the course is named by its `checkpoint`; another one's file comes along, `zipped`, if small.
    """
    written = [(name, _in_the_tab(tokenizer)) for name, tokenizer in named(tokenizers).items()]
    if not all(found for _, found in written):
        return None
    return {
        "view": "tokens",
        "text": text,
        "price": price,
        "tokenizers": [{"name": name, **found} for name, found in written],
    }


def _in_the_tab(tokenizer: Any) -> dict[str, Any] | None:
    file = _file(getattr(tokenizer, "backend_tokenizer", tokenizer))
    if folder := next((folder for folder in BUNDLED if file == _bundled(folder)), None):
        return {"checkpoint": folder}
    model, cut, norm = file["model"], file["pre_tokenizer"] or {"type": None}, file["normalizer"]
    if cut["type"] == "BertPreTokenizer":
        plain = norm and norm["type"] == "BertNormalizer" and norm["clean_text"] and norm["handle_chinese_chars"]
    else:
        plain = norm is None and cut in PLAIN
    rules = any(token[rule] for token in file["added_tokens"] for rule in ("single_word", "lstrip", "rstrip"))
    known = model["type"] in STEPS and model.get("unk_id", 0) is not None and not any(map(model.get, ODD))
    known = known and (model.get("continuing_subword_prefix") or "##") == "##"
    written = json.dumps(file, ensure_ascii=False).encode("utf-8")
    if not plain or not known or rules or len(written) > LARGEST_FILE:
        return None
    return {"zipped": b64encode(gzip.compress(written, mtime=0)).decode("ascii")}


def _file(tokenizer: Any) -> dict[str, Any]:
    """What a tokenizer's file says of the way from a text to its tokens."""
    file = json.loads(tokenizer.to_str())
    return {part: file[part] for part in ("model", "added_tokens", "pre_tokenizer", "normalizer")}


@cache
def _bundled(folder: str) -> dict[str, Any]:
    from tokenizers import Tokenizer

    path = checkpoints.ASSETS / folder / "tokenizer.json"
    packed = path.with_suffix(".json.gz")
    written = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    return _file(Tokenizer.from_str(written.decode("utf-8")))


def named(tokenizers: Any) -> dict[str, Any]:
    """Tokenizers by name: as given, or numbered by their algorithm; a string leads to a checkpoint's tokenizer."""
    if tokenizers is None:
        return {
            "BPE": checkpoints.gpt2_tokenizer(),
            "WordPiece": checkpoints.tokenizer("bert"),
            "Unigram": small_unigram(),
        }
    if not isinstance(tokenizers, Mapping):
        several = isinstance(tokenizers, Sequence) and not isinstance(tokenizers, str)
        listed = list(tokenizers) if several else [tokenizers]
        tokenizers = {one if isinstance(one, str) else f"tokenizer {at}": one for at, one in enumerate(listed, 1)}
    if not tokenizers:
        raise ValueError("There is no tokenizer to show: pass at least one, or none at all for the course's three.")
    return {str(name): checkpoints.tokenizer(one) if isinstance(one, str) else one for name, one in tokenizers.items()}


@cache
def small_unigram() -> Any:
    """A Unigram trained on the course's reviews, as no checkpoint that ships with the course has one.

    The reference trains it: the library's trainer gives other tokens at every run.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers

    trained = unigram.train(corpora.load("reviews")["train"]["text"], UNIGRAM_TOKENS, seed_size=UNIGRAM_SEED)
    library = Tokenizer(models.Unigram(list(trained.scores.items()), unk_id=0))
    library.pre_tokenizer = pre_tokenizers.Metaspace()
    return library


# --- one tokenizer ----------------------------------------------------------------------------------


class Source:
    """A fast tokenizer, with its algorithm as the course's reference has it.

    Raises ValueError for a tokenizer that is not one of the `tokenizers` library, or has parts of its own in Python.
    """

    def __init__(self, name: str, tokenizer: Any) -> None:
        from tokenizers import Tokenizer

        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if not isinstance(backend, Tokenizer):
            raise ValueError(
                f"{name} must be a fast tokenizer (AutoTokenizer.from_pretrained gives one, or "
                f"tokenizers.Tokenizer), not {type(tokenizer).__name__}."
            )
        try:
            written = backend.to_str()
        except Exception as error:  # the library's own type is Exception
            raise ValueError(f"{name} has parts written in Python, which cannot be looked into: {error}") from error
        self.name, self.library = name, Tokenizer.from_str(written)  # a copy: padding and truncation are the caller's
        self.library.no_padding()
        self.library.no_truncation()
        file = json.loads(written)
        self.model, self.kind = file["model"], file["model"]["type"]
        self.added = [token["content"] for token in file["added_tokens"]]
        self.byte_level = self.kind == "BPE" and '"ByteLevel"' in json.dumps(file["pre_tokenizer"])
        self.known: dict[str, dict[str, Any]] = {}  # words that were stepped through; most come again
        vocab = self.model["vocab"]
        if self.kind == "BPE":
            merges = [pair.split(" ") if isinstance(pair, str) else pair for pair in self.model["merges"]]
            self.reference, self.through = bpe.BPE(vocab, merges), self._merges
        elif self.kind == "WordPiece":
            longest = self.model["max_input_chars_per_word"]
            self.reference, self.through = wordpiece.WordPiece(vocab, (), longest_word=longest), self._matches
        elif self.kind == "Unigram":
            unknown = "" if self.model["unk_id"] is None else vocab[self.model["unk_id"]][0]
            self.reference, self.through = unigram.Unigram(dict(vocab), unknown), self._lattice

    def words(self, text: str) -> Iterator[tuple[str, int, int]]:
        """What the model gets to cut, with its place in the text: after added tokens, normalizer and pre-tokenizer."""
        from tokenizers import PreTokenizedString

        at = 0
        for part in bpe.cut_out(self.added, text):
            if part in self.added:
                yield part, at, at + len(part)
            else:
                pieces = PreTokenizedString(part)
                if self.library.normalizer:
                    pieces.normalize(self.library.normalizer.normalize)
                if self.library.pre_tokenizer:
                    self.library.pre_tokenizer.pre_tokenize(pieces)
                for word, (start, end), _ in pieces.get_splits("original", "char"):
                    if word:
                        yield word, at + start, at + end
            at += len(part)

    def steps(self, word: str) -> dict[str, Any]:
        """The steps through one word, and the tokens at their `end`."""
        if word not in self.known:
            stepped = self.kind in STEPS and word not in self.added
            self.known[word] = self.through(word) if stepped else {"end": [word]}
        return self.known[word]

    def _merges(self, word: str) -> dict[str, Any]:
        """`start`: the symbols; `merges`: (place, rank) in order; `ranks`: every pair with a rank that came up."""
        vocab, ranks = self.model["vocab"], self.reference.rank_of
        start = [*word[:-1], word[-1] + (self.model.get("end_of_word_suffix") or "")]
        if self.model.get("byte_fallback"):
            spelled = [[c] if c in vocab else [f"<0x{byte:02X}>" for byte in c.encode("utf-8")] for c in start]
            start = [symbol for symbols in spelled for symbol in symbols]
        if self.model.get("ignore_merges") and word in vocab:
            start = [word]
        steps = self.reference.steps(tuple(start))
        pairs, symbols = set(pairwise(start)), set(start)
        for step in steps:  # only the pairs beside the new token are new
            pairs |= set(pairwise(step.word[max(step.at - 1, 0) : step.at + 2]))
            symbols.add(step.word[step.at])
        unknown, last = self.model.get("unk_token"), steps[-1].word if steps else start
        end = [token if token in vocab else unknown for token in last]
        return {
            "start": start,
            "merges": [(step.at, step.rank) for step in steps],
            "ranks": [(*pair, ranks[pair]) for pair in sorted(pairs & ranks.keys())],
            "shown": {symbol: readable(self.bytes_of(symbol, symbol)) for symbol in sorted(symbols)},
            "end": [token for token in end if token is not None],
        }

    def _matches(self, word: str) -> dict[str, Any]:
        """`matches`: (start, end, token) in order, token None where nothing fits; what is tried follows from them."""
        matches = [(match.start, match.end, match.token) for match in self.reference.steps(word)]
        shown = [visible(character) for character in word]
        return {"word": list(word), "cells": shown, "matches": matches, "end": self.reference.pieces(word)}

    def _lattice(self, word: str) -> dict[str, Any]:
        """`edges`: (start, end, bits, total bits, whether a new best) in order; `path`: the best path's edges."""
        steps = self.reference.steps(word)
        path, all_edges = unigram.best_path(steps), [step.edge for step in steps]
        edges = [(step.edge.start, step.edge.end, bits(step.edge.score), bits(step.total), step.best) for step in steps]
        return {
            "word": list(word),
            "cells": [visible(character) for character in word],
            "edges": edges,
            "path": [all_edges.index(edge) for edge in path],
            "end": self.reference.join_unknown(path),
        }

    def bytes_of(self, token: str, covered: str) -> bytes:
        """The bytes that a token stands for: its own where tokens are bytes, else those of the text it covers."""
        if self.byte_level and token not in self.added:
            return bytes(bpe.BYTE_OF[character] for character in token if character in bpe.BYTE_OF)
        if self.model.get("byte_fallback") and (found := regex.fullmatch("<0x([0-9A-F]{2})>", token)):
            return bytes.fromhex(found[1])
        return covered.encode("utf-8")

    def row(self, text: str, price: float | None = None) -> dict[str, Any]:
        """All that is shown of a text: tokens with ids, bytes and places, words with their steps, and the cost."""
        encoding = self.library.encode(text, add_special_tokens=False)
        words = [{"start": start, "end": end, "steps": self.steps(word)} for word, start, end in self.words(text)]
        word_of = [(at, token) for at, word in enumerate(words) for token in word["steps"]["end"]]
        stepped = self.kind in STEPS and [token for _, token in word_of] == encoding.tokens
        tokens = []
        for at, (token, id_, (start, end)) in enumerate(zip(encoding.tokens, encoding.ids, encoding.offsets)):
            if token == unigram.SPACE and not text[start:end].isspace():
                end = start  # the ▁ put in front: no character of the text is in it
            raw = self.bytes_of(token, text[start:end])
            of_bytes = self.byte_level or (self.model.get("byte_fallback") and token.startswith("<0x"))
            tokens.append(
                {
                    "token": token,
                    "id": id_,
                    "shown": readable(raw) if of_bytes else visible(token),
                    "bytes": raw.hex(" ").upper(),
                    "start": start,
                    "end": end,
                    "word": word_of[at][0] if stepped else -1,
                }
            )
        cost = {"tokens": len(tokens), "characters": len(text), "per_character": len(tokens) / max(len(text), 1)}
        if price is not None:
            cost["price"] = price * 1000 * cost["per_character"] / 1e6  # for 1,000 characters
        return {
            "name": self.name,
            "kind": self.kind,
            "size": self.library.get_vocab_size(),
            "tokens": tokens,
            "cost": cost,
            "groups": groups(tokens, text),
            "words": words if stepped else [],
        }


# --- what can be read of a token ---------------------------------------------------------------------


def visible(text: str) -> str:
    """A text in which nothing is invisible: a space is ␣, a joiner alone U+200D, a lone mark stands on ◌."""
    shown = []
    for cluster in regex.findall(r"\X", text):
        kind = unicodedata.category(cluster[0])
        if cluster in NAMED:
            shown.append(NAMED[cluster])
        elif len(cluster) == 1 and (kind in HIDDEN or "\ufe00" <= cluster <= "\ufe0f"):
            shown.append(f"U+{ord(cluster):04X}")
        else:
            shown.append(("◌" if kind[0] == "M" else "") + "".join(NAMED.get(c, c) for c in cluster))
    return "".join(shown)


def readable(raw: bytes) -> str:
    """Whole characters as `visible` shows them, the bytes of a cut one in hexadecimal: b" \\xf0\\x9f" → ␣ F0 9F."""
    parts = regex.split("([\udc80-\udcff]+)", raw.decode("utf-8", "surrogateescape"))
    return " ".join(
        " ".join(f"{ord(c) - 0xDC00:02X}" for c in part) if at % 2 else visible(part)
        for at, part in enumerate(parts)
        if part
    )


def bits(score: float) -> float:
    return round(-score / log(2), 2)


def clusters(text: str) -> list[int]:
    """For each character of a text, the number of the grapheme it is part of: what a reader takes for one character."""
    return [number for number, cluster in enumerate(regex.findall(r"\X", text)) for _ in cluster]


def groups(tokens: Sequence[Mapping[str, Any]], text: str) -> list[tuple[int, int, str]]:
    """Runs of tokens (first, last) that share a grapheme, and what they make together: an emoji and its bytes."""
    grapheme, runs = clusters(text), []
    for at, (left, right) in enumerate(pairwise(tokens), 1):
        empty = left["end"] == left["start"] or right["end"] == right["start"]
        if not empty and grapheme[left["end"] - 1] >= grapheme[right["start"]]:
            first = runs.pop()[0] if runs and runs[-1][1] == at - 1 else at - 1
            runs.append((first, at))
    return [(a, b, visible(text[tokens[a]["start"] : tokens[b]["end"]].strip() or " ")) for a, b in runs]


# --- all of them, and the static form ----------------------------------------------------------------


def answer(sources: Sequence[Source], text: str, price: float | None = None) -> dict[str, Any]:
    """What the view draws for one text. Raises ValueError on a lone surrogate."""
    bpe.utf8(text)
    used, notice = text, ""
    if len(text) > LONGEST:
        whole = clusters(text[: LONGEST + 1])  # a grapheme is not cut in two
        used = text[: whole.index(whole[-1]) or LONGEST]
        notice = f"Only the first {len(used)} of {len(text):,} characters are used."
    rows = [source.row(used, price) for source in sources]
    compare(rows, used)
    longest = max(regex.finditer(r"\S+", used), key=lambda word: len(word[0]), default=None)
    return {"text": text, "used": used, "notice": notice, "rows": rows, "focus": longest.start() if longest else 0}


def first_place(text: str, start: int) -> int:
    """The place of the first character from `start` on that is not a space: tokenizers differ in where they put it."""
    return start + len(text[start:]) - len(text[start:].lstrip())


def compare(rows: Sequence[dict[str, Any]], text: str) -> None:
    """Say in every row how many of its cuts the first row has too, and mark the tokens where it alone cuts."""
    starts = [[first_place(text, token["start"]) for token in row["tokens"]] for row in rows]
    cuts = [set(places[1:]) - {first_place(text, 0)} for places in starts]
    for at, row in enumerate(rows):
        others = set().union(*cuts[:at], *cuts[at + 1 :])
        alone = cuts[at] - others if len(rows) > 1 else set()
        for token, place in zip(row["tokens"], starts[at]):
            token["alone"] = place in alone
            alone -= {place}
        row["cuts"], row["shared"] = len(cuts[at]), len(cuts[at] & cuts[0])


def trace(steps: Mapping[str, Any]) -> dict[str, list[str]]:
    """The steps through a word as lines, each a label and tokens: what the static form shows of them."""
    if "merges" in steps:
        state, lines = list(steps["start"]), {"start": [steps["shown"][s] for s in steps["start"]]}
        for at, rank in steps["merges"]:
            state[at : at + 2] = [state[at] + state[at + 1]]
            lines[f"rank {rank:,}"] = [steps["shown"][symbol] for symbol in state]
        return lines
    if "matches" in steps:
        return {
            f"from {start}": [
                ("##" if start else "") + "".join(steps["word"][start:stop])
                for stop in range(len(steps["word"]), end - (token is not None), -1)
            ]
            for start, end, token in steps["matches"]
        }
    best: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}
    for start, end, _, total, is_best in steps.get("edges", ()):
        if is_best:
            best[end] = total, [*best[start][1], "".join(steps["word"][start:end])]
    return {f"to {place}: {total:.1f} bits": path for place, (total, path) in sorted(best.items()) if place}


def static(data: Mapping[str, Any]) -> Static:
    """Tokens and ids of every tokenizer, what they cost, and the steps through one word."""
    rows = {row["name"]: row for row in data["rows"]}
    chips = plots.tokens(
        {name: [t["shown"] for t in row["tokens"]] for name, row in rows.items()},
        {name: [t["id"] for t in row["tokens"]] for name, row in rows.items()},
    )
    html, text = [f"<p><strong>Tokens</strong> of “{escape(data['used'])}”</p>", chips._repr_html_()], [repr(chips), ""]
    for name, row in rows.items():
        line = f"{name} ({row['kind']}, {row['size']:,} in the vocabulary): {cost_line(row['cost'])}"
        line += "".join(f"; {b - a + 1} tokens make {label}" for a, b, label in row["groups"][:MOST])
        html.append(f"<div>{escape(line)}</div>")
        text.append(line)
    for name, row in rows.items():
        word = next((word for word in row["words"] if data["focus"] < word["end"]), None)
        if word and (lines := trace(word["steps"])):
            title = f"{name}, “{data['used'][word['start'] : word['end']].strip()}”, {STEPS[row['kind']]}"
            drawn = plots.tokens(lines)
            html.append(f"<details><summary>{escape(title)}</summary>{drawn._repr_html_()}</details>")
            text += ["", title, repr(drawn)]
    if data["notice"]:
        html.append(f"<p>{data['notice']}</p>")
        text += ["", data["notice"]]
    return Static(f"<div>{''.join(html)}</div>", "\n".join(text))


def cost_line(cost: Mapping[str, float]) -> str:
    """What a text costs: `12 tokens for 31 characters: 0.39 per character, 387 per 1,000`."""
    line = f"{cost['tokens']} tokens for {cost['characters']} characters: {cost['per_character']:.2f} per character, "
    line += f"{1000 * cost['per_character']:,.0f} per 1,000 characters"
    return line + (f", at a price of {cost['price']:.4g}" if "price" in cost else "")
