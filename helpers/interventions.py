"""Reaching into a running model: a head switched off, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def head_off(model: Any, layer: int, head: int) -> Iterator[None]:
    """While this lasts, one attention head hands over zeros: its slice of what goes into the output map W_O.

    Works for transformers' BERT- and GPT-2-like models. Raises ValueError for a layer or head that is not there.
    """
    config = model.config
    layers, heads = config.num_hidden_layers, config.num_attention_heads
    if not (0 <= layer < layers and 0 <= head < heads):
        raise ValueError(f"The model has layers 0 to {layers - 1} and heads 0 to {heads - 1}, no {layer}.{head}.")
    ending = {"gpt2": f"h.{layer}.attn.c_proj"}.get(config.model_type, f"layer.{layer}.attention.output.dense")
    maps = [module for name, module in model.named_modules() if name.endswith(ending)]
    if len(maps) != 1:
        raise ValueError(f"Heads of a {config.model_type} cannot be switched off here: no module is called {ending}.")
    width = config.hidden_size // heads

    def silence(module: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        context = args[0].clone()
        context[..., head * width : (head + 1) * width] = 0
        return (context, *args[1:])

    handle = maps[0].register_forward_pre_hook(silence)
    try:
        yield
    finally:
        handle.remove()


def masked_loss(model: Any, tokenizer: Any, texts: Sequence[str]) -> float:
    """Mean loss in nats per token when each token of each text is masked once and guessed from the rest.

    Its negative, summed, is the pseudo-log-likelihood of Salazar et al. 2020, "Masked Language Model Scoring" (ACL).
    """
    import torch

    total, count = 0.0, 0
    for text in texts:
        ids = torch.tensor(tokenizer(text)["input_ids"], device=model.device)
        places = torch.arange(1, len(ids) - 1, device=model.device)  # not [CLS] and [SEP]
        rows = ids.repeat(len(places), 1)
        rows[torch.arange(len(places)), places] = tokenizer.mask_token_id
        with torch.no_grad():
            logits = model(input_ids=rows).logits[torch.arange(len(places)), places]
        total += torch.nn.functional.cross_entropy(logits.float(), ids[places], reduction="sum").item()
        count += len(places)
    return total / count
