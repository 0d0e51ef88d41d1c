"""The confidence explorer: a sentence's probabilities and what pushed them; what a threshold and a temperature do.

Python asks the model. What concerns the labeled texts is computed in `confidence.js`, over logits that are sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import plots
from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import still, tab
from helpers.reference.attention import softmax
from helpers.show import Static, running, view

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from matplotlib.figure import Figure

SCRIPT = Path(__file__).with_suffix(".js")
BATCH, BINS = 32, 10
TOWARD, AWAY = "#0072b2", "#d55e00"
Data = dict[str, Any]


def show(model: Any, tokenizer: Any, texts: Any, labels: Any, sentence: str, names: Any, watch: str | None) -> Any:
    """The view behind `explore.confidence`."""
    reader = Reader(model, tokenizer, names)
    texts, labels = list(texts), np.asarray(labels)
    if not texts or labels.shape != (len(texts),):
        raise ValueError(f"There are {len(texts)} texts, and labels of shape {labels.shape}: give one label per text.")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= len(reader.names):
        raise ValueError(f"Labels must be whole numbers from 0 to {len(reader.names) - 1}: {', '.join(reader.names)}.")
    if watch is not None and watch not in reader.names:
        raise ValueError(f"watch is {watch!r}; it can be {', '.join(reader.names)}.")
    first = reader.sentence(sentence, reader.names.index(watch) if watch else len(reader.names) - 1)
    logits, cut = reader.logits(texts)
    notices = [first["notice"]] + [f"{cut} of the {len(texts)} labeled texts were cut as well."] * bool(cut)
    data = {
        "names": reader.names,
        "first": first,
        "notice": " ".join(filter(None, notices)),
        "bins": BINS,
        "low": lowest(len(reader.names)),
        "logits": logits.tobytes(),
        "labels": labels.astype("int32").tobytes(),
    }

    def answer(state: Data) -> tuple[Data, str]:
        said = reader.sentence(state["text"], state["watch"])
        return said, said["notice"]

    shown = tab.alive(static(data, logits, labels), call_of(reader, data))
    return view(shown, SCRIPT, data, answer, data["notice"])


def call_of(reader: Reader, data: Data) -> Data:
    """What `tab/confidence.js` needs without a kernel: all of `data`, and the answer for each label one may watch."""
    text = data["first"]["text"]
    return {
        "view": "confidence",
        "data": tab.plain(data),
        "answers": [reader.sentence(text, watch) for watch in range(len(reader.names))],
    }


class Reader:
    """A classifier and its tokenizer: logits of many texts, or of one and what each token adds to them."""

    def __init__(self, model: Any, tokenizer: Any, names: Any = None) -> None:
        config = model.config
        if getattr(config, "num_labels", 0) < 2 or "SequenceClassification" not in type(model).__name__:
            raise ValueError(
                f"{type(model).__name__} is not a classifier with two or more labels: load one with "
                "AutoModelForSequenceClassification."
            )
        if model.training:
            raise ValueError("The model is in training mode: dropout changes every answer. Call model.eval() first.")
        self.model, self.tokenizer = model, tokenizer
        given = [config.id2label[k] for k in sorted(config.id2label)] if names is None else names
        self.names = [str(name) for name in given]
        if len(self.names) != config.num_labels:
            raise ValueError(f"The model has {config.num_labels} labels, and names has {len(self.names)}.")
        self.room = most_tokens(model, tokenizer)

    def encode(self, texts: Sequence[str]) -> Any:
        many = len(texts) > 1
        inputs = self.tokenizer(texts, truncation=True, max_length=self.room, padding=many, return_tensors="pt")
        check_vocabulary(self.model, self.tokenizer, inputs["input_ids"].flatten().tolist())
        return inputs

    def logits(self, texts: Sequence[str]) -> tuple[Float[np.ndarray, "texts labels"], int]:
        """float32 logits of every text, in order, and how many texts were too long and were cut."""
        import torch

        lengths = [len(ids) for ids in self.tokenizer(texts)["input_ids"]]
        order = sorted(range(len(texts)), key=lengths.__getitem__)  # similar lengths meet: little padding
        logits = np.zeros((len(texts), len(self.names)), np.float32)
        padded = self.tokenizer.pad_token is not None and self.model.config.pad_token_id is not None
        for start in range(0, len(texts), BATCH if padded else 1):
            part = order[start : start + (BATCH if padded else 1)]
            with torch.no_grad(), running(self.model):
                inputs = self.encode([texts[k] for k in part]).to(self.model.device)
                logits[part] = self.model(**inputs).logits.float().cpu().numpy()
        return logits, sum(length > self.room for length in lengths)

    def sentence(self, text: str, watch: int) -> Data:
        """The logits of a text, its tokens, and gradient x input: what each token adds to label `watch`'s log-odds.

        The slope is taken at each token's embedding (lesson 07, section 5). With two labels the log-odds of one are
        its logit minus the other's. Raises ValueError for what is not a text, or has no token.
        """
        import torch

        if not isinstance(text, str):
            raise ValueError(f"The sentence must be a string, not {type(text).__name__}.")
        whole = len(self.tokenizer(text)["input_ids"])
        if not whole:
            raise ValueError("The sentence has no token: type a word.")
        inputs = self.encode([text])
        offsets, ids = inputs.encodings[0].offsets, inputs["input_ids"][0].tolist()
        inputs = inputs.to(self.model.device)
        with running(self.model, "does not say what each token adds"):
            embedded = self.model.get_input_embeddings()(inputs.pop("input_ids")).detach().requires_grad_()
            logits = self.model(inputs_embeds=embedded, **inputs).logits[0].float()
        odds = logits[watch] - torch.logsumexp(torch.cat([logits[:watch], logits[watch + 1 :]]), 0)
        with running(self.model, "does not say what each token adds"):
            (slope,) = torch.autograd.grad(odds, embedded)
        cut = f"The sentence has {whole:,} tokens; the model reads the first {self.room:,}."
        tokens = self.tokenizer.convert_ids_to_tokens(ids)
        shown = [
            token if start == end or token.startswith("##") else text[start:end].strip() or "␣"
            for token, (start, end) in zip(tokens, offsets, strict=True)
        ]
        return {
            "text": text,
            "watch": watch,
            "tokens": shown,
            "scores": (slope * embedded).sum(-1)[0].tolist(),
            "logits": logits.tolist(),
            "notice": cut if whole > self.room else "",
        }


# --- numbers ----------------------------------------------------------------------------------------


def calibration(logits: np.ndarray, labels: Int[np.ndarray, " texts"], temperature: float = 1.0) -> Data:
    """Per bin its mean confidence, share of right answers and count; ECE, mean loss and accuracy (Guo et al. 2017)."""
    p = softmax(np.asarray(logits, float) / temperature)
    confidence, hits = p.max(1), p.argmax(1) == labels
    places = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    groups = [places == k for k in np.unique(places)]
    bins = [(float(confidence[g].mean()), float(hits[g].mean()), int(g.sum())) for g in groups]
    error = sum(count * abs(share - mean) for mean, share, count in bins) / len(labels)
    loss = float(-np.log(p[np.arange(len(labels)), labels]).mean())
    return {"bins": bins, "ece": error, "loss": loss, "accuracy": float(hits.mean())}


def flagged(p: Float[np.ndarray, " texts"], actual: np.ndarray, threshold: float) -> Data:
    """Counts where a text is flagged if `p` is above `threshold`; precision and recall are None where there is none."""
    said, actual = p > threshold, np.asarray(actual, bool)
    hit, alarm, miss = (int((a & b).sum()) for a, b in ((said, actual), (said, ~actual), (~said, actual)))
    counts = {"hit": hit, "alarm": alarm, "miss": miss, "passed": len(p) - hit - alarm - miss}
    return counts | {
        "precision": hit / (hit + alarm) if hit + alarm else None,
        "recall": hit / (hit + miss) if hit + miss else None,
        "accuracy": (hit + counts["passed"]) / len(p),
    }


def lowest(labels: int) -> float:
    """Where the axis of confidence begins: the largest of `labels` probabilities is never below 1 / labels."""
    return 10 // labels / 10


# --- the static form --------------------------------------------------------------------------------


def diagram(bins: Sequence[tuple[float, float, int]], low: float, texts: int) -> Figure:
    """The reliability diagram, from the confidence `low` on."""
    fig = plots.reliability({f"{texts} labeled texts": bins}, "Does it keep its promises?")
    fig.axes[0].set_xlim(low - 0.02, 1.02)
    return fig


def static(data: Data, logits: np.ndarray, labels: np.ndarray) -> Static:
    """The first sentence, the table at one half, and the diagram without a temperature."""
    first, names = data["first"], data["names"]
    watch, p = first["watch"], softmax(np.array(first["logits"]))
    whole = calibration(logits, labels)
    table = flagged(softmax(logits.astype(float))[:, watch], labels == watch, 0.5)
    said = " · ".join(f"{name} {share:.1%}" for name, share in zip(names, p, strict=True))
    pushed = [f"{token} {score:+.2f}" for token, score in zip(first["tokens"], first["scores"], strict=True)]
    rates = ", ".join(
        f"{name} {table[name]:.3f}" if table[name] is not None else f"no {name}"
        for name in ("precision", "recall", "accuracy")
    )
    counts = (
        f"Flagged as {names[watch]} where p > 0.50: {table['hit']} rightly, {table['alarm']} wrongly; "
        f"{table['miss']} missed, {table['passed']} rightly passed: {rates}."
    )
    mean = sum(confidence * count for confidence, _, count in whole["bins"]) / len(labels)
    trust = (
        f"{len(labels)} labeled texts: mean confidence {mean:.3f}, accuracy {whole['accuracy']:.3f}, "
        f"ECE {whole['ece']:.3f} in {BINS} bins."
    )
    bars, chips = "", []
    for name, share in zip(names, p, strict=True):
        bar = f'<div style="width:{share:.1%};height:0.9em;background:{TOWARD}"></div>'
        bars += f'<tr><td>{escape(name)}</td><td style="width:16em">{bar}</td><td>{share:.1%}</td></tr>'
    for token, score in zip(first["tokens"], first["scores"], strict=True):
        look = f"white-space:nowrap;border-bottom:3px {f'solid {TOWARD}' if score > 0 else f'dashed {AWAY}'}"
        chips.append(f'<span style="{look}">{escape(token)} <small>{score:+.2f}</small></span>')
    push = f"What each token adds to the log-odds of {names[watch]} (gradient × input)"
    notice = data["notice"]
    html = (
        f"<div><p>“{escape(first['text'])}”</p><table>{bars}</table><p>{escape(push)}: {' '.join(chips)}</p>"
        f"<p>{escape(counts)}</p>{still(diagram(whole['bins'], data['low'], len(labels)), trust)}"
        f"<p>{trust}</p>{f'<p>{notice}</p>' if notice else ''}</div>"
    )
    lines = [f"“{first['text']}”", said, f"{push}: {', '.join(pushed)}", counts, trust, *([notice] if notice else [])]
    return Static(html, "\n".join(lines))
