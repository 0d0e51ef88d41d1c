// GPT-2 (Radford et al. 2019), from a checkpoint's arrays to its logits, as gpt2_forward in helpers/reference/transformer.py.
//
//     const model = new GPT2(readSafetensors(bytes), config);
//     const cache = model.new_cache();
//     model.forward(ids, cache).logits        // (1, vocab_size): the scores of the next token
//     model.forward([next], cache).logits     // one more token, and nothing is computed twice

import { activation, add, attention, embedding, feed_forward, KeyValueCache, learned_positions, norm, own_mask, projection } from "./layers.js";
import { Matmul } from "./matmul.js";
import { array, expect, part, tensor, transposed } from "./weights.js";

/** GPT-2 stores (d_in, d_out), as in the paper; as rows, each output's numbers are next to each other. */
function conv1d(layer, name, d_in, d_out) {
  return [transposed(tensor(layer, `${name}.weight`, [d_in, d_out])), tensor(layer, `${name}.bias`, [d_out])];
}

/** Part `i` of the three that are side by side in one matrix: query, key, value. */
function third(matmul, [weight, bias], i) {
  const [d_out, d_in] = weight.shape, rows = d_out / 3;
  const of = ({ data }, width) => data.subarray(i * rows * width, (i + 1) * rows * width);
  return projection(matmul, array([rows, d_in], of(weight, d_in)), array([rows], of(bias, 1)));
}

export class GPT2 {
  constructor(weights, config, { simd = true } = {}) {
    expect(config, { model_type: "gpt2", scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false, add_cross_attention: false });
    const { n_layer, n_head, n_embd, n_inner, vocab_size, n_positions, layer_norm_epsilon = 1e-5, activation_function = "gelu_new" } = config;
    if (n_embd % n_head) throw new Error(`Expected a number of heads that divides the width ${n_embd}, got ${n_head}.`);
    const body = part(weights, "transformer") ?? weights;
    const to_norm = (layer, name) => norm(tensor(layer, `${name}.weight`, [n_embd]), tensor(layer, `${name}.bias`, [n_embd]), layer_norm_epsilon);
    const wide = n_inner ?? 4 * n_embd, matmul = new Matmul(simd);
    this.config = config;
    this.words = tensor(body, "wte.weight", [vocab_size, n_embd]);
    this.positions = tensor(body, "wpe.weight", [n_positions, n_embd]);
    this.blocks = Array.from({ length: n_layer }, (_, i) => {
      const layer = part(body, `h.${i}`);
      const fused = conv1d(layer, "attn.c_attn", n_embd, 3 * n_embd);
      const up = projection(matmul, ...conv1d(layer, "mlp.c_fc", n_embd, wide));
      const down = projection(matmul, ...conv1d(layer, "mlp.c_proj", wide, n_embd));
      return {
        attention_norm: to_norm(layer, "ln_1"),
        to_query: third(matmul, fused, 0), to_key: third(matmul, fused, 1), to_value: third(matmul, fused, 2),
        to_output: projection(matmul, ...conv1d(layer, "attn.c_proj", n_embd, n_embd)),
        feed_forward_norm: to_norm(layer, "ln_2"),
        feed_forward: feed_forward(up, activation(activation_function), down),
      };
    });
    this.last_norm = to_norm(body, "ln_f");
    const tied = config.tie_word_embeddings ?? true; // the matrix that reads words also writes them
    this.last = { weight: tied ? this.words : tensor(weights, "lm_head.weight", [vocab_size, n_embd]) };
    this.to_logits = projection(matmul, this.last.weight);
  }

  /** An empty cache for each layer. */
  new_cache() {
    return this.blocks.map(() => new KeyValueCache());
  }

  /**
   * The logits (tokens, vocab_size) of these ids, which follow those in the cache. Only the last token's are
   * returned, which predict the next token, unless `all` or `trace` is true. With `trace` the result also has:
   * `words` and `positions`, the rows that are added; `hidden_states`, the embeddings and each layer's output (the last
   * one normalized); and `steps`, a block's output, weights (heads, queries, keys), attended, middle, wide and transformed.
   * A `mask` (tokens, tokens) is added to the scores instead of the causal mask; `off`, [layer, head], is a head whose
   * output is zeros.
   */
  forward(ids, cache = this.new_cache(), { mask, off = [], trace = false, all = trace } = {}) {
    if (!ids.length) throw new Error("Expected at least one id, got none.");
    const words = embedding(this.words, ids);
    const positions = learned_positions(this.positions, ids.length, cache[0].length);
    let states = add(words, positions);
    const hidden_states = [states], steps = [];
    const masked = mask ? own_mask(mask, cache[0].length + ids.length) : (query, key) => (key <= query ? 0 : -Infinity);
    this.blocks.forEach((block, i) => {
      const step = this.block(block, states, cache[i], masked, off[0] === i ? off[1] : undefined);
      states = step.output;
      if (trace) { steps.push(step); hidden_states.push(states); }
    });
    const d_model = states.shape[1];
    if (!all) states = array([1, d_model], states.data.subarray(-d_model));
    const { final, logits } = this.end(states);
    if (!trace) return { logits };
    hidden_states[hidden_states.length - 1] = final;
    return { words, positions, hidden_states, steps, logits };
  }

  /** What the model predicts if its blocks end with these states: the last norm, and the logits. */
  end(states) {
    const final = this.last_norm(states);
    return { final, logits: this.to_logits(final) };
  }

  /** A block that normalizes inputs: x + f(norm(x)) for attention, then for the feed-forward. */
  block(block, states, cache, mask, off) {
    const normal = block.attention_norm(states);
    cache.append(block.to_key(normal), block.to_value(normal));
    const { context, weights } = attention(block.to_query(normal), cache, this.config.n_head, mask, off);
    const attended = block.to_output(context);
    const middle = add(states, attended);
    const { wide, transformed } = block.feed_forward(block.feed_forward_norm(middle));
    return { output: add(middle, transformed), weights, attended, middle, wide, transformed };
  }
}
