"""GGUF, the file format of llama.cpp, keeps settings, vocabulary, and weights of four or eight bits in one file.

This reads a Llama model whose blocks are F32, Q4_1 or Q8_0, as in SmolLM2's file. transformers reads such files, too,
with the package gguf, but it takes ten times as long for this one and leaves out how the tokenizer splits numbers.
The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}  # as in struct
STRING, ARRAY = 8, 9
F32, Q4_1, Q8_0 = 0, 3, 8  # kinds of tensors
STEPS = 32  # weights that share a scale
BLOCKS = {
    F32: np.dtype("<f4"),
    Q4_1: np.dtype([("scale", "<f2"), ("least", "<f2"), ("steps", "u1", STEPS // 2)]),  # 5 bits a weight
    Q8_0: np.dtype([("scale", "<f2"), ("steps", "i1", STEPS)]),  # 8.5 bits a weight
}
CONTROL = 3  # the type of a token that no text is split into
LAYERS = {  # names of the parts in the file and in transformers
    "token_embd": "embed_tokens",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "output_norm": "norm",
}


class File:
    """A GGUF file of version 3: `facts` by name, and its tensors one by one. Raises ValueError for another format."""

    def __init__(self, path: str | Path) -> None:
        with open(path, "rb") as stream:
            self.content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self.at = 0
        magic, version, tensors, facts = struct.unpack("<4sIQQ", self._bytes(24))
        if (magic, version) != (b"GGUF", 3):
            raise ValueError(f"{path} is not a GGUF file of version 3")
        self.facts = {self._string(): self._value(self._number("I")) for _ in range(facts)}
        described = [self._describe() for _ in range(tensors)]
        step = self.facts.get("general.alignment", 32)
        first = -(-self.at // step) * step
        self.tensors = {name: (kind, shape, first + offset) for name, kind, shape, offset in described}

    def _bytes(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]

    def _number(self, letter: str) -> Any:
        return struct.unpack(f"<{letter}", self._bytes(struct.calcsize(f"<{letter}")))[0]

    def _string(self) -> str:
        return self._bytes(self._number("Q")).decode("utf-8")

    def _value(self, kind: int) -> Any:
        if kind == STRING:
            return self._string()
        if kind == ARRAY:
            kind, count = self._number("I"), self._number("Q")
            return [self._value(kind) for _ in range(count)]
        return self._number(SCALARS[kind])

    def _describe(self) -> tuple[str, int, tuple[int, ...], int]:
        """Read a tensor's name, kind, shape (the file has the fastest axis first) and place after the descriptions."""
        name = self._string()
        shape = tuple(self._number("Q") for _ in range(self._number("I")))[::-1]
        return name, self._number("I"), shape, self._number("Q")

    def tensor(self, name: str) -> np.ndarray:
        """Return one tensor in float32. Raises ValueError if its kind of blocks is not in `BLOCKS`."""
        kind, shape, offset = self.tensors[name]
        if kind not in BLOCKS:
            raise ValueError(f"{name} is stored in blocks of kind {kind}; only {sorted(BLOCKS)} can be read")
        count = prod(shape) if kind == F32 else prod(shape) // STEPS
        return unpack(kind, np.frombuffer(self.content, BLOCKS[kind], count, offset)).reshape(shape)


def unpack(kind: int, blocks: np.ndarray) -> np.ndarray:
    """The weights in blocks of one kind, in float32: each is a whole number of steps, times the scale of its block.

    Q4_1 counts the steps from the least weight of the block, and a byte holds those of weights i and i + 16.
    """
    if kind == F32:
        return blocks.copy()  # the file is mapped for reading only
    scale = blocks["scale"].astype(np.float32)[:, None]
    if kind == Q8_0:
        return blocks["steps"] * scale
    steps = np.concatenate([blocks["steps"] & 15, blocks["steps"] >> 4], axis=1)
    weights = steps * scale
    weights += blocks["least"].astype(np.float32)[:, None]
    return weights


def config(file: File, **settings: Any) -> tuple[Any, dict[str, Any]]:
    """Return the model's configuration, changed by `settings`, and those settings that do not belong to it.

    Raises ValueError if the architecture is not llama.
    """
    from transformers import LlamaConfig

    facts = file.facts
    if facts["general.architecture"] != "llama":
        raise ValueError(f"the architecture is {facts['general.architecture']}, not llama")

    stored = {
        "architectures": ["LlamaForCausalLM"],
        "vocab_size": len(facts["tokenizer.ggml.tokens"]),
        "max_position_embeddings": facts["llama.context_length"],
        "num_hidden_layers": facts["llama.block_count"],
        "hidden_size": facts["llama.embedding_length"],
        "intermediate_size": facts["llama.feed_forward_length"],
        "num_attention_heads": facts["llama.attention.head_count"],
        "num_key_value_heads": facts["llama.attention.head_count_kv"],
        "rms_norm_eps": float(str(np.float32(facts["llama.attention.layer_norm_rms_epsilon"]))),  # 1e-05, not 9.99…e-06
        "rope_parameters": {"rope_type": "default", "rope_theta": facts["llama.rope.freq_base"]},
        "tie_word_embeddings": "output.weight" not in file.tensors,
        "bos_token_id": facts["tokenizer.ggml.bos_token_id"],
        "eos_token_id": facts["tokenizer.ggml.eos_token_id"],
        "pad_token_id": facts["tokenizer.ggml.padding_token_id"],
    }
    return LlamaConfig.from_dict(stored, return_unused_kwargs=True, **settings)


def weights(file: File) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the weights in float32, with the names that transformers gives them."""
    heads = {"attn_q": file.facts["llama.attention.head_count"], "attn_k": file.facts["llama.attention.head_count_kv"]}
    for name in file.tensors:
        *block, part, _ = name.split(".")  # blk.3.attn_q.weight
        weight = file.tensor(name)
        if part in heads:
            # llama.cpp rotates neighboring numbers of a head together, transformers numbers that are half a head apart
            pairs = weight.reshape(heads[part], -1, 2, weight.shape[1])
            weight = np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(weight.shape)
        yield f"model.{f'layers.{block[1]}.' if block else ''}{LAYERS[part]}.weight", weight


def tokenizer(file: File) -> Any:
    """Return the tokenizer, with the chat template. Raises ValueError if it is not SmolLM's kind of BPE."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    facts = {name.removeprefix("tokenizer.ggml."): value for name, value in file.facts.items()}
    if (facts["model"], facts["pre"]) != ("gpt2", "smollm"):
        raise ValueError(f"the tokenizer is {facts['model']} with {facts['pre']}, not gpt2 with smollm")

    tokens = facts["tokens"]
    merges = [tuple(merge.split(" ")) for merge in facts["merges"]]
    bpe = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    digits = pre_tokenizers.Digits(individual_digits=True)  # this comes first, so each digit is a token of its own
    bpe.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    bpe.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, facts["token_type"]) if kind == CONTROL]
    bpe.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])

    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=tokens[facts["bos_token_id"]],
        eos_token=tokens[facts["eos_token_id"]],
        pad_token=tokens[facts["padding_token_id"]],
        unk_token=tokens[facts["unknown_token_id"]],
        chat_template=facts["tokenizer.chat_template"],
        model_max_length=facts["llama.context_length"],
    )
