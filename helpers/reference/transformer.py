"""Whole models in NumPy: BERT and GPT-2, from a checkpoint's own files to its logits.

    weights, config = read_checkpoint("helpers/assets/storybook-gpt2")
    output = gpt2_forward(weights, config, input_ids)
    output.logits[0, -1].argmax()                      # the next token
    output.steps[3].weights[0, 1]                      # layer 3, head 1: queries × keys

The arrays keep the names that they have in the checkpoint, so that each can be found in the model of `transformers`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from helpers.reference.attention import KeyValueCache, Projection, causal_mask, padding_mask
from helpers.reference.layers import (
    Attention,
    Block,
    FeedForward,
    Norm,
    Steps,
    embedding,
    gelu,
    gelu_tanh,
    learned_positions,
    post_norm_block,
    pre_norm_block,
    relu,
    tied_logits,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    Weights = dict[str, np.ndarray]  # by the names in the checkpoint
    Config = dict[str, Any]
    Ids = Int[np.ndarray, "batch tokens"]
    States = Float[np.ndarray, "batch tokens d_model"]
    Logits = Float[np.ndarray, "batch tokens ids"]

ACTIVATIONS = {"gelu": gelu, "gelu_new": gelu_tanh, "gelu_pytorch_tanh": gelu_tanh, "relu": relu}
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}


# Reading ---------------------------------------------------------------------------------------------


def read_safetensors(file: str | Path, dtype: type = np.float32) -> Weights:
    """The arrays of a safetensors file by name, those of floats converted to `dtype`.

    The file is the length of its header (8 bytes), the header (JSON: for each name the dtype, the shape, and from
    which byte to which), and the numbers. Raises ValueError for a file that is something else.
    """
    data = Path(file).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    if not 8 < start <= len(data):
        raise ValueError(f"{file} is not a safetensors file: give the model.safetensors that save_pretrained wrote")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[start + begin : start + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":  # the upper half of a float32, which NumPy does not know
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = array.astype(dtype if np.issubdtype(array.dtype, np.floating) else array.dtype)
    return arrays


def read_checkpoint(folder: str | Path, dtype: type = np.float32) -> tuple[Weights, Config]:
    """A checkpoint's weights, by their own names, and its config.json. Raises FileNotFoundError if either is missing.

    BERT's first checkpoints call a norm's weight and bias gamma and beta; they get today's names.
    """
    files = sorted(Path(folder).glob("*.safetensors"))
    if not files or not (Path(folder) / "config.json").is_file():
        raise FileNotFoundError(f"{folder} lacks config.json or a .safetensors file: give a save_pretrained folder")
    weights = {name: array for file in files for name, array in read_safetensors(file, dtype).items()}
    renamed = {n.replace(".gamma", ".weight").replace(".beta", ".bias"): array for n, array in weights.items()}
    return renamed, json.loads((Path(folder) / "config.json").read_text("utf-8"))


def part(weights: Weights, prefix: str) -> Weights:
    """The arrays under `prefix`, by the rest of their names; none if there are no such names."""
    return {name.removeprefix(prefix + "."): array for name, array in weights.items() if name.startswith(prefix + ".")}


def _linear(weights: Weights, name: str) -> Projection:
    return Projection(weights[f"{name}.weight"].T, weights[f"{name}.bias"])  # torch keeps (d_out, d_in)


def _conv1d(weights: Weights, name: str) -> Projection:
    return Projection(weights[f"{name}.weight"], weights[f"{name}.bias"])  # GPT-2 keeps (d_in, d_out), as the paper


def _norm(weights: Weights, name: str, epsilon: float) -> Norm:
    return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)


def _activation(name: str):
    if name not in ACTIVATIONS:
        raise ValueError(f"expected an activation among {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


def _expect(config: Config, **facts: Any) -> None:
    for name, wanted in facts.items():
        if config.get(name, wanted) != wanted:
            raise ValueError(f"expected a checkpoint with {name} = {wanted!r} in its config.json, got {config[name]!r}")


class Output(NamedTuple):
    """What a forward pass computed.

    `hidden_states` are the embeddings and then each layer's output, as with `output_hidden_states=True`: for GPT-2
    the last one is normalized already. `steps` says what happened inside each block.
    """

    hidden_states: tuple[States, ...]
    steps: tuple[Steps, ...]
    logits: Logits | None = None
    pooled: Float[np.ndarray, "batch d_model"] | None = None

    @property
    def attentions(self) -> tuple[Float[np.ndarray, "batch heads queries keys"], ...]:
        """Each layer's attention weights."""
        return tuple(step.weights for step in self.steps)


# BERT ------------------------------------------------------------------------------------------------


def bert_blocks(weights: Weights, config: Config) -> list[Block]:
    """BERT's blocks, from the arrays of a `BertModel` or of a `BertForMaskedLM`."""
    weights, epsilon = part(weights, "bert") or weights, config["layer_norm_eps"]
    blocks = []
    for i in range(config["num_hidden_layers"]):
        layer = part(weights, f"encoder.layer.{i}")
        to_query, to_key, to_value = (_linear(layer, f"attention.self.{name}") for name in ("query", "key", "value"))
        to_output, up, down = (_linear(layer, f"{n}.dense") for n in ("attention.output", "intermediate", "output"))
        blocks.append(
            Block(
                Attention(to_query, to_key, to_value, to_output, config["num_attention_heads"]),
                _norm(layer, "attention.output.LayerNorm", epsilon),
                FeedForward(up, down, _activation(config["hidden_act"])),
                _norm(layer, "output.LayerNorm", epsilon),
            )
        )
    return blocks


def bert_forward(
    weights: Weights,
    config: Config,
    input_ids: Ids,
    attention_mask: Ids | None = None,
    token_type_ids: Ids | None = None,
) -> Output:
    """BERT (Devlin et al. 2019), as `BertModel` and, if the checkpoint has that head, `BertForMaskedLM` compute it.

    The last of `hidden_states` is the encoder's output, `pooled` the vector of the first token after the pooler (if
    there is one), `logits` the scores of the masked-language-model head (if there is one; Devlin et al. 2019, section
    3.1). Raises ValueError for another architecture, for ids without an embedding, and for too long a text.
    """
    _expect(config, model_type="bert", position_embedding_type="absolute", is_decoder=False)
    body, epsilon = part(weights, "bert") or weights, config["layer_norm_eps"]
    words, types, positions = (body[f"embeddings.{n}_embeddings.weight"] for n in ("word", "token_type", "position"))
    if token_type_ids is None:
        token_type_ids = np.zeros_like(input_ids)
    states = embedding(words, input_ids) + embedding(types, token_type_ids)  # (batch, tokens, d_model)
    states = states + learned_positions(positions, np.shape(input_ids)[-1])  # plus (tokens, d_model), to each text
    states = _norm(body, "embeddings.LayerNorm", epsilon)(states)
    mask = None if attention_mask is None else padding_mask(attention_mask)  # (batch, 1, 1, keys)
    hidden_states, steps = [states], []
    for block in bert_blocks(weights, config):
        steps.append(post_norm_block(hidden_states[-1], block, mask))
        hidden_states.append(steps[-1].output)

    pooled = logits = None
    if "pooler.dense.weight" in body:
        pooled = np.tanh(_linear(body, "pooler.dense")(hidden_states[-1][:, 0]))  # (batch, d_model)
    if head := part(weights, "cls.predictions"):
        guess = _activation(config["hidden_act"])(_linear(head, "transform.dense")(hidden_states[-1]))
        guess = _norm(head, "transform.LayerNorm", epsilon)(guess)  # (batch, tokens, d_model)
        tied = config.get("tie_word_embeddings", True)
        logits = tied_logits(guess, words) + head["bias"] if tied else _linear(head, "decoder")(guess)  # (..., ids)
    return Output(tuple(hidden_states), tuple(steps), logits, pooled)


# GPT-2 -----------------------------------------------------------------------------------------------


def gpt2_blocks(weights: Weights, config: Config) -> list[Block]:
    """GPT-2's blocks. Its projections of query, key and value lie side by side in one matrix, `c_attn`."""
    weights, epsilon = part(weights, "transformer") or weights, config["layer_norm_epsilon"]
    blocks = []
    for i in range(config["n_layer"]):
        layer = part(weights, f"h.{i}")
        names = "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"
        fused, to_output, up, down = (_conv1d(layer, name) for name in names)
        # (d_model, 3 * d_model) → three times (d_model, d_model)
        to_query, to_key, to_value = map(Projection, np.split(fused.weight, 3, axis=-1), np.split(fused.bias, 3))
        blocks.append(
            Block(
                Attention(to_query, to_key, to_value, to_output, config["n_head"]),
                _norm(layer, "ln_1", epsilon),
                FeedForward(up, down, _activation(config["activation_function"])),
                _norm(layer, "ln_2", epsilon),
            )
        )
    return blocks


def new_cache(config: Config) -> list[KeyValueCache]:
    """An empty cache for each layer."""
    return [KeyValueCache() for _ in range(config["n_layer"])]


def gpt2_forward(
    weights: Weights,
    config: Config,
    input_ids: Ids,
    attention_mask: Int[np.ndarray, "batch keys"] | None = None,
    position_ids: Ids | None = None,
    cache: list[KeyValueCache] | None = None,
) -> Output:
    """GPT-2 (Radford et al. 2019), as `GPT2LMHeadModel` computes it; `logits[:, -1]` are those of the next token.

    With a `cache` (from `new_cache`) give only the tokens that are not in it yet; `attention_mask` is then about those
    in the cache too. Padding in front of a text moves its positions unless `position_ids` say where each token is.
    Raises ValueError for another architecture, for ids without an embedding, and for too long a text.
    """
    _expect(config, model_type="gpt2", scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False)
    body = part(weights, "transformer") or weights
    words, positions, tokens = body["wte.weight"], body["wpe.weight"], np.shape(input_ids)[-1]
    past = len(cache[0]) if cache else 0
    if position_ids is None:
        states = embedding(words, input_ids) + learned_positions(positions, tokens, past)
    else:
        states = embedding(words, input_ids) + embedding(positions, position_ids)  # (batch, tokens, d_model)
    mask = causal_mask(tokens, past + tokens)  # (tokens, keys), where the keys are the cache's tokens and these
    if attention_mask is not None:
        mask = mask & padding_mask(attention_mask)  # (batch, 1, tokens, keys)
    hidden_states, steps = [states], []
    for i, block in enumerate(gpt2_blocks(weights, config)):
        steps.append(pre_norm_block(hidden_states[-1], block, mask, cache=cache[i] if cache else None))
        hidden_states.append(steps[-1].output)
    hidden_states[-1] = _norm(body, "ln_f", config["layer_norm_epsilon"])(hidden_states[-1])
    tied = config.get("tie_word_embeddings", True)
    logits = tied_logits(hidden_states[-1], words if tied else weights["lm_head.weight"])  # (batch, tokens, ids)
    return Output(tuple(hidden_states), tuple(steps), logits)
