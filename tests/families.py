"""Tiny random models of many families, from transformers' own configurations."""

from __future__ import annotations

from typing import Any

PLACES = 40
USUAL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": PLACES,
}
GPT = {"n_positions": PLACES, "n_embd": 32, "n_layer": 2, "n_head": 4}
NEW = USUAL | {"num_key_value_heads": 2, "head_dim": 8, "pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0}
WINDOW = NEW | {"sliding_window": 4}
MIXED = {"layer_types": ["sliding_attention", "full_attention"]}
STATE = {"hidden_size": 32, "num_hidden_layers": 2}
OFFSET = USUAL | {"pad_token_id": 1}  # its positions begin at 2
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": USUAL,
    "camembert": OFFSET,
    "convbert": USUAL | {"embedding_size": 32, "head_ratio": 2},
    "deberta": USUAL,
    "distilbert": {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 4, "max_position_embeddings": PLACES},
    "esm": OFFSET | {"mask_token_id": 4, "token_dropout": False},
    "funnel": {"block_sizes": [1, 1], "d_model": 32, "n_head": 4, "d_head": 8, "d_inner": 64},
    "gemma2": WINDOW,
    "gemma3_text": WINDOW | MIXED,
    "gpt2": GPT,
    "gpt_oss": WINDOW | MIXED | {"num_local_experts": 2, "num_experts_per_tok": 1},
    "lfm2": NEW | {"layer_types": ["conv", "full_attention"]},
    "llama": NEW,
    "longformer": OFFSET | {"attention_window": [4, 4]},
    "mamba": STATE | {"state_size": 4},
    "minimax": NEW
    | {"num_local_experts": 2, "num_experts_per_tok": 1, "layer_types": ["linear_attention", "full_attention"]},
    "mistral": WINDOW,
    "mpnet": OFFSET,
    "mpt": {"d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": PLACES},
    "openai-gpt": GPT,
    "opt": NEW | {"word_embed_proj_dim": 32, "ffn_dim": 64},
    "roberta": OFFSET,
    "rwkv": STATE | {"attention_hidden_size": 32, "context_length": PLACES},
    "xlm-roberta": OFFSET,
    "xlnet": {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64},
}


def tiny(family: str, auto_class: Any, vocab_size: int, **changes: Any) -> Any:
    """A random model of `family`, in eval mode, the same on every call."""
    import torch
    from transformers import AutoConfig

    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **{"vocab_size": vocab_size} | CONFIGS[family] | changes)
    return auto_class.from_config(config).eval()
