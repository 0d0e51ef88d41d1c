"""The search explorer: one question, the passages that words and vectors find for it, and the answer in one of them.

Python asks the models. Without a kernel `tab/search.js` ranks by words, and keeps what was found for stored questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import tab
from helpers.reference import answers as reading
from helpers.reference.attention import softmax
from helpers.reference.search import BM25, cosine, found_words, mean_pool, reciprocal_rank_fusion, words
from helpers.reference.text import utf8
from helpers.show import Static, running, view

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    Scores = Float[np.ndarray, " passages"]
    Logits = Float[np.ndarray, " tokens"]

SCRIPT = Path(__file__).with_suffix(".js")
SHOWN, SPANS, LONGEST = 5, 3, 24  # passages in a ranking, answers in a passage, tokens in an answer
BATCH, STRIDE = 16, 64
ALIVE_UP_TO = 300_000  # characters of passages that a stored notebook carries for the website
STATIC = 1500  # characters of a passage that the static form shows
WEAK = 0.2  # what a word must add, compared with the one that adds most, to be marked as one that matters
TITLES = {"words": "By words (BM25)", "vectors": "By vectors (cosine)", "both": "By both (ranks fused)"}
Data = dict[str, Any]


def show(passages: Any, question: str, encoder: Any, reader: Any, titles: Any, examples: Any) -> Any:
    """The view behind `explore.search`."""
    texts = listed(passages)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError(
            "passages must be a list of texts, at least one and none empty. corpora.passages(folder) gives such a list "
            "and a list of titles."
        )
    names = [f"Passage {k + 1}" for k in range(len(texts))] if titles is None else [*map(str, listed(titles))]
    if len(names) != len(texts):
        raise ValueError(f"There are {len(texts)} passages and {len(names)} titles: give one title per passage.")
    asked = [question, *(example for example in listed(examples) if example != question)]
    for one in asked:
        if not isinstance(one, str) or not words(one):
            raise ValueError(f"A question must be a text with at least one word, not {one!r:.60}.")
    for one in (*texts, *names, *asked):
        utf8(one)
    search = Search(texts, encoder, reader)
    first = search.reply(question)
    notice = " ".join(filter(None, [first["notice"], search.cut]))
    data = {"texts": texts, "titles": names, "examples": asked, "first": first}

    def answer(state: Data) -> tuple[Data, str]:
        said = search.reply(state["question"], state.get("open"))
        return said, said["notice"]

    call = None
    if sum(map(len, texts)) <= ALIVE_UP_TO:
        call = {"view": "search", "data": data, "note": notice, "answers": [search.stored(one) for one in asked]}
    return view(tab.alive(static(data, notice), call), SCRIPT, data, answer, notice)


def listed(given: Any) -> list[Any]:
    """What was given as a list: an empty one for a string, whose letters are not meant, and for what is no list."""
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []


class Search:
    """The passages, indexed by their words and, with an `encoder`, by their vectors; a `reader` finds the answer.

    Both are checkpoints, as `checkpoints.load` gives them: a BERT whose hidden states are pooled, and one with a span
    head. `cut` tells of passages that are too long for the encoder. Raises ValueError for models of another kind.
    """

    def __init__(self, texts: Sequence[str], encoder: Any = None, reader: Any = None) -> None:
        self.texts, self.encoder, self.reader = list(texts), encoder, reader
        for given, what in ((encoder, "encoder"), (reader, "reader")):
            if given is not None and not (hasattr(given, "model") and hasattr(given, "tokenizer")):
                raise ValueError(f"{what} must be a checkpoint, such as checkpoints.load gives, not {given!r:.60}.")
            if given is not None and given.model.training:
                raise ValueError(f"The {what} is in training mode: dropout changes its answers. Call model.eval().")
        if reader is not None and "QuestionAnswering" not in type(reader.model).__name__:
            raise ValueError(
                f"{type(reader.model).__name__} has no span head: load one with checkpoints.load('reader')."
            )
        self.index = BM25(self.texts)
        self.vectors, cut = (None, 0) if encoder is None else self.encode(self.texts)
        self.cut = ""
        if cut:
            are, their = ("is", "its") if cut == 1 else ("are", "their")
            self.cut = f"{cut} of the {len(self.texts)} passages {are} too long for the encoder, "
            self.cut += f"which reads only {their} beginning."

    def encode(self, texts: Sequence[str]) -> tuple[Float[np.ndarray, "texts width"], int]:
        """The mean of each text's last hidden states, and how many texts were too long for the encoder and were cut."""
        import torch

        model, tokenizer = self.encoder.model, self.encoder.tokenizer
        room = most_tokens(model, tokenizer)
        vectors: list[Any] = [None] * len(texts)
        with torch.no_grad(), running(model):
            lengths = [len(ids) for ids in tokenizer([*texts], verbose=False)["input_ids"]]
            order = np.argsort(lengths, kind="stable")  # similar lengths meet: little padding
            for first in range(0, len(texts), BATCH):
                part = order[first : first + BATCH]
                inputs = tokenizer(
                    [texts[k] for k in part], truncation=True, max_length=room, padding=True, return_tensors="pt"
                )
                check_vocabulary(model, tokenizer, inputs["input_ids"].flatten().tolist())
                hidden = model.base_model(**inputs.to(model.device)).last_hidden_state.float().cpu().numpy()
                for k, vector in zip(part, mean_pool(hidden, inputs["attention_mask"].cpu().numpy()), strict=True):
                    vectors[k] = vector
        return np.stack(vectors), sum(length > room for length in lengths)

    def reply(self, question: str, chosen: int | None = None) -> Data:
        """The rankings for a question, and what is found in the passage `chosen` (default: the first of the last one).

        Without a word in the question nothing is found, and a notice says so. Raises ValueError for what is not a text,
        and for a passage that is not there.
        """
        ranked, parts = self.rank(question)
        return ranked | self.opened(question, parts, shown(ranked)[0] if chosen is None else chosen)

    def stored(self, question: str) -> Data:
        """What `reply` gives for a question and for each passage that it shows, the first one first."""
        ranked, parts = self.rank(question)
        return {"ranked": ranked, "opened": [self.opened(question, parts, place) for place in shown(ranked)]}

    def rank(self, question: str) -> tuple[Data, dict[str, Scores]]:
        """The first passages of each ranking with their places in the others; what each word adds to every passage."""
        if not isinstance(question, str):
            raise ValueError(f"The question must be a string, not {type(question).__name__}.")
        utf8(question)
        parts = self.index.parts(question)
        if not parts:
            return {"question": question, "rankings": [], "said": "", "notice": "Type a word to search."}, parts
        scores = {"words": sum(parts.values())}
        if self.vectors is not None:
            scores["vectors"] = cosine(self.encode([question])[0], self.vectors)[0]
            scores["both"] = reciprocal_rank_fusion([*scores.values()])
        orders = {kind: np.argsort(-values, kind="stable") for kind, values in scores.items()}  # of equals the earlier
        places = {kind: np.argsort(order) + 1 for kind, order in orders.items()}

        def told(kind: str, k: int) -> str:
            """The place of passage k by words or by vectors. One that shares no word has no place by words."""
            missing = kind == "words" and not scores["words"][k]
            return "shares no word" if missing else f"{ordinal(places[kind][k])} by {kind}"

        rankings = []
        for kind, order in orders.items():
            first = [int(k) for k in order[:SHOWN] if kind != "words" or scores["words"][k]]
            others = [other for other in ("words", "vectors") if other in scores and other != kind]
            beside = [", ".join(told(other, k) for other in others) for k in first]
            values = [float(scores[kind][k]) for k in first]
            rankings.append({"name": TITLES[kind], "places": first, "scores": values, "beside": beside})
        said = ""
        if not rankings[0]["places"]:
            said = "No passage shares a word with the question."
        elif self.vectors is not None:
            one, two = orders["words"][0], orders["vectors"][0]
            said = "Words and vectors agree on the first passage."
            if one != two:
                said = f"Words and vectors disagree: the first by words is {told('vectors', one)}, "
                said += f"and the first by vectors {'is ' * bool(scores['words'][two])}{told('words', two)}."
        unknown = " or ".join(f"“{word}”" for word in parts if word not in self.index.postings)
        notice = f"No passage has the word {unknown}." if unknown else ""
        return {"question": question, "rankings": rankings, "said": said, "notice": notice}, parts

    def opened(self, question: str, parts: dict[str, Scores], place: int | None) -> Data:
        """What is found in one passage: what each word adds, where it stands, and the reader's answers.

        A place in `matched` is its first letter, the one after its last, and what its word adds: 1 for the most.
        """
        if place is None:
            return {"open": None, "words": [], "matched": [], "answers": None}
        if not 0 <= place < len(self.texts):
            raise ValueError(f"There is no passage {place}: they go from 0 to {len(self.texts) - 1}.")
        text, added = self.texts[place], {word: float(part[place]) for word, part in parts.items()}
        most = max(added.values(), default=1)
        matched = [
            (first, last, max(added.get(word, 0) for word in words(text[first:last])) / most)
            for first, last in found_words(text, [word for word, part in added.items() if part])
        ]
        return {
            "open": place,
            "words": [{"word": word, "part": part} for word, part in added.items()],
            "matched": matched,
            "answers": None if self.reader is None else self.read(question, text),
        }

    def read(self, question: str, text: str) -> list[Data]:
        """The best spans of a passage that do not overlap, as places of letters, each with its probability.

        A long passage is read in windows. In each, a softmax over the passage's tokens makes probabilities of the start
        logits, and of the end logits; a span has the product of two. Of a passage's windows, the one with the highest
        sum of logits counts. A question that takes more than half of the reader's room is cut.
        """
        import torch

        model, tokenizer = self.reader.model, self.reader.tokenizer
        room = most_tokens(model, tokenizer)
        half = (room - tokenizer.num_special_tokens_to_add(pair=True)) // 2
        if half < 1:
            raise ValueError(f"The reader takes {room} tokens, which leaves no room for a passage.")
        highest, found = -np.inf, []
        with torch.no_grad(), running(model):
            asked = tokenizer(question, truncation=True, max_length=half, add_special_tokens=False).encodings[0]
            inputs = tokenizer(
                question[: max((end for _, end in asked.offsets), default=0)],
                text,
                truncation="only_second",
                max_length=room,
                stride=min(STRIDE, half // 2),
                return_overflowing_tokens=True,
                padding=True,
                return_tensors="pt",
            )
            inputs.pop("overflow_to_sample_mapping")
            check_vocabulary(model, tokenizer, inputs["input_ids"].flatten().tolist())
            for first in range(0, len(inputs.encodings), BATCH):
                part = slice(first, first + BATCH)
                output = model(**{name: rows[part].to(model.device) for name, rows in inputs.items()})
                logits = [rows.float().cpu().numpy() for rows in (output.start_logits, output.end_logits)]
                for encoding, start, end in zip(inputs.encodings[part], *logits, strict=True):
                    allowed = np.array([sequence == 1 for sequence in encoding.sequence_ids])
                    spans = best_spans(start, end, allowed)
                    if not spans or spans[0].score <= highest:
                        continue
                    highest = spans[0].score
                    p, q = (softmax(np.where(allowed, one, -np.inf)) for one in (start, end))
                    found = [
                        {
                            "start": encoding.offsets[span.first][0],
                            "end": encoding.offsets[span.last][1],
                            "probability": float(p[span.first] * q[span.last]),
                        }
                        for span in spans
                    ]
        return found


def best_spans(start: Logits, end: Logits, allowed: Bool[np.ndarray, " tokens"]) -> list[reading.Span]:
    """The best spans of allowed tokens, best first: each is the best that leaves out what those before it took."""
    found: list[reading.Span] = []
    free = allowed.copy()
    while len(found) < SPANS and free.any():
        places = np.flatnonzero(free)
        best = []
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):  # free tokens without a gap
            span = reading.best_span(start[run], end[run], np.ones(len(run), bool), LONGEST)
            best.append(reading.Span(int(run[0]) + span.first, int(run[0]) + span.last, span.score))
        found.append(max(best, key=lambda span: span.score))
        free[found[-1].first : found[-1].last + 1] = False
    return found


def shown(ranked: Data) -> list[int | None]:
    """Each passage in the rankings once, those of the last one first; None if there is none."""
    return [*dict.fromkeys(place for one in reversed(ranked["rankings"]) for place in one["places"])] or [None]


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


# --- the static form --------------------------------------------------------------------------------


def marked(text: str, matched: Sequence[tuple[int, int, float]], answer: Data | None) -> str:
    """HTML of a passage, of a long one the part around its answer: words that matter are bold, the answer is marked."""
    bold = [(first, last) for first, last, share in matched if share >= WEAK]
    taken = [*bold, *([(answer["start"], answer["end"])] if answer else [])]
    middle = taken[-1][0] if taken else 0
    low = max(0, min(middle - STATIC // 2, len(text) - STATIC))
    high = min(len(text), low + STATIC)
    edges = sorted({low, high, *(edge for one in taken for edge in one if low < edge < high)})
    pieces = ["… " * (low > 0)]
    for first, end in pairwise(edges):
        piece = escape(text[first:end]).replace("\n", "<br>")
        if any(first >= begin and end <= stop for begin, stop in bold):
            piece = f"<b>{piece}</b>"
        if answer and first >= answer["start"] and end <= answer["end"]:
            piece = f"<mark>{piece}</mark>"
        pieces.append(piece)
    return "".join([*pieces, " …" * (high < len(text))])


def static(data: Data, notice: str) -> Static:
    """The rankings for the first question, and the opened passage with its answer."""
    first, titles = data["first"], data["titles"]
    lines = [f"“{first['question']}”", *filter(None, [first["said"]])]
    html, columns = "".join(f"<p>{escape(line)}</p>" for line in lines), []
    for one in first["rankings"]:
        rows, items = [], ""
        for k, score, beside in zip(one["places"], one["scores"], one["beside"], strict=True):
            rows.append(f"{titles[k]} {score:.3g}{f' ({beside})' if beside else ''}")
            items += f"<li>{escape(titles[k])} {score:.3g}{f'<br><small>{beside}</small>' if beside else ''}</li>"
        lines.append(f"{one['name']}: {'; '.join(rows) or 'nothing'}")
        columns.append(f'<td style="vertical-align:top;text-align:left"><b>{one["name"]}</b><ol>{items}</ol></td>')
    html += f"<table><tr>{''.join(columns)}</tr></table>"
    if (place := first["open"]) is not None:
        text, best = data["texts"][place], next(iter(first["answers"] or []), None)
        answer = f"Answer: “{text[best['start'] : best['end']]}”, {best['probability']:.1%}." if best else ""
        added = [f"{one['word']} +{one['part']:.3g}" for one in first["words"] if one["part"]]
        added = f"Words that add to its BM25 score: {', '.join(added)}." if added else ""
        lines += [f"{titles[place]}: {text[:STATIC]}{' …' * (len(text) > STATIC)}", *filter(None, [added, answer])]
        html += f"<p><b>{escape(titles[place])}</b></p><p>{marked(text, first['matched'], best)}</p>"
        html += "".join(f"<p>{escape(line)}</p>" for line in (added, answer) if line)
    if notice:
        lines.append(notice)
        html += f"<p>{escape(notice)}</p>"
    return Static(f"<div>{html}</div>", "\n".join(lines))
