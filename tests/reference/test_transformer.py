"""Whole models in NumPy against transformers' own: tiny ones with random weights, and the course's checkpoints."""

import json
from pathlib import Path

import numpy as np
import pytest
from agreement import MODEL_TOLERANCE, agree, examples, linear, multi_head, randomized
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from helpers import checkpoints
from helpers.reference.attention import attention, padding_mask
from helpers.reference.layers import rotary
from helpers.reference.transformer import bert_forward, gpt2_forward, new_cache, read_checkpoint, read_safetensors

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
transformers.utils.logging.disable_progress_bar()

few = settings(examples(6), phases=[Phase.explicit, Phase.generate])  # shrinking would build hundreds of models
activations = st.sampled_from(["gelu", "gelu_new"])
seeds = st.integers(0, 2**32 - 1)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])
KEEP = {"output_hidden_states": True, "output_attentions": True}


def agree_throughout(what: str, ours, theirs, real=None) -> None:
    """Every layer's states and weights, and what comes out; queries that are padding (0 in `real`) are left out."""
    real = np.ones(ours.hidden_states[0].shape[:2], dtype=bool) if real is None else real.astype(bool)
    assert len(ours.hidden_states) == len(theirs.hidden_states) and len(ours.attentions) == len(theirs.attentions)
    for mine, other in zip(ours.hidden_states, theirs.hidden_states, strict=True):
        agree(f"{what}, hidden states", mine[real], other[torch.from_numpy(real)], MODEL_TOLERANCE)
    for mine, other in zip(ours.attentions, theirs.attentions, strict=True):
        mine, other = (x.swapaxes(1, 2)[real] for x in (mine, other.numpy()))
        agree(f"{what}, attention weights", mine, other, MODEL_TOLERANCE)
    if getattr(theirs, "logits", None) is not None:
        agree(f"{what}, logits", ours.logits[real], theirs.logits[torch.from_numpy(real)], MODEL_TOLERANCE)
    if getattr(theirs, "pooler_output", None) is not None:
        agree(f"{what}, pooler", ours.pooled, theirs.pooler_output, MODEL_TOLERANCE)


def bert_like(model_class, seed, dtype, heads=2, d_head=3, layers=2, **options):
    options = {"hidden_size": heads * d_head, "num_attention_heads": heads, "num_hidden_layers": layers} | options
    sizes = {"vocab_size": 29, "intermediate_size": 11, "max_position_embeddings": 12, "layer_norm_eps": 1e-3}
    config = transformers.BertConfig(**sizes, **options, attn_implementation="eager")
    return randomized(model_class(config), seed, dtype)


def gpt2_like(seed, dtype, heads=2, d_head=3, layers=2, **options):
    sizes = {"vocab_size": 29, "n_positions": 12, "n_inner": 11, "layer_norm_epsilon": 1e-3}
    sizes |= {"n_embd": heads * d_head, "n_head": heads, "n_layer": layers, "eos_token_id": 0, "bos_token_id": 0}
    config = transformers.GPT2Config(**sizes, **options, attn_implementation="eager")
    return randomized(transformers.GPT2LMHeadModel(config), seed, dtype)


def as_read(model):
    """Weights and config as `read_checkpoint` gives them for the saved model."""
    weights = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    return weights, json.loads(model.config.to_json_string(use_diff=False))


def batch(seed: int, tokens: int, ids: int = 29, texts: int = 3):
    """Ids, a mask with padding behind, token types."""
    rng = np.random.default_rng(seed)
    mask = (np.arange(tokens) < rng.integers(1, tokens + 1, size=(texts, 1))).astype(np.int64)
    return rng.integers(0, ids, (texts, tokens)), mask, rng.integers(0, 2, (texts, tokens))


def run(model, ids, mask=None, **options):
    tensors = {"input_ids": ids, "attention_mask": mask} | options
    tensors = {name: torch.from_numpy(array) for name, array in tensors.items() if array is not None}
    with torch.no_grad():
        return model(**tensors, **KEEP)


# Tiny models with random weights -----------------------------------------------------------------------


@each_dtype
@few
@given(st.integers(1, 12), st.integers(1, 3), st.integers(3, 5), st.booleans(), activations, seeds)
def test_tiny_bert_equals_transformers(dtype, tokens, heads, d_head, tied, activation, seed):
    options = {"hidden_act": activation, "tie_word_embeddings": tied}
    model = bert_like(transformers.BertForMaskedLM, seed, dtype, heads, d_head, **options)
    ids, mask, types = batch(seed, tokens)
    ours = bert_forward(*as_read(model), ids, mask, types)
    agree_throughout("bert_forward | BertForMaskedLM, tiny", ours, run(model, ids, mask, token_type_ids=types))
    assert ours.pooled is None


@each_dtype
def test_tiny_bert_model_has_a_pooler_and_no_logits(dtype):
    model = bert_like(transformers.BertModel, 1, dtype)
    ids, _, _ = batch(2, 5)
    ours = bert_forward(*as_read(model), ids)  # no mask, no token types
    agree_throughout("bert_forward | BertModel, tiny", ours, run(model, ids))
    assert ours.logits is None and ours.pooled is not None


@each_dtype
@few
@given(st.integers(1, 12), st.integers(1, 3), st.integers(3, 5), st.booleans(), activations, seeds)
def test_tiny_gpt2_equals_transformers(dtype, tokens, heads, d_head, tied, activation, seed):
    options = {"activation_function": activation, "tie_word_embeddings": tied}
    model = gpt2_like(seed, dtype, heads, d_head, **options)
    ids, mask, _ = batch(seed, tokens)
    for seen in (mask, None):
        ours, theirs = gpt2_forward(*as_read(model), ids, seen), run(model, ids, seen)
        agree_throughout("gpt2_forward | GPT2LMHeadModel, tiny", ours, theirs)


def test_padding_in_front_with_its_own_positions_changes_nothing():
    model = gpt2_like(3, np.float64)
    weights, config = as_read(model)
    ids = np.array([[7, 3, 9, 4]])
    padded, mask = np.array([[0, 0, 7, 3, 9, 4]]), np.array([[0, 0, 1, 1, 1, 1]])
    positions = np.array([[0, 0, 0, 1, 2, 3]])
    ours = gpt2_forward(weights, config, padded, mask, positions)
    agree_throughout(
        "gpt2_forward, padding in front | GPT2LMHeadModel, tiny",
        ours,
        run(model, padded, mask, position_ids=positions),
        mask,
    )
    np.testing.assert_allclose(ours.logits[:, 2:], gpt2_forward(weights, config, ids).logits, rtol=0, atol=1e-12)


@few
@given(st.lists(st.integers(1, 4), min_size=2, max_size=3), seeds)
def test_gpt2_with_a_cache_equals_gpt2_without(pieces, seed):
    weights, config = as_read(gpt2_like(seed, np.float64))
    ids = np.random.default_rng(seed).integers(0, 29, (2, sum(pieces)))
    whole, cache, logits = gpt2_forward(weights, config, ids), new_cache(config), []
    for piece in pieces:
        past = len(cache[0])
        logits.append(gpt2_forward(weights, config, ids[:, past : past + piece], cache=cache).logits)
    agree("gpt2_forward, cache | without, tiny", np.concatenate(logits, axis=1), whole.logits, MODEL_TOLERANCE)


# Files -------------------------------------------------------------------------------------------------


@each_dtype
def test_a_saved_bert_is_read_and_equals_transformers(dtype, tmp_path):
    model = bert_like(transformers.BertForMaskedLM, 4, dtype)
    model.save_pretrained(tmp_path)
    weights, config = read_checkpoint(tmp_path, dtype)
    ids, mask, types = batch(5, 9)
    ours = bert_forward(weights, config, ids, mask, types)
    agree_throughout("bert_forward | BertForMaskedLM, tiny", ours, run(model, ids, mask, token_type_ids=types))


def test_safetensors_are_read_in_every_dtype(tmp_path):
    from safetensors.torch import save_file

    file, kinds = tmp_path / "x.safetensors", ["float64", "float32", "float16", "bfloat16", "int64", "uint8", "bool"]
    tensors = {kind: torch.arange(-3, 3).reshape(2, 3).to(getattr(torch, kind)) for kind in kinds}
    tensors["bfloat16"] = torch.tensor([1 / 3, -2.5e30]).bfloat16()
    tensors["empty"], tensors["number"] = torch.zeros(0, 2), torch.tensor(0.5)
    save_file(tensors, file, metadata={"format": "pt"})
    for dtype in (np.float32, np.float64):
        arrays = read_safetensors(file, dtype)
        assert arrays.keys() == tensors.keys()
        for name, tensor in tensors.items():
            tensor = tensor.to(getattr(torch, np.dtype(dtype).name)) if tensor.is_floating_point() else tensor
            assert arrays[name].dtype == tensor.numpy().dtype and arrays[name].flags.writeable
            np.testing.assert_array_equal(arrays[name], tensor.numpy())


def test_what_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04 pickled")
    with pytest.raises(ValueError, match="not a safetensors file"):
        read_safetensors(tmp_path / "model.safetensors")
    with pytest.raises(FileNotFoundError, match=r"lacks config\.json"):
        read_checkpoint(tmp_path)


def test_the_old_names_of_norms_are_read_as_todays(tmp_path):
    from safetensors.torch import save_file

    save_file({"a.LayerNorm.gamma": torch.ones(2), "a.LayerNorm.beta": torch.zeros(2)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text("{}")
    assert read_checkpoint(tmp_path)[0].keys() == {"a.LayerNorm.weight", "a.LayerNorm.bias"}


def test_what_the_models_do_not_know_is_refused():
    weights, config = as_read(gpt2_like(6, np.float64))
    with pytest.raises(ValueError, match="model_type = 'bert'"):
        bert_forward(weights, config, [[1]])
    with pytest.raises(ValueError, match="scale_attn_by_inverse_layer_idx = False"):
        gpt2_forward(weights, config | {"scale_attn_by_inverse_layer_idx": True}, [[1]])
    with pytest.raises(ValueError, match="activation among gelu"):
        gpt2_forward(weights, config | {"activation_function": "swish"}, [[1]])
    with pytest.raises(ValueError, match="at most 12 tokens"):
        gpt2_forward(weights, config, [[1] * 13])


# The course's checkpoints --------------------------------------------------------------------------------

PAIRS = [("The cat sat on the mat.", "It was happy there."), ("Nobody laughed, naïve as they were.", "Why?")]
STORY = (
    "Once upon a time there was a little girl who lived with her grandmother at the edge of the forest. Every morning "
    "she took her basket and went to look for berries, and every evening she came home with a song. One day"
)


def course_checkpoint(name: str) -> Path:
    folder = checkpoints.minilm_folder() if name == "minilm" else checkpoints.ASSETS / name
    if folder is None:
        pytest.skip("MiniLM is not installed: course fetch minilm")
    return folder


def pretrained(model_class, folder: Path, dtype):
    dtype = getattr(torch, np.dtype(dtype).name)
    return model_class.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()


@each_dtype
@pytest.mark.parametrize("name, model_class", [("minilm", "BertModel"), ("storybook-bert", "BertForMaskedLM")])
def test_bert_checkpoints_equal_transformers(name, model_class, dtype):
    folder = course_checkpoint(name)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = pretrained(getattr(transformers, model_class), folder, dtype)
    weights, config = read_checkpoint(folder, dtype)
    inputs = dict(tokenizer(*zip(*PAIRS), padding=True, return_tensors="np"))
    ids, mask = inputs.pop("input_ids"), inputs.pop("attention_mask")
    if name == "storybook-bert":
        ids[:, 3] = tokenizer.mask_token_id
    types = inputs.get("token_type_ids", np.zeros_like(ids))
    theirs = run(model, ids, mask, token_type_ids=types)
    ours = bert_forward(weights, config, ids, mask, types)
    agree_throughout(f"bert_forward | {model_class}, {name}", ours, theirs)
    if ours.logits is not None:
        assert (ours.logits[:, 3].argmax(-1) == theirs.logits[:, 3].argmax(-1).numpy()).all()


@each_dtype
def test_storybook_gpt2_equals_transformers_with_and_without_a_cache(dtype):
    folder = course_checkpoint("storybook-gpt2")
    model = pretrained(transformers.GPT2LMHeadModel, folder, dtype)
    weights, config = read_checkpoint(folder, dtype)
    ids = transformers.AutoTokenizer.from_pretrained(folder)(STORY, return_tensors="np")["input_ids"]
    ours, theirs = gpt2_forward(weights, config, ids), run(model, ids)
    agree_throughout("gpt2_forward | GPT2LMHeadModel, storybook-gpt2", ours, theirs)
    assert (ours.logits.argmax(-1) == theirs.logits.argmax(-1).numpy()).all()  # the same next token everywhere
    cache, logits = new_cache(config), []
    for start, stop in [(0, 20), (20, 21), (21, 22), (22, ids.shape[1])]:
        logits.append(gpt2_forward(weights, config, ids[:, start:stop], cache=cache).logits)
    cached = np.concatenate(logits, axis=1)
    agree("gpt2_forward, cache | without, storybook-gpt2", cached, ours.logits, MODEL_TOLERANCE)
    agree("gpt2_forward, cache | GPT2LMHeadModel, storybook-gpt2", cached, theirs.logits, MODEL_TOLERANCE)


# What the libraries do otherwise -------------------------------------------------------------------------


def test_a_query_that_may_look_nowhere_has_three_answers():
    """PyTorch's function gives zeros, as ours; its module NaN; BERT's eager path an even share for every key."""
    rng = np.random.default_rng(8)
    states, may_look = rng.normal(size=(1, 3, 6)), np.ones((1, 3), dtype=np.int64)
    nowhere = np.ones((3, 3), dtype=bool)
    nowhere[1] = False

    tensor = torch.from_numpy(states)
    function = torch.nn.functional.scaled_dot_product_attention(tensor, tensor, tensor, torch.from_numpy(nowhere))
    assert (function[0, 1] == 0).all() and (attention(states, states, states, nowhere)[0][0, 1] == 0).all()

    module = randomized(torch.nn.MultiheadAttention(6, 2, batch_first=True), 9, np.float64)
    with torch.no_grad():
        output, weights = module(tensor, tensor, tensor, attn_mask=torch.from_numpy(~nowhere))
    assert output[0, 1].isnan().all() and weights[0, 1].isnan().all()
    assert not output[0, [0, 2]].isnan().any()
    zeros, our_weights = multi_head(module)(states, nowhere)
    assert (our_weights[0, :, 1] == 0).all()
    np.testing.assert_allclose(zeros[0, 1], linear(module.out_proj).bias, rtol=0, atol=1e-12)

    model = bert_like(transformers.BertModel, 10, np.float64)
    attentions = run(model, np.array([[3, 4, 5]]), 0 * may_look).attentions
    assert all(torch.allclose(x, torch.full_like(x, 1 / 3), rtol=0, atol=1e-12) for x in attentions)
    ours = bert_forward(*as_read(model), np.array([[3, 4, 5]]), 0 * may_look)
    assert all((x == 0).all() for x in ours.attentions) and not padding_mask(0 * may_look).any()


# Rotary positions, which neither model has ----------------------------------------------------------------


def test_rotary_equals_llama_in_transformers():
    llama = pytest.importorskip("transformers.models.llama.modeling_llama")

    query, key = np.random.default_rng(11).normal(size=(2, 1, 2, 7, 8)).astype(np.float32)
    config = transformers.LlamaConfig(hidden_size=16, num_attention_heads=2, max_position_embeddings=32)
    cosine, sine = llama.LlamaRotaryEmbedding(config)(torch.from_numpy(query), torch.arange(5, 12)[None])
    expected = llama.apply_rotary_pos_emb(torch.from_numpy(query), torch.from_numpy(key), cosine, sine)
    agree("rotary | transformers' Llama", rotary(query, past=5), expected[0])
    agree("rotary | transformers' Llama", rotary(key, past=5), expected[1])
