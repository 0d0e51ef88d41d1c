"""The attention explorer: all heads at a glance, one in detail, masks, a head switched off and what that changes.

The model runs here, and its weights travel as float32 bytes: what the view draws is what the model computed, to the
last bit. How much fits is bounded (MOST_BYTES): Jupyter drops answers of more than 3 MB within 3 seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import plots
from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import drawable, labels, still, tab
from helpers.interventions import head_off
from helpers.show import Static, running, view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Data = dict[str, Any]
SCRIPT = Path(__file__).with_suffix(".js")
MOST_TOKENS, MOST_PADS, MOST_BYTES = 128, 16, 2_400_000
CAUSAL, PADDING, OWN = 1, 2, 4  # why a cell is masked: the sum of these
SHOWN = 6  # tokens that a prediction names, at first


def show(model: Any, tokenizer: Any, text: str, layer: int, head: int, pads: int, mask: Any) -> Any:
    """What `explore.attention` returns; its docstring says what the arguments mean."""
    reader = Reader(model, tokenizer, text, pads, mask)
    if not (0 <= layer < reader.layers and 0 <= head < reader.heads):
        raise ValueError(
            f"The model has layers 0 to {reader.layers - 1} and heads 0 to {reader.heads - 1}, no {layer}.{head}."
        )
    readers = {text: reader}

    def answer(state: Data) -> tuple[Data, str]:
        """Read the text of `state`, which may be another one; what is None in the state is as that text begins."""
        words = state.get("text", text)
        if words not in readers:
            readers.clear()  # one at a time
            readers[words] = Reader(model, tokenizer, words, pads, mask if words == text else None)
        here = readers[words]
        return sheet(here, words, {**here.start, **{k: v for k, v in state.items() if v is not None}}), ""

    first = sheet(reader, text, reader.start)
    data = {"layers": reader.layers, "heads": reader.heads, "layer": layer, "head": head, **first}
    shown = tab.alive(static(reader, first, layer, head), call_of(reader, text, layer, head))
    return view(shown, SCRIPT, data, answer)


def call_of(reader: Reader, text: str, layer: int, head: int) -> Data | None:
    """What `tab/attention.js` needs to open this view without a kernel; None if the model is not a bundled one."""
    if (checkpoint := tab.bundled(reader.model, reader.tokenizer)) is None:
        return None
    tokenizer = reader.tokenizer
    return {
        "view": "attention",
        "checkpoint": checkpoint,
        "text": text,
        "layer": layer,
        "head": head,
        "pads": len(reader.ids) - reader.count,
        "mask": None if reader.own is None else reader.own.tolist(),
        "layers": reader.layers,
        "heads": reader.heads,
        "room": reader.room,  # tokens that are shown at most, without the padding
        "causal": reader.model.config.model_type == "gpt2",
        "vectors": reader.kind == "vectors",
        "pad_id": reader.pad_id,
        "mask_id": tokenizer.mask_token_id,
        "special_ids": sorted(set(tokenizer.all_special_ids)),
    }


def sheet(reader: Reader, text: str, choice: Data) -> Data:
    """What the view needs to know of a text: its tokens, the choice that was made, and what the model does with it."""
    told = {name: getattr(reader, name) for name in ("tokens", "kind", "places", "notice")}
    told |= {"given": {"padding": len(reader.ids) > reader.count, "own": reader.own is not None}}
    told |= {"start": {**reader.start, "text": text}, "choice": {name: choice[name] for name in reader.start}}
    told["choice"]["text"] = text
    return {**told, **reader.read(choice)}


@contextmanager
def watched(model: Any) -> Iterator[None]:
    """While this lasts, the model hands out its attention weights and dropout is off; then all is as it was before."""
    before, training = model.config._attn_implementation, model.training
    model.set_attn_implementation("eager")
    if training:
        model.eval()
    try:
        yield
    finally:
        model.set_attn_implementation(before)
        if training:
            model.train()


class Reader:
    """A model and a text: what the model attends to and predicts, under masks and without a head that one chooses."""

    def __init__(self, model: Any, tokenizer: Any, text: str, pads: int = 0, mask: Any = None) -> None:
        config = model.config.get_text_config() if hasattr(model, "config") else None
        if not hasattr(model, "set_attn_implementation") or not hasattr(config, "num_attention_heads"):
            raise ValueError(f"{type(model).__name__} is not a model of transformers with attention heads.")
        if model.config.is_encoder_decoder:
            raise ValueError("Models with an encoder and a decoder have three kinds of attention; give one of the two.")
        if type(pads) is not int or not 0 <= pads <= MOST_PADS:
            raise ValueError(f"pads is {pads!r}; it can be a whole number from 0 to {MOST_PADS}.")
        ids = list(tokenizer(text, verbose=False)["input_ids"]) if isinstance(text, str) else []
        if not ids:
            raise ValueError(f"The text is {text!r}; give a string with at least one token.")
        self.model, self.tokenizer, self.notice = model, tokenizer, ""
        self.layers, self.heads = config.num_hidden_layers, config.num_attention_heads
        fit = math.isqrt(MOST_BYTES // (4 * self.layers * self.heads))
        self.room = most_tokens(model, tokenizer, min(MOST_TOKENS, fit)) - pads
        if len(ids) > self.room:
            self.notice = f"The text has {len(ids):,} tokens; only {self.room} of them are used, from its beginning."
            ids = list(tokenizer(text, truncation=True, max_length=self.room)["input_ids"])
        self.count = len(ids)
        self.pad_id = next((i for i in (tokenizer.pad_token_id, tokenizer.eos_token_id) if i is not None), 0)
        self.ids = np.array(ids + [self.pad_id] * pads)
        check_vocabulary(model, tokenizer, self.ids)
        self.tokens = labels(tokenizer, self.ids.tolist())
        self.own = None if mask is None else np.asarray(mask)
        size = len(self.ids)
        if mask is not None and (self.own.dtype != bool or self.own.shape != (size, size)):
            raise ValueError(
                f"mask has shape {self.own.shape} and dtype {self.own.dtype}; give booleans of shape "
                f"({size}, {size}), queries by keys: {self.tokens}."
            )
        self.start = {"causal": False, "padding": True, "own": False, "hidden": [], "off": None, "place": 0}
        weights, output = self.run(self.start, self.ids[None])
        self.start["causal"] = size > 1 and not np.triu(weights, 1).any()  # whatever the configuration says
        self.usual = self.why_masked(self.start) == 0  # who may look where in the model as it is
        self.start["own"] = mask is not None
        self.kind, self.places = self.what_it_predicts(output)
        self.start["place"] = self.places[-1] if self.places else 0
        if self.kind == "fill" and (gaps := np.flatnonzero(self.ids == tokenizer.mask_token_id)).size:
            self.start["place"] = int(gaps[0])

    def what_it_predicts(self, output: Any) -> tuple[str, list[int]]:
        """The kind of prediction, and the tokens at which there is one."""
        if (logits := getattr(output, "logits", None)) is None or logits.ndim == 2:
            return "vectors" if logits is None else "classes", []
        if self.start["causal"]:
            return "next", list(range(self.count))
        special = set(self.tokenizer.all_special_ids) - {self.tokenizer.mask_token_id}
        places = [i for i in range(self.count) if self.ids[i] not in special]
        return ("fill", places) if places and self.tokenizer.mask_token_id is not None else ("none", [])

    def why_masked(self, state: Data) -> np.ndarray:
        """For each query and key: 0 where the query may look, else why not (CAUSAL, PADDING, OWN, or a sum of them)."""
        why = np.zeros((len(self.ids),) * 2, np.uint8)
        if state["causal"]:
            why |= CAUSAL * np.triu(np.ones_like(why), 1)
        if state["padding"]:
            why[:, self.count :] |= PADDING
        if state["own"] and self.own is not None:
            why |= OWN * (~self.own).astype(np.uint8)
        why[:, state["hidden"]] |= OWN
        return why

    def run(self, state: Data, ids: np.ndarray, without: Any = None) -> tuple[np.ndarray, Any]:
        """The weights of the first row of `ids`, as float32 (layers, heads, queries, keys), and the model's output."""
        import torch

        may_look, begun = self.why_masked(state) == 0, hasattr(self, "usual")
        if not begun or (may_look == self.usual).all():
            mask = torch.from_numpy(np.arange(len(self.ids)) < self.count).long().expand(len(ids), -1)
        else:  # added to the scores: of booleans, transformers 5 makes something else here, without a word
            mask = torch.zeros(len(ids), 1, *may_look.shape, dtype=self.model.dtype)
            mask.masked_fill_(torch.from_numpy(~may_look), torch.finfo(self.model.dtype).min)
        device, off = self.model.device, head_off(self.model, *without) if without else nullcontext()
        what = "does not take such a mask" if mask.ndim == 4 else "does not hand out attention weights"
        with torch.no_grad(), off, running(self.model, what), watched(self.model):
            output = self.model(
                input_ids=torch.from_numpy(ids).to(device), attention_mask=mask.to(device), output_attentions=True
            )
        parts = getattr(output, "attentions", None) or (None,)
        if any(part is None for part in parts):
            raise ValueError(f"{type(self.model).__name__} does not hand out attention weights.")
        usual = (len(ids), self.heads, *may_look.shape)  # not of windows, pooled queries or half of the heads
        if len(parts) != self.layers or any(part.shape != usual for part in parts):
            shapes = ", ".join(sorted({" x ".join(map(str, part.shape[1:])) for part in parts}))
            raise ValueError(
                f"{type(self.model).__name__} hands out {len(parts)} arrays of weights of {shapes}, not "
                f"one for each of {self.layers} layers of {' x '.join(map(str, usual[1:]))} (heads x "
                "queries x keys): what it attends to cannot be drawn here."
            )
        weights = torch.stack([part[0] for part in parts]).float().cpu().numpy()
        if begun:
            masked = ~may_look & may_look.any(axis=1, keepdims=True)  # a row without any key is left to the model
            lifted = self.start["causal"] and (may_look & ~self.usual)[:, : self.count].any()
            if weights[..., masked].any() or (lifted and not weights[..., may_look & ~self.usual].any()):
                raise ValueError(f"{type(self.model).__name__} does not take a mask of one's own.")
        return weights, output

    def read(self, state: Data) -> Data:
        """What the view draws: the weights and why cells are masked, as bytes, and what the model predicts."""
        place, ids = int(state["place"]), self.ids[None]
        if self.kind == "fill":  # one row for the weights of the text as it is, one for the guess behind a [MASK]
            ids = np.concatenate([ids, ids])
            ids[1, place] = self.tokenizer.mask_token_id
        weights, output = self.run(state, ids)
        before, after = self.said(output, place), None
        if state["off"]:
            weights, output = self.run(state, ids, state["off"])
            after = self.said(output, place)
        return {
            "weights": weights.tobytes(),
            "masked": self.why_masked(state).tobytes(),
            "prediction": self.compared(before, after, state["off"], place),
        }

    def said(self, output: Any, place: int) -> np.ndarray | None:
        """Probabilities of the next token, the gap's or the classes; or a headless model's output vectors."""
        if self.kind == "none":
            return None
        if self.kind == "vectors":
            return output.last_hidden_state[0, : self.count].double().cpu().numpy()
        logits = output.logits[-1] if self.kind == "classes" else output.logits[-1, place]
        return logits.double().softmax(-1).cpu().numpy()

    def compared(self, before: Any, after: Any, off: Sequence[int] | None, place: int) -> Data:
        """A prediction with all heads and without one: title, table (texts, and bars from 0 to 1), one sentence."""
        name = off and "head {}.{}".format(*off)
        if before is None:
            return {"title": "", "columns": [], "rows": [], "line": "This model predicts nothing that is shown here."}
        if self.kind == "vectors":
            title = "What changes: the output vectors (this model predicts no words)"
            if after is None:
                return {"title": title, "columns": [], "rows": [], "line": "Switch a head off to see what it changes."}
            lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
            cosines = (before * after).sum(axis=1) / lengths
            most = max(1 - cosines.min(), 1e-9)
            rows = [
                [self.tokens[i], [f"{cosines[i]:.4f}"], [max(0.0, float((1 - cosines[i]) / most))]]
                for i in np.argsort(cosines)[: 2 * SHOWN]
            ]
            line = f"Without {name}, a vector's cosine with the one of before is {cosines.mean():.4f} on average."
            return {"title": title, "columns": ["cosine"], "rows": rows, "line": line}
        both = [before] if after is None else [before, after]
        best = dict.fromkeys(int(i) for p in both for i in np.argsort(-p, kind="stable")[:SHOWN])
        label = self.model.config.id2label.get if self.kind == "classes" else lambda i: repr(self.tokenizer.decode([i]))
        widest = max(p.max() for p in both)
        rows = [[str(label(i)), [f"{p[i]:.1%}" for p in both], [float(p[i] / widest) for p in both]] for i in best]
        here = f"“{self.tokens[place]}” (token {place})"
        title = {
            "next": f"The next token after {here}",
            "fill": f"What stands at {here}, guessed from the rest",
            "classes": "The classes",
        }[self.kind]
        line = f"Likeliest: {rows[0][0]}, {rows[0][1][0]}."
        if after is not None:
            first, moved = str(label(int(after.argmax()))), np.abs(before - after).sum() / 2
            line = f"Without {name}, {moved:.1%} of the probability moves elsewhere; "
            line += f"likeliest: {first}, {after.max():.1%}."
        return {"title": title, "columns": ["all heads", f"without {name}"][: len(both)], "rows": rows, "line": line}


# --- where nothing can live ---------------------------------------------------------------------------


def looks_at(tokens: Sequence[str], row: np.ndarray, most: int = 3) -> str:
    """The largest weights of one query in words, to 3 decimals, as the live view shows them."""
    return ", ".join(f"{tokens[i]} {row[i]:.3f}" for i in np.argsort(-row, kind="stable")[:most] if row[i] >= 0.0005)


def static(reader: Reader, drawn: Data, layer: int, head: int) -> Static:
    """All heads small, one head large with its three largest weights in each row, and what the model predicts."""
    size, tokens = len(reader.ids), reader.tokens
    weights = np.frombuffer(drawn["weights"], np.float32).reshape(reader.layers, reader.heads, size, size)
    title = f"Attention: {reader.layers} layers of {reader.heads} heads; in detail layer {layer}, head {head}"
    rows = [(token, looks_at(tokens, row)) for token, row in zip(tokens, weights[layer, head], strict=True)]
    prediction = drawn["prediction"]
    said = f"{prediction['title']}: " + ", ".join(f"{name} {numbers[0]}" for name, numbers, _ in prediction["rows"])
    foot = [line for line in (reader.notice, said if prediction["rows"] else "") if line]
    width = max(map(len, tokens))
    lines = [title, "", *(f"{token:>{width}} looks at {best}" for token, best in rows), *(["", *foot] if foot else [])]
    table = "".join(f"<tr><td>{escape(token)}</td><td>{escape(best)}</td></tr>" for token, best in rows)
    masked = np.frombuffer(drawn["masked"], np.uint8).reshape(size, size)
    pictures = [
        still(all_heads(weights, layer, head), "All heads: a row for each layer, a column for each head"),
        still(one_head(weights[layer, head], tokens, masked), "One head: rows ask, columns are asked"),
    ]
    html = (
        f"<p><strong>{escape(title)}</strong><br>Rows: who asks. Columns: who is asked. The darker, the more weight "
        f"(shade: its square root). Hatched: masked.</p>{' '.join(pictures)}"
        f"<table><tr><th>token</th><th>looks at, with weight</th></tr>{table}</table>"
        + "".join(f"<p>{escape(line)}</p>" for line in foot)
    )
    return Static(f"<div>{html}</div>", "\n".join(lines))


def all_heads(weights: np.ndarray, layer: int, head: int) -> Figure:
    """All heads, (layers, heads, queries, keys), a line for each layer; the one shown in detail has a frame."""
    from matplotlib.patches import Rectangle

    layers, heads, size, _ = weights.shape
    step = size + 1 + size // 8
    mosaic = np.full((layers * step, heads * step), np.nan)
    for i, h in np.ndindex(layers, heads):
        mosaic[i * step : i * step + size, h * step : h * step + size] = np.sqrt(weights[i, h])
    unnamed = ([""] * (layers * step), [""] * (heads * step))
    fig = plots.heat_maps([mosaic], ["All heads"], *unnamed, "layer", "head", digits=None, key=False)
    fig.set_size_inches(1.2 + 0.4 * heads, 1.2 + 0.4 * layers)
    (axis,) = fig.axes
    axis.set_xticks(np.arange(heads) * step + size / 2, range(heads), rotation=0)
    axis.set_yticks(np.arange(layers) * step + size / 2, range(layers))
    for i, h in np.ndindex(layers, heads):  # a thin frame: on a dark ground a dark column would melt into it
        corner = (h * step - 0.5, i * step - 0.5)
        axis.add_patch(Rectangle(corner, size, size, fill=False, edgecolor="#999999", linewidth=0.6))
    corner = (head * step - 1, layer * step - 1)
    axis.add_patch(Rectangle(corner, size + 1, size + 1, fill=False, edgecolor=plots.COLORS[3], linewidth=2))
    return fig


def one_head(weights: np.ndarray, tokens: Sequence[str], why: np.ndarray) -> Figure:
    """One head with the tokens' names, or their numbers where they cannot be drawn; masked cells are hatched."""
    shades = np.where((why > 0) & (weights == 0), np.nan, np.sqrt(weights))
    names = [drawable(token, place) for place, token in enumerate(tokens)]
    fig = plots.heat_maps([shades], ["One head"], names, names, digits=None, key=False)
    fig.set_size_inches(*(np.maximum(fig.get_size_inches(), 1.2 + 0.17 * len(tokens))))  # room for every name
    fig.axes[0].patch.set(hatch="////", edgecolor="#999999")  # seen through cells that are not a number
    fig.axes[0].spines[:].set(visible=True, color="#999999", linewidth=0.6)
    return fig
