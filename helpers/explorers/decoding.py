"""The decoding explorer: the next token's probabilities and what cuts make of them; beams step by step; the cache.

Python asks the model and lays out trees. Temperature, the three cuts and the draw of a token are computed in
`decoding.js`, over logits that are sent once; both sides follow `helpers.reference.decoding`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np

from helpers import plots
from helpers.checkpoints import check_vocabulary, most_tokens
from helpers.explorers import drawable, still, tab
from helpers.reference import decoding
from helpers.reference.attention import softmax
from helpers.show import Static, image, running, tag, view

SCRIPT = Path(__file__).with_suffix(".js")
SHOWN = 12  # tokens that get a bar
OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}  # in the order of transformers' generate
MAX_BEAMS, MAX_STEPS = 6, 12
BLUE, ORANGE, GRAY = "#0072b2", "#e69f00", "#8a8a8a"
ROW, CHARACTER = 22, 7.3  # of the drawings, in pixels
Settings = dict[str, float]
Data = dict[str, Any]


def explore(model: Any, tokenizer: Any, text: str, show: str, beams: int, steps: int, seed: int, cuts: Settings) -> Any:
    """The view behind `explore.decoding`."""
    panels = {
        "sampling": lambda: Sampling(reader, tokenizer, ids, cuts, seed),
        "beams": lambda: Beams(reader, tokenizer, ids, beams, steps),
        "cache": lambda: Cache(reader, ids),
    }
    if show not in panels:
        raise ValueError(f"show is {show!r}; it can be {', '.join(panels)}.")
    if not getattr(model, "can_generate", bool)() or model.config.is_encoder_decoder:
        raise ValueError(f"{type(model).__name__} does not write on: load a decoder with AutoModelForCausalLM.")
    if model.training:
        raise ValueError("The model is in training mode: its dropout changes every answer. Call model.eval() first.")
    ids = list(tokenizer.encode(text, verbose=False)) if isinstance(text, str) else []
    if not ids:
        raise ValueError(f"The text is {text!r}; give a string with at least one token.")
    check_vocabulary(model, tokenizer, ids)
    reader = Reader(model, tokenizer)
    if reader.looks_ahead(ids[0]):
        raise ValueError(
            f"{type(model).__name__} looks at the tokens that follow too, so it does not write one after "
            "the other: load a decoder (a BERT or RoBERTa with is_decoder=True)."
        )
    room, note = reader.context - (steps if show == "beams" else 0), ""
    if len(ids) > room > 0:
        note = f"The text has {len(ids):,} tokens; the model can use the last {room:,}."
        ids = ids[-room:]
    panel = panels[show]()
    html, plain = panel.html + (f"<p>{note}</p>" if note else ""), "\n".join([*panel.lines, *([note] if note else [])])
    data = {"show": show, "shape": reader.shape, **panel.data}
    shown = tab.alive(
        Static(f"<div>{html}</div>", plain), call_of(model, tokenizer, text, show, beams, steps, seed, cuts)
    )
    return view(shown, SCRIPT, data, getattr(panel, "answer", None), note)


def call_of(
    model: Any, tokenizer: Any, text: str, show: str, beams: int, steps: int, seed: int, cuts: Settings
) -> Data | None:
    """The same call for `tab/decoding.js`, which needs no kernel; None for a model that a page does not bring along."""
    checkpoint = tab.bundled(model, tokenizer)
    if checkpoint is None or model.dtype.itemsize != 4:  # a tab computes in float32
        return None
    options = {"show": show, "beams": beams, "steps": steps, "seed": seed, "settings": cuts}
    return {"view": "decoding", "checkpoint": checkpoint, "text": text, "options": options}


class Reader:
    """A model as a function of ids, with the keys and values of those that it read last."""

    def __init__(self, model: Any, tokenizer: Any = None) -> None:
        self.model, self.cache, self.known, self.said = model, None, [], None
        self.context = most_tokens(model, tokenizer)

    def logits(self, ids: Sequence[int]) -> np.ndarray:
        """One float32 logit per entry of the vocabulary, for the token after the last `context` of `ids`."""
        import torch

        ids, same = list(ids[-self.context :]), 0
        if ids == self.known:
            return self.said
        while same < min(len(self.known), len(ids) - 1) and self.known[same] == ids[same]:
            same += 1
        same, self.known = self.kept(same), []  # should the model fail now
        new = torch.tensor([ids[same:]], device=self.model.device)
        with torch.no_grad(), running(self.model):
            output = self.model(new, use_cache=True, **({"past_key_values": self.cache} if same else {}))
            said = output.logits[0, -1].float().cpu().numpy()
        self.cache, self.known, self.said = getattr(output, "past_key_values", None), ids, said
        return said

    def looks_ahead(self, first: int) -> bool:
        """Whether what it says after the token `first` depends on the token that follows: BERT, XLNet."""
        import torch

        pairs = torch.tensor([[first, 1], [first, 2]], device=self.model.device)
        with torch.no_grad(), running(self.model):
            one, other = self.model(pairs).logits[:, 0].float()
        return not torch.allclose(one, other, rtol=1e-3, atol=1e-3 * float(one.abs().max()))

    def kept(self, same: int) -> int:
        """How many of the first `same` tokens it need not read again: all or none of them.

        None where a model has no such cache, or one that cannot go back: a sliding window has forgotten what
        stood before it, and the state of a layer like Mamba's is a sum over all tokens.
        """
        from transformers import DynamicCache

        if type(self.cache) is not DynamicCache:  # MiniMax's own gives other logits when it is read on from
            return 0
        try:
            if same < len(self.known):
                self.cache.crop(same - len(self.known))  # a negative number removes so many; a positive one is refused
        except (RuntimeError, AttributeError, NotImplementedError, ValueError):
            return 0
        return same

    def layers(self) -> list[Any]:
        """The layers of its cache that keep keys and values."""
        found = getattr(self.cache, "layers", [])
        return [layer for layer in found if getattr(layer, "keys", None) is not None and layer.keys.ndim == 4]

    def held(self) -> int:
        """The bytes of keys and values that its cache really holds."""
        return sum(part.nbytes for layer in self.layers() for part in (layer.keys, layer.values))

    @property
    def shape(self) -> dict[str, int]:
        """What the cache keeps of one token: `layers` x `heads` keys and values of `size` numbers of `width` bytes."""
        layers, heads, size = self.layers(), 0, 0
        if layers:
            (_, heads, _, first), (*_, second) = layers[0].keys.shape, layers[0].values.shape
            size = (first + second) // 2  # DeepSeek's values are shorter than its keys
        return {"layers": len(layers), "size": size, "width": self.model.dtype.itemsize, "heads": heads}


def cache_bytes(shape: dict[str, int], tokens: int, texts: int = 1) -> int:
    """What keys and values take: two vectors for each layer, head and token."""
    return 2 * shape["layers"] * shape["heads"] * shape["size"] * shape["width"] * tokens * texts


def quoted(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """Each token as a text in quotes, so that its space shows."""
    return [repr(tokenizer.decode([int(i)])) for i in ids]


def cut(logits: np.ndarray, settings: Settings) -> list[np.ndarray]:
    """The logits after temperature, top-k (0: all tokens), top-p and min-p, each step on top of the one before.

    Raises ValueError for a setting out of its range.
    """
    t, k, p, share = (settings[name] for name in OFF)
    changed = [decoding.temperature(np.asarray(logits, np.float64), t)]
    changed.append(decoding.top_k(changed[-1], int(k)) if k else changed[-1])
    changed.append(decoding.top_p(changed[-1], p))
    return [*changed, decoding.min_p(changed[-1], share)]


def left_and_cut(changed: Sequence[np.ndarray]) -> list[tuple[int, float]]:
    """After each step: how many tokens are left, and the share of the mass (at this temperature) that it cut off."""
    p = softmax(changed[0])
    masses = [float(p.sum()), *(float(p[np.isfinite(logits)].sum()) for logits in changed)]
    return [(int(np.isfinite(z).sum()), a - b) for z, a, b in zip(changed, masses, masses[1:], strict=False)]


class Sampling:
    """The next token, and the text that grows by what is drawn."""

    def __init__(self, reader: Reader, tokenizer: Any, prompt: list[int], settings: Settings, seed: int) -> None:
        self.reader, self.tokenizer, self.prompt = reader, tokenizer, prompt
        changed, start, text = cut(reader.logits(prompt), settings), self.told([]), tokenizer.decode(prompt)
        self.data = {"prompt": text, "settings": settings, "seed": seed, **start}
        likely, names = np.argsort(-reader.said, kind="stable")[:SHOWN], start["names"]
        own, after = (softmax(z)[likely] for z in (reader.said.astype(np.float64), changed[-1]))
        title = f"The next token after “{text[-60:]}”"
        self.lines = [title, "", f"{'token':<18}{'model':>8}{'after':>9}"]
        left = [f"{share:.1%}" if share else "cut off" for share in after]
        self.lines += [f"{name:<18}{a:>8.1%}{b:>9}" for name, a, b in zip(names, own, left, strict=True)]
        drawn = [drawable(name, ascii(name)) for name in names]
        figure = plots.next_token_bars(["the model", "after the steps below"], [drawn] * 2, [own, after])
        rows, self.lines = "", [*self.lines, ""]
        for (name, off), (n, mass) in zip(OFF.items(), left_and_cut(changed), strict=True):
            step = f"{name.replace('_', '-')} {settings[name]:g}" + (" (off)" if settings[name] == off else "")
            self.lines.append(f"{step:<20}{n:>8,} tokens left, {mass:.1%} of the mass cut off")
            rows += f"<tr><td>{step}</td><td>{n:,}</td><td>{mass:.1%}</td></tr>"
        table = f"<table><tr><th>step</th><th>tokens left</th><th>mass cut off</th></tr>{rows}</table>"
        alt = f"{title}: " + ", ".join(f"{n} {a:.1%}, then {b}" for n, a, b in zip(names, own, left, strict=True))
        self.html = f"<p><strong>{escape(title)}</strong></p>{still(figure, alt)}{table}"

    def told(self, new: list[int]) -> Data:
        logits = self.reader.logits([*self.prompt, *new])
        likely = np.argsort(-logits, kind="stable")[:SHOWN]
        return {
            "new": new,
            "text": self.tokenizer.decode(new),
            "logits": logits.tobytes(),
            "held": self.reader.held(),
            "tokens": len(self.reader.known),
            "names": quoted(self.tokenizer, likely),
        }

    def answer(self, state: Data) -> tuple[Data, str]:
        """What the model says after `new`, and the line at the foot."""
        new = [int(token) for token in state["new"]]
        length, line = len(self.prompt) + len(new), ""
        if length > self.reader.context:
            line = f"Of {length:,} tokens the model reads the last {self.reader.context:,}."
        if new and new[-1] == self.tokenizer.eos_token_id:
            line = "That was the end-of-text token: here generate would stop."
        return self.told(new), line


class Beams:
    """A beam search, one step at a time."""

    def __init__(self, reader: Reader, tokenizer: Any, prompt: list[int], beams: int, steps: int) -> None:
        if not (1 <= beams <= MAX_BEAMS and 1 <= steps <= MAX_STEPS):
            raise ValueError(f"beams is {beams} and steps {steps}; they can be up to {MAX_BEAMS} and {MAX_STEPS}.")
        self.reader, self.tokenizer, self.prompt, self.steps = reader, tokenizer, prompt, steps
        self.data = {"beams": beams, "most": MAX_BEAMS, "prompt": len(prompt), **self.searched(beams)}
        title = f"Beams: {beams}, steps: {steps}, after “{tokenizer.decode(prompt)[-60:]}”"
        self.lines = [title]
        for number, rows in enumerate(self.data["steps"], 1):
            self.lines += ["", f"step {number}", *(f"{b:>7.2f} bits  {state:<8} {t!r}" for t, b, state in rows)]
        self.lines += ["", f"the best: {self.data['best']}"]
        lead = "Behind each token: bits of the text so far, −log₂ p. Dotted: goes no further."
        drawn = f"{_still(self.data['svg'])}<p>The best: {escape(self.data['best'])}</p>"
        self.html = f"<p><strong>{escape(title)}</strong><br>{lead}</p>{drawn}"

    def searched(self, beams: int) -> Data:
        end = self.tokenizer.eos_token_id
        found = decoding.beam_search(self.reader.logits, self.prompt, self.steps, beams, end=end)
        return tree(found, self.prompt, self.tokenizer)

    def answer(self, state: Data) -> tuple[Data, str]:
        return self.searched(int(state["beams"])), ""


def tree(found: decoding.BeamSearch, prompt: Sequence[int], tokenizer: Any) -> Data:
    """A search as a drawing, a group per step, and per step its texts: [text, bits, what becomes of it]."""
    best, root = found.hypotheses[0], f"… {tokenizer.decode(prompt[-3:]).strip()}"[:26]
    drawn, steps, x = [_text(4, 16, root)], [], 16 + CHARACTER * len(root)
    ends = [(x - 8, 11.0)]  # where the lines to the next step begin
    for number, step in enumerate(found.steps, 1):
        names = quoted(tokenizer, [beam.ids[-1] for beam in step.candidates])
        column = x + 46
        x = column + CHARACTER * (max(map(len, names)) + 8)
        group, rows, behind = [], [], {}
        for y, beam, name in zip(range(11, 11 + ROW * len(names), ROW), step.candidates, names, strict=True):
            bits = float(-beam.log_probability / np.log(2))
            state = "runs on" if beam in step.running else "finished" if beam in step.finished else "cut"
            label = f"{name} {bits:.1f}{' ■' if state == 'finished' else ''}"
            path = "d='M{:.0f} {:.0f}L{:.0f} {}'".format(*ends[beam.parent], column - 5, y)
            if best.ids[: len(beam.ids)] == beam.ids:
                box = f'x="{column - 4:.0f}" y="{y - 10}" width="{CHARACTER * len(label) + 8:.0f}" height="20" rx="4"'
                group.append(f'<g class="best" stroke="{ORANGE}"><path {path} stroke-width="6"/><rect {box}/></g>')
            line = f'stroke="{GRAY}" stroke-dasharray="2 3"' if state == "cut" else f'stroke="{BLUE}" stroke-width="2"'
            group += [f"<path {path} {line}/>", _text(column, y + 5, label, weight=400 if state == "cut" else 700)]
            rows.append([tokenizer.decode(beam.ids[len(prompt) :]), round(bits, 3), state])
            behind[tuple(beam.ids)] = column + CHARACTER * len(label) + 4, y
        drawn.append(f'<g data-step="{number}" fill="none">{"".join(group)}</g>')
        steps.append(rows)
        ends = [behind[tuple(beam.ids)] for beam in step.running]
    said = f"{tokenizer.decode(best.ids[len(prompt) :])!r}, {-best.score / np.log(2):.2f} bits per token"
    height = ROW * max(len(step.candidates) for step in found.steps) + 4
    return {"steps": steps, "best": said, "svg": _svg(x, height, f"A tree of beams. The best: {said}", drawn)}


class Cache:
    """How keys and values grow with each token, beside the size of the model's weights."""

    def __init__(self, reader: Reader, prompt: list[int]) -> None:
        reader.logits(prompt)
        if not reader.layers():
            raise ValueError(
                f"{type(reader.model).__name__} keeps no keys and values of the tokens it has read. "
                'Choose show="sampling" or show="beams".'
            )
        shape, tokens, context = reader.shape, len(prompt), min(reader.context, 2**17)
        each, weights = cache_bytes(shape, 1), sum(p.numel() * p.element_size() for p in reader.model.parameters())
        product = "2 × {layers} layers × {heads} heads × {size} numbers × {width} bytes".format(**shape)
        self.lines = [
            f"Keys and values of one token: {product} = {each:,} bytes",
            f"The text's {tokens:,} tokens: {each * tokens:,} bytes; in the model's cache: {reader.held():,} bytes",
            f"A full context of {context:,} tokens: {each * context / 2**20:,.1f} MiB",
            f"The model's weights: {weights / 2**20:,.1f} MiB",
        ]
        if (all_layers := reader.model.config.get_text_config().num_hidden_layers) > shape["layers"]:
            self.lines.append(f"Of its {all_layers} layers, {shape['layers']} keep keys and values of every token.")
        if reader.held() < each * tokens:
            self.lines.append("Layers with a sliding window keep the last tokens only.")
        svg = growth(each, tokens, context, weights)
        self.html = f"{_still(svg)}<ul>{''.join(f'<li>{line}</li>' for line in self.lines)}</ul>"
        self.data = {"tokens": tokens, "context": context, "weights": weights, "held": reader.held(), "svg": svg}


def growth(each: int, tokens: int, context: int, weights: int) -> str:
    """Bytes against tokens, up to 5/4 of the weights; decoding.js moves what has a class, by the same scales."""
    end = min(context, 1.25 * weights / each)
    (x, y), (right, top) = ((60 + 540 * n / context, 210 - 160 * each * n / weights) for n in (min(tokens, end), end))
    return _svg(
        620,
        236,
        f"The bytes of keys and values grow with every token, by {each:,}",
        [
            '<path d="M60 10V210H600" stroke="currentColor" fill="none"/>',
            _text(600, 228, f"{context:,} tokens", "end"),
            f'<path d="M60 50H600" stroke="{ORANGE}" stroke-width="2" stroke-dasharray="6 4"/>',
            _text(64, 44, f"the model's weights: {weights / 2**20:,.1f} MiB"),
            _text(52, 214, "0", "end"),
            f'<path class="line" d="M60 210L{right:.1f} {top:.1f}" stroke="{BLUE}" stroke-width="3" fill="none"/>',
            f'<circle class="here" cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{BLUE}"/>',
        ],
    )


def _text(x: float, y: float, text: str, anchor: str = "start", weight: int = 400) -> str:
    looks = {"text_anchor": anchor, "font_weight": weight, "fill": "currentColor", "xml:space": "preserve"}
    return tag("text", text, x=round(x), y=round(y), **looks)


def _svg(width: float, height: float, label: str, drawn: Sequence[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    looks = 'xmlns="http://www.w3.org/2000/svg" font-family="monospace" font-size="12"'
    return f'<svg {size} role="img" aria-label="{escape(label)}" {looks}>{"".join(drawn)}</svg>'


def _still(svg: str) -> str:
    """The drawing where nothing lives: as an image, on white."""
    width, label = re.match(r'<svg width="(\d+)".*? aria-label="([^"]*)"', svg).groups()
    return image(svg.replace("<svg", '<svg style="background:#fff"', 1), unescape(label), int(width))
