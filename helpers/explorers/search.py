"""The search explorer: one question, the passages that words and vectors find for it, and the answer in one of them.

Python asks the models. Without a kernel `tab/search.js` ranks by words, and keeps the answers to the stored questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import tab
from helpers.reference import answers as reading
from helpers.reference.attention import softmax
from helpers.reference.search import BM25, cosine, found_words, mean_pool, reciprocal_rank_fusion
from helpers.show import Static, running, view

if TYPE_CHECKING:
    from jaxtyping import Float

SCRIPT = Path(__file__).with_suffix(".js")
SHOWN, SPANS, LONGEST = 5, 3, 24  # passages in a ranking, answers in a passage, tokens in an answer
BATCH, STRIDE = 16, 64
ALIVE_UP_TO = 150_000  # characters of passages that a stored notebook carries for the website
WORDS, VECTORS, BOTH = "By words (BM25)", "By vectors (cosine)", "By both (fused ranks)"
Data = dict[str, Any]


def show(passages: Any, question: str, encoder: Any, reader: Any, titles: Any, examples: Sequence[str]) -> Any:
    """The view behind `explore.search`."""
    texts = [*passages]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError("passages must be a list of texts, at least one and none empty.")
    names = [f"Passage {k + 1}" for k in range(len(texts))] if titles is None else [str(title) for title in titles]
    if len(names) != len(texts):
        raise ValueError(f"There are {len(texts)} passages and {len(names)} titles: give one title per passage.")
    search = Search(texts, encoder, reader)
    asked = [question, *(example for example in examples if example != question)]
    stored = [search.reply(one) for one in asked]
    data = {"texts": texts, "titles": names, "examples": asked, "first": stored[0]}

    def answer(state: Data) -> tuple[Data, str]:
        said = search.reply(state["question"], state.get("open"))
        return said, said["notice"]

    small = sum(map(len, texts)) <= ALIVE_UP_TO
    call = {"view": "search", "data": data, "answers": stored} if small else None
    return view(tab.alive(static(data), call), SCRIPT, data, answer, stored[0]["notice"])


class Search:
    """The passages, indexed by their words and, with an `encoder`, by their vectors; a `reader` finds the answer.

    Both are checkpoints, as `checkpoints.load` gives them: a BERT whose hidden states are pooled, and one with a span
    head. Raises ValueError for models of another kind.
    """

    def __init__(self, texts: Sequence[str], encoder: Any = None, reader: Any = None) -> None:
        self.texts, self.encoder, self.reader = list(texts), encoder, reader
        for given, what in ((encoder, "encoder"), (reader, "reader")):
            if given is not None and not (hasattr(given, "model") and hasattr(given, "tokenizer")):
                raise ValueError(f"{what} must be a checkpoint, such as checkpoints.load gives, not {given!r:.60}.")
        if reader is not None and "QuestionAnswering" not in type(reader.model).__name__:
            raise ValueError(
                f"{type(reader.model).__name__} has no span head: load one with checkpoints.load('reader')."
            )
        self.index = BM25(self.texts)
        self.vectors = None if encoder is None else self.encode(self.texts)

    def encode(self, texts: Sequence[str]) -> Float[np.ndarray, "texts width"]:
        """The mean of each text's last hidden states; what is too long for the encoder is cut."""
        import torch

        model, tokenizer = self.encoder.model, self.encoder.tokenizer
        room = most_tokens(model, tokenizer)
        order = np.argsort([len(text) for text in texts], kind="stable")  # similar lengths meet: little padding
        vectors: list[Any] = [None] * len(texts)
        for first in range(0, len(texts), BATCH):
            these = order[first : first + BATCH]
            inputs = tokenizer(
                [texts[k] for k in these], truncation=True, max_length=room, padding=True, return_tensors="pt"
            )
            check_vocabulary(model, tokenizer, inputs["input_ids"].flatten().tolist())
            with torch.no_grad(), running(model):
                hidden = model(**inputs.to(model.device)).last_hidden_state.float().cpu().numpy()
            for k, vector in zip(these, mean_pool(hidden, inputs["attention_mask"].cpu().numpy()), strict=True):
                vectors[k] = vector
        return np.stack(vectors)

    def reply(self, question: str, chosen: int | None = None) -> Data:
        """The rankings for a question, and what is found in the passage `chosen` (default: the first of the last one).

        Raises ValueError for what is not a text or has no word, and for a passage that is not there.
        """
        if not isinstance(question, str):
            raise ValueError(f"The question must be a string, not {type(question).__name__}.")
        parts = self.index.parts(question)
        if not parts:
            raise ValueError("The question has no word: type one.")
        if chosen is not None and not 0 <= chosen < len(self.texts):
            raise ValueError(f"There is no passage {chosen}: they go from 0 to {len(self.texts) - 1}.")
        scores = {WORDS: self.index.scores(question)}
        if self.vectors is not None:
            scores[VECTORS] = cosine(self.encode([question]), self.vectors)[0]
            scores[BOTH] = reciprocal_rank_fusion([*scores.values()])
        rankings = [ranking(name, values) for name, values in scores.items()]
        place = rankings[-1]["places"][0] if chosen is None else chosen
        unknown = [word for word in parts if word not in self.index.postings]
        return {
            "question": question,
            "rankings": rankings,
            "open": place,
            "words": [{"word": word, "part": float(part[place])} for word, part in parts.items()],
            "matched": found_words(self.texts[place], [word for word, part in parts.items() if part[place]]),
            "answers": None if self.reader is None else self.read(question, self.texts[place]),
            "notice": f"No passage has {' or '.join(unknown)}." if unknown else "",
        }

    def read(self, question: str, text: str) -> list[Data]:
        """The best spans of a passage that do not overlap, as places of letters, each with its probability.

        A long passage is read in windows. In each, a softmax over the passage's tokens makes probabilities of the start
        logits, and of the end logits; a span has the product of two. Of a passage's windows, the one with the highest
        sum of logits counts.
        """
        import torch

        model, tokenizer = self.reader.model, self.reader.tokenizer
        room = most_tokens(model, tokenizer)
        asked = tokenizer(question, truncation=True, max_length=room // 2, add_special_tokens=False)
        question = question[: asked.encodings[0].offsets[-1][1]]  # so that there is room for the passage
        inputs = tokenizer(
            question,
            text,
            truncation="only_second",
            max_length=room,
            stride=min(STRIDE, room // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        places, of = inputs.pop("offset_mapping").tolist(), [e.sequence_ids for e in inputs.encodings]
        inputs.pop("overflow_to_sample_mapping")
        with torch.no_grad(), running(model):
            output = model(**inputs.to(model.device))
        found: tuple[float, list[Data]] = (-np.inf, [])
        for start, end, offsets, sequence in zip(output.start_logits, output.end_logits, places, of, strict=True):
            start, end = start.float().cpu().numpy(), end.float().cpu().numpy()
            allowed = np.array([part == 1 for part in sequence])
            best = reading.best_span(start, end, allowed, LONGEST)
            if best is None or best.score <= found[0]:
                continue
            p = [softmax(np.where(allowed, logits, -np.inf)) for logits in (start, end)]
            spans = []
            free = allowed.copy()
            while len(spans) < SPANS and (span := best_unbroken(start, end, free)):
                spans.append(
                    {
                        "start": offsets[span.first][0],
                        "end": offsets[span.last][1],
                        "probability": float(p[0][span.first] * p[1][span.last]),
                    }
                )
                free[span.first : span.last + 1] = False
            found = (best.score, spans)
        return found[1]


def best_unbroken(start: np.ndarray, end: np.ndarray, free: np.ndarray) -> reading.Span | None:
    """The best span among tokens that are all `free`: two free tokens may have taken ones between them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(int), [0]])))
    runs = []
    for first, last in edges.reshape(-1, 2):
        inside = np.zeros_like(free)
        inside[first:last] = True
        runs.append(reading.best_span(start, end, inside, LONGEST))
    return max(runs, key=lambda span: (span.score, -span.first), default=None)


def ranking(name: str, scores: Float[np.ndarray, " passages"]) -> Data:
    """The first passages by a score; of equal ones the earlier comes first."""
    order = np.argsort(-scores, kind="stable")[:SHOWN]
    return {"name": name, "places": order.tolist(), "scores": [float(scores[k]) for k in order]}


# --- the static form --------------------------------------------------------------------------------


def marked(text: str, matched: Sequence[Sequence[int]], answer: Data | None) -> str:
    """HTML of a passage in which the matched words are bold, and the best answer is marked."""
    edges = sorted(
        {0, len(text), *(edge for word in matched for edge in word)}
        | ({answer["start"], answer["end"]} if answer else set())
    )
    pieces = []
    for first, end in pairwise(edges):
        piece = escape(text[first:end]).replace("\n", "<br>")
        if any(first >= begin and end <= stop for begin, stop in matched):
            piece = f"<b>{piece}</b>"
        if answer and first >= answer["start"] and end <= answer["end"]:
            piece = f"<mark>{piece}</mark>"
        pieces.append(piece)
    return "".join(pieces)


def static(data: Data) -> Static:
    """The rankings for the first question, and the opened passage with its answer."""
    first, titles = data["first"], data["titles"]
    heads, lines = [], [f"“{first['question']}”"]
    for one in first["rankings"]:
        rows = [f"{titles[k]} ({score:.3g})" for k, score in zip(one["places"], one["scores"], strict=True)]
        lines.append(f"{one['name']}: {', '.join(rows)}")
        items = "".join(f"<li>{escape(row)}</li>" for row in rows)
        heads.append(
            f'<td style="vertical-align:top;text-align:left"><b>{escape(one["name"])}</b><ol>{items}</ol></td>'
        )
    text, place = data["texts"][first["open"]], first["open"]
    found = first["answers"] or []
    said = "".join(f" Answer: “{text[a['start'] : a['end']]}”, {a['probability']:.0%}." for a in found[:1])
    lines.append(f"{titles[place]}: {text}{said}")
    notice = first["notice"]
    html = (
        f"<div><p>“{escape(first['question'])}”</p><table><tr>{''.join(heads)}</tr></table>"
        f"<p><b>{escape(titles[place])}</b>{escape(said)}</p>"
        f"<p>{marked(text, first['matched'], found[0] if found else None)}</p>"
        f"{f'<p>{escape(notice)}</p>' if notice else ''}</div>"
    )
    return Static(html, "\n".join([*lines, *([notice] if notice else [])]))
