"""The tour: one sentence goes through a whole model, stage by stage, from its text to the token that is drawn.

Python runs the model once for each text and hands the view a *trace*: what was computed on the way, by the names that
`helpers.reference` gives it (`Steps`, `Output`). The view does not need to know where the trace comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import label, labels, tab
from helpers.explorers.attention import watched
from helpers.plots.drawings.sketch import BLUE, GRAY, GREEN, ORANGE, PINK, PLAIN, RED, Sketch
from helpers.reference import decoding
from helpers.reference.attention import softmax
from helpers.show import Static, image, running, view

SCRIPT = Path(__file__).with_suffix(".js")
ENDS = {"GPT2LMHeadModel": "next", "BertForMaskedLM": "fill", "BertForSequenceClassification": "classes"}
STAGES = {
    "next": ["text", "tokens", "embedding", "positions", "attention", "feed_forward", "stream", "norm", "logits",
             "cuts", "draw"],
    "fill": ["text", "tokens", "embedding", "positions", "attention", "feed_forward", "stream", "norm", "logits",
             "probabilities"],
}  # fmt: skip
STAGES["classes"] = STAGES["fill"]
MOST_TOKENS, MOST_BYTES = 24, 1_400_000  # limits for a text, and for what is sent for it
NAMED, SHOWN = 100, 12  # how many of the likeliest tokens get a name, and how many have their row of the table sent
Trace = dict[str, Any]


def show(
    model: Any, tokenizer: Any, text: str, start: str, layer: int | None, head: int | None, seed: int, cuts: Trace
) -> Any:
    """The view behind `explore.model`."""
    tracer = Tracer(model, tokenizer)
    stages = STAGES[tracer.kind]
    if start not in stages:
        raise ValueError(f"start is {start!r}; for a {type(model).__name__} it can be {', '.join(stages)}.")
    if not ((layer or 0) in range(tracer.shape["layers"]) and (head or 0) in range(tracer.shape["heads"])):
        most = tracer.shape["layers"] - 1, tracer.shape["heads"] - 1
        raise ValueError(f"The model has blocks 0 to {most[0]} and heads 0 to {most[1]}, no {layer or 0}.{head or 0}.")
    decoding.warp(np.zeros(2), cuts["temperature"], cuts["top_k"], cuts["top_p"])  # raises the error
    layer, head = tracer.looks_hardest(text, layer, head)
    trace = tracer.trace(text=text, layer=layer)
    options = {"start": start, "layer": layer, "head": head, "seed": seed, "cuts": cuts, "stages": stages}

    def answer(state: Trace) -> tuple[Trace, str]:
        if "after" in state:
            return {"found": tracer.after(state["after"])}, ""
        if "named" in state:
            return {"found": {"names": [tracer.answer_name(int(i)) for i in state["named"]]}}, ""
        found = tracer.trace(state.get("text"), state.get("ids"), int(state["layer"]))
        return {"trace": found}, found["notice"]

    shown = tab.alive(static(trace, options), call_of(model, tokenizer, text, options))
    return view(shown, SCRIPT, {"trace": trace, **options}, answer, trace["notice"])


def call_of(model: Any, tokenizer: Any, text: str, options: Trace) -> Trace | None:
    """The same call for `tab/model.js`, which needs no kernel; None for a model that does not come with the page."""
    if (checkpoint := tab.bundled(model, tokenizer)) is None:
        return None
    told = {key: value for key, value in options.items() if key != "stages"}
    return {"view": "model", "checkpoint": checkpoint, "text": text, "options": told}


class Tracer:
    """A model and its tokenizer, as a function from a text to its trace."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        names = [kind.__name__ for kind in type(model).__mro__]
        self.kind = next((ENDS[name] for name in names if name in ENDS), "")
        if not self.kind or (self.kind != "next" and model.config.is_decoder):
            raise ValueError(
                f"The tour cannot take a {type(model).__name__} apart: give a GPT2LMHeadModel (AutoModelForCausalLM), "
                "a BertForMaskedLM (AutoModelForMaskedLM) or a BertForSequenceClassification."
            )
        check_vocabulary(model, tokenizer)
        config = model.config
        self.model, self.tokenizer = model, tokenizer
        self.room = most_tokens(model, tokenizer, MOST_TOKENS)
        self.name = Path(config.name_or_path).name or type(model).__name__
        if self.kind == "next":
            self.last, self.body = model.lm_head, model.transformer
        else:
            self.last = model.cls.predictions.decoder if self.kind == "fill" else model.classifier
            self.body = model.bert
        wide = config.n_inner or 4 * config.n_embd if self.kind == "next" else config.intermediate_size
        self.shape = {
            "layers": config.num_hidden_layers,
            "heads": config.num_attention_heads,
            "d_model": config.hidden_size,
            "d_ff": wide,
            "vocabulary": len(model.get_input_embeddings().weight),
            "positions": config.max_position_embeddings,
        }

    def parts(self) -> dict[str, tuple[Any, str]]:
        """For each name of the trace, the module that computes it, and whether it is its "input" or its "output"."""
        found: dict[str, tuple[Any, str]] = {"final": (self.last, "input")}
        if self.kind == "next":
            body = self.body
            found |= {
                "words": (body.wte, "output"),
                "positions": (body.wpe, "output"),
                "embedded": (body.h[0], "input"),
            }
            for i, block in enumerate(body.h):
                found |= {f"{i}.attended": (block.attn.c_proj, "output"), f"{i}.middle": (block.ln_2, "input")}
                found |= {f"{i}.wide": (block.mlp.c_proj, "input"), f"{i}.transformed": (block.mlp.c_proj, "output")}
                found[f"{i}.output"] = (block, "output")
            return found
        table = self.body.embeddings
        found |= {"words": (table.word_embeddings, "output"), "types": (table.token_type_embeddings, "output")}
        found |= {"positions": (table.position_embeddings, "output"), "embedded": (table.LayerNorm, "output")}
        for i, block in enumerate(self.body.encoder.layer):
            ahead = block.attention.output
            found |= {f"{i}.attended": (ahead.dense, "output"), f"{i}.middle": (ahead.LayerNorm, "output")}
            found |= {f"{i}.wide": (block.output.dense, "input"), f"{i}.transformed": (block.output.dense, "output")}
            found[f"{i}.output"] = (block.output.LayerNorm, "output")
        return found

    def read(self, text: Any, ids: Sequence[int] | None) -> tuple[list[int], list[int], str]:
        """The ids of a text, or those given; as many of them as the tour shows; and a notice if that is not all."""
        if ids is None:
            ids = self.tokenizer(text, verbose=False)["input_ids"] if isinstance(text, str) else []
        ids = [int(i) for i in ids]
        if not ids:
            raise ValueError(f"The text is {text!r}; give a string with at least one token.")
        check_vocabulary(self.model, self.tokenizer, ids)
        if len(ids) <= self.room:
            return ids, ids, ""
        notice = f"The text has {len(ids):,} tokens; the tour shows {self.room} of them, "
        if self.kind == "next":
            return ids, ids[-self.room :], notice + "the last ones."
        return ids, [*ids[: self.room - 1], ids[-1]], notice + "from its beginning."

    def place(self, ids: list[int]) -> int:
        """The token whose vector is read at the end: the last one, the first [MASK], or [CLS]."""
        if self.kind == "next":
            return len(ids) - 1
        if self.kind == "classes":
            return 0
        if (mask := self.tokenizer.mask_token_id) in ids:
            return ids.index(mask)
        return max((i for i, token in enumerate(ids) if token not in self.tokenizer.all_special_ids), default=0)

    def looks_hardest(self, text: Any, layer: int | None, head: int | None) -> tuple[int, int]:
        """The block and head in which the token at `place` gives another one the greatest weight.

        A block or head that is given stays. The first and the last token do not count as others, because a head that
        has nothing to do looks there.
        """
        import torch

        if layer is not None and head is not None:
            return layer, head
        _, ids, _ = self.read(text, None)
        place = self.place(ids)
        with torch.no_grad(), running(self.model), watched(self.model):
            found = self.model(input_ids=torch.tensor([ids], device=self.model.device), output_attentions=True)
        weights = torch.stack(found.attentions)[:, 0, :, place].float()  # (layers, heads, keys)
        weights[..., [0, place, len(ids) - 1]] = 0
        best = weights.amax(-1)
        layers = range(self.shape["layers"]) if layer is None else [layer]
        heads = range(self.shape["heads"]) if head is None else [head]
        return max(product(layers, heads), key=lambda where: float(best[where]))

    def trace(self, text: Any = None, ids: Sequence[int] | None = None, layer: int = 0) -> Trace:
        """What the model computed for a text, or for ids.

        An array is a dictionary of `shape` and `data`, float32 bytes. `steps` has an entry for each block, in the order
        of `Steps`; it is None for blocks that do not fit into one message, but never for `layer`. `stream` is the
        vector at `place` before the first block and after each, and `lens` what the model would predict if it ended
        there. `all` are the ids of the whole text, of which `ids` may be a part.
        """
        import torch

        everything, ids, notice = self.read(text, ids)
        place, layers = self.place(ids), self.shape["layers"]
        inputs = torch.tensor([ids], device=self.model.device)
        with torch.no_grad(), running(self.model), watched(self.model), recorded(self.parts()) as found:
            output = self.model(input_ids=inputs, output_attentions=True)
            stream = torch.stack([found[name][0] for name in ("embedded", *(f"{i}.output" for i in range(layers)))])
            said = self.says(stream)[:, 0 if self.kind == "classes" else place].float().softmax(-1)
        logits = output.logits[0] if self.kind == "classes" else output.logits[0, place]
        names = ("words", "types", "positions", "embedded")
        trace = {name: array(found[name][0]) for name in names if name in found}
        final = found["final"][0] if self.kind == "classes" else found["final"][0, place]
        likely = logits.float().argsort(descending=True, stable=True)[:NAMED]
        trace |= {"stream": array(stream[:, place]), "final": array(final), "logits": array(logits)}
        trace["rows"] = array(self.last.weight[likely[:SHOWN]])
        if self.last.bias is not None:
            trace["bias"] = array(self.last.bias[likely[:SHOWN]])
        room = MOST_BYTES - sum(len(one["data"]) for one in trace.values())
        steps: list[Trace | None] = [None] * layers
        for i in sorted(range(layers), key=lambda i: (i != layer, i)):
            parts = {name: found[f"{i}.{name}"][0] for name in ("attended", "middle", "wide", "transformed", "output")}
            step = {"weights": array(output.attentions[i][0])} | {name: array(part) for name, part in parts.items()}
            room -= sum(len(one["data"]) for one in step.values())
            if room >= 0 or i == layer:
                steps[i] = step
        best = said.topk(min(3, said.shape[-1]))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return trace | {
            "model": self.name,
            "kind": self.kind,
            "shape": self.shape,
            "tied": self.last.weight.data_ptr() == self.model.get_input_embeddings().weight.data_ptr(),
            "text": self.tokenizer.decode(everything) if text is None else text,
            "all": everything,
            "end": self.model.config.eos_token_id,
            "ids": ids,
            "tokens": labels(self.tokenizer, ids),
            "place": place,
            "notice": notice,
            "steps": steps,
            "lens": [[[self.answer_name(i), p] for i, p in zip(*row, strict=True)] for row in pairs],
            "likely": likely.tolist(),
            "names": [self.answer_name(i) for i in likely.tolist()],
        }

    def after(self, ids: Sequence[int]) -> Trace:
        """What a model that writes says of the token after `ids`: the part of a trace that a draw needs.

        It reads the whole text, or as much of its end as it has positions for.
        """
        import torch

        ids = [int(i) for i in ids]
        check_vocabulary(self.model, self.tokenizer, ids)
        inputs = torch.tensor([ids[-self.shape["positions"] :]], device=self.model.device)
        with torch.no_grad(), running(self.model):
            logits = self.model(input_ids=inputs).logits[0, -1]
        likely = logits.float().argsort(descending=True, stable=True)[:NAMED].tolist()
        names = [label(self.tokenizer, i) for i in likely]
        found = {"logits": array(logits), "likely": likely, "names": names}
        return found | {"all": ids, "text": self.tokenizer.decode(ids)}

    def says(self, states: Any) -> Any:
        """The logits that the model's end makes of the outputs of any block: (blocks, tokens, d_model)."""
        if self.kind == "next":
            return self.last(self.body.ln_f(states))
        if self.kind == "fill":
            return self.model.cls(states)
        return self.last(self.body.pooler(states))[:, None]

    def answer_name(self, i: int) -> str:
        return str(self.model.config.id2label[i]) if self.kind == "classes" else label(self.tokenizer, i)


@contextmanager
def recorded(parts: dict[str, tuple[Any, str]]) -> Iterator[dict[str, Any]]:
    """Inside this context, fill a dictionary with the first input or the output of each module, by name."""
    found: dict[str, Any] = {}

    def keep(name: str, side: str) -> Any:
        def hook(_: Any, inputs: Any, output: Any) -> None:
            one = inputs if side == "input" else output
            found.setdefault(name, one[0] if isinstance(one, tuple) else one)  # the first run only: `says` comes later

        return hook

    handles = [module.register_forward_hook(keep(name, side)) for name, (module, side) in parts.items()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def array(tensor: Any) -> Trace:
    """A tensor as the view gets it: its shape and its numbers as float32 bytes."""
    return {"shape": list(tensor.shape), "data": tensor.detach().float().cpu().contiguous().numpy().tobytes()}


def numbers(one: Trace) -> np.ndarray:
    """Turn what `array` made back into a NumPy array."""
    return np.frombuffer(one["data"], np.float32).reshape(one["shape"])


# --- where no live view can run -----------------------------------------------------------------------


def static(trace: Trace, options: Trace) -> Static:
    """The whole path as one picture, with this sentence's numbers, and the same in words."""
    lines = told(trace, options)
    picture = image(path(trace, options).svg(), " ".join(lines), 720)
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    notice = f"<p>{escape(trace['notice'])}</p>" if trace["notice"] else ""
    title = f"One sentence through {trace['model']}"
    html = f"<div><p><strong>{escape(title)}</strong></p>{picture}<ol>{items}</ol>{notice}</div>"
    numbered = (f"{k}. {line}" for k, line in enumerate(lines, 1))
    return Static(html, "\n".join([title, *numbered, trace["notice"]]).strip())


def told(trace: Trace, options: Trace) -> list[str]:
    """The path in sentences."""
    shape, tokens, place = trace["shape"], trace["tokens"], trace["place"]
    layer, head = options["layer"], options["head"]
    row = numbers(trace["steps"][layer]["weights"])[head, place]
    most, logits = int(row.argmax()), numbers(trace["logits"])
    weighs = "adds the row of its position" + (" and of its segment, and a norm" if "types" in trace else "")
    lines = [
        f"The text “{trace['text']}” is cut into {len(tokens)} tokens: {' '.join(tokens)}; each has an id.",
        f"Each id picks a row of the token table, {shape['d_model']} numbers, and the model {weighs}: the residual "
        f"stream, of shape ({len(tokens)}, {shape['d_model']}).",
        f"{shape['layers']} blocks add to it, each with {shape['heads']} attention heads and a feed-forward of "
        f"{shape['d_ff']:,} units. In block {layer}, head {head}, {tokens[place]} (token {place}) takes most from "
        f"{tokens[most]} (token {most}): {row[most]:.2f}.",
        f"From the vector of {tokens[place]} come {len(logits):,} logits; the highest, {logits.max():.2f}, is that of "
        f"{trace['names'][0]}.",
    ]
    best = softmax(logits.astype(np.float64))
    likely = ", ".join(f"{n} {best[i]:.1%}" for n, i in zip(trace["names"][:3], trace["likely"][:3], strict=False))
    lines.append(f"The softmax makes probabilities of them: {likely}.")
    if trace["kind"] == "next":
        cuts = options["cuts"]
        changed = decoding.warp(logits.astype(np.float64), cuts["temperature"], cuts["top_k"], cuts["top_p"])
        lines.append(
            f"Temperature {cuts['temperature']:g}, top-k {cuts['top_k'] or 'off'} and top-p {cuts['top_p']:g} leave "
            f"{int(np.isfinite(changed).sum()):,} of them; one is drawn, joins the text, and everything starts again."
        )
    return lines


def path(trace: Trace, options: Trace) -> Sketch:
    """The drawing of the whole path, from left to right: a lane for each token, at most ten of them."""
    shape, size, writes = trace["shape"], len(trace["tokens"]), trace["kind"] == "next"
    layer, head = options["layer"], options["head"]
    first = min(max(0, trace["place"] - 5), max(0, size - 10))  # they include the place that is read
    shown = range(first, min(size, first + 10))
    ys = {k: 62.0 + 32 * i for i, k in enumerate(shown)}
    here, bottom = ys[trace["place"]], 62 + 32 * (len(shown) - 1)
    logits = numbers(trace["logits"]).astype(np.float64)
    best, names = softmax(logits)[trace["likely"][:5]], trace["names"][:5]
    start = max(62.0, min(here - 56, bottom - 28 * len(names)))
    end = start + 28 * len(names)
    down = max(bottom + 66, end + 26)
    sketch = Sketch(" ".join(told(trace, options)), down + 14 if writes else down - 4)
    titles = [(52, "tokens"), (122, "ids"), (210, "rows + positions"), (408, f"{shape['layers']} blocks")]
    for x, words in [*titles, (626, "next token" if writes else "answer")]:
        sketch.text(x, 18, words, bold=True)
    sketch.box(408, (62 + bottom) / 2, 172, bottom - 62 + 38, hue=PLAIN, corner=8)
    embedded = numbers(trace["embedded"])
    weights = numbers(trace["steps"][layer]["weights"])[head, trace["place"]]
    for k, y in ys.items():
        read = k == trace["place"]
        sketch.token(52, y, clipped(trace["tokens"][k]), RED if read else BLUE, 84, 13)
        sketch.text(122, y, str(trace["ids"][k]), 12)
        barcode(sketch, 150, y, embedded[k], 120)
        sketch.arrow((274, y), (530 if read else 494, y), color=BLUE.edge, width=3)
        if weights[k] >= 0.02:
            wide = 0.6 + 9 * float(weights[k])
            sketch.line((336, y), (362, y), (366, here), (386, here), color=ORANGE.edge, width=wide, curve=True)
    sketch.box(400, here, 22, 22, "+", ORANGE, 14, corner=11)
    sketch.box(450, here, 66, 24, "feed-fwd", GREEN, 12)
    sketch.text(210, bottom + 34, f"({size}, {shape['d_model']})" + (" in all" if size > len(shown) else ""), 12)
    sketch.text(408, bottom + 42, f"block {layer}, head {head}: who looks at whom,\nas wide as its weight", 12)
    for k, (name, share) in enumerate(zip(names, best, strict=False)):
        y, long = start + 28 * k, 48 * float(share / best[0])
        sketch.token(578, y, clipped(name), PINK, 84, 13)
        sketch.bar(626, y, long, 14, PINK)
        sketch.text(632 + long, y, f"{share:.1%}", 12, anchor="start")
    sketch.text(626, end, f"the best of {len(logits):,}", 12)
    if writes:
        sketch.arrow((626, end + 12), (626, down), (14, down), (14, bottom + 32), (52, bottom + 32), (52, bottom + 18),
                     color=RED.edge, width=2.2)  # fmt: skip
        sketch.text(210, down - 11, "one is drawn and joins the text", 12)
    return sketch


def clipped(name: str, most: int = 9) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def barcode(sketch: Sketch, left: float, y: float, row: np.ndarray, width: float, cells: int = 40) -> None:
    """Draw a vector's first numbers: blue above zero, orange below, and stronger farther from zero."""
    row, size = row[:cells], width / min(cells, len(row))
    strong = float(np.quantile(np.abs(row), 0.95)) or 1.0
    for k, value in enumerate(row):
        share = min(1.0, abs(float(value)) / strong)
        sketch.add("rect", x=left + k * size, y=float(y - 9), width=size, height=18.0,
                   fill=(BLUE if value > 0 else RED).edge, fill_opacity=round(share, 2))  # fmt: skip
    sketch.add("rect", x=float(left), y=float(y - 9), width=float(width), height=18.0, fill="none", stroke=GRAY,
               stroke_width=1.0)  # fmt: skip
