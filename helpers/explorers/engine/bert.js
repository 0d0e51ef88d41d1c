// BERT (Devlin et al. 2019), from a checkpoint's arrays to its states and scores, as bert_forward in
// helpers/reference/transformer.py; BertForSequenceClassification has one more head.

import { activation, add, attention, embedding, feed_forward, KeyValueCache, learned_positions, norm, own_mask, projection } from "./layers.js";
import { Matmul } from "./matmul.js";
import { array, expect, part, tensor } from "./weights.js";

export const ARCHITECTURES = ["BertModel", "BertForMaskedLM", "BertForSequenceClassification"];

const to_linear = (matmul) => (weights, name, d_in, d_out) =>
  projection(matmul, tensor(weights, `${name}.weight`, [d_out, d_in]), tensor(weights, `${name}.bias`, [d_out]));

export class BERT {
  constructor(weights, config, { simd = true } = {}) {
    expect(config, { model_type: "bert", position_embedding_type: "absolute", is_decoder: false });
    const [architecture] = config.architectures ?? ["BertModel"];
    if (!ARCHITECTURES.includes(architecture)) throw new Error(`Expected one of ${ARCHITECTURES.join(", ")}, got ${architecture}.`);
    const { hidden_size: d_model, intermediate_size, num_hidden_layers, num_attention_heads: heads, vocab_size, layer_norm_eps } = config;
    if (d_model % heads) throw new Error(`Expected a number of heads that divides the width ${d_model}, got ${heads}.`);
    const body = part(weights, "bert") ?? weights;
    const to_norm = (layer, name) => norm(tensor(layer, `${name}.weight`, [d_model]), tensor(layer, `${name}.bias`, [d_model]), layer_norm_eps);
    const activate = activation(config.hidden_act), matmul = new Matmul(simd), linear = to_linear(matmul);
    this.config = config;
    this.words = tensor(body, "embeddings.word_embeddings.weight", [vocab_size, d_model]);
    this.types = tensor(body, "embeddings.token_type_embeddings.weight", [null, d_model]);
    this.positions = tensor(body, "embeddings.position_embeddings.weight", [config.max_position_embeddings, d_model]);
    this.embedding_norm = to_norm(body, "embeddings.LayerNorm");
    this.blocks = Array.from({ length: num_hidden_layers }, (_, i) => {
      const layer = part(body, `encoder.layer.${i}`);
      const [to_query, to_key, to_value] = ["query", "key", "value"].map((name) => linear(layer, `attention.self.${name}`, d_model, d_model));
      return {
        to_query, to_key, to_value,
        to_output: linear(layer, "attention.output.dense", d_model, d_model),
        attention_norm: to_norm(layer, "attention.output.LayerNorm"),
        feed_forward: feed_forward(
          linear(layer, "intermediate.dense", d_model, intermediate_size), activate, linear(layer, "output.dense", intermediate_size, d_model)),
        feed_forward_norm: to_norm(layer, "output.LayerNorm"),
      };
    });
    if (body["pooler.dense.weight"]) this.pooler = linear(body, "pooler.dense", d_model, d_model);
    if (architecture === "BertForMaskedLM") {
      const head = part(weights, "cls.predictions");
      const transform = linear(head, "transform.dense", d_model, d_model), to_normal = to_norm(head, "transform.LayerNorm");
      const table = config.tie_word_embeddings ?? true ? this.words : tensor(head, "decoder.weight", [vocab_size, d_model]);
      this.last = { weight: table, bias: tensor(head, "bias", [vocab_size]) };
      this.prepare = (states) => to_normal(activate(transform(states)));
      this.head = projection(matmul, table, this.last.bias); // (tokens, vocab_size)
    }
    if (architecture === "BertForSequenceClassification") {
      const labels = Object.keys(config.id2label ?? { 0: "", 1: "" }).length;
      this.last = { weight: tensor(weights, "classifier.weight", [labels, d_model]), bias: tensor(weights, "classifier.bias", [labels]) };
      this.head = projection(matmul, this.last.weight, this.last.bias); // (1, labels)
    }
  }

  /** A first token's vector after the pooler. */
  pool(states) {
    return activation("tanh")(this.pooler(states));
  }

  /** What the model's end makes of these states, one for each token that is read: the vector before the scores, and the scores. */
  end(states) {
    const final = this.prepare ? this.prepare(states) : this.pool(states);
    return { final, logits: this.head(final) };
  }

  /**
   * The states of these ids, and what the checkpoint's head makes of them. `attention_mask` has 0 where padding is,
   * `token_type_ids` has 1 in the second text of a pair. `hidden_states` has the embeddings and each layer's output,
   * `pooled` the first token's vector after the pooler, `logits` the head's scores: (tokens, vocab_size) for masked
   * words, (1, labels) for a class. With `trace` there are also `words`, `types` and `positions`, the rows that are added,
   * and `steps`, a block's output, weights (heads, queries, keys), attended, middle, wide and transformed. A `mask`
   * (tokens, tokens) is added to the scores instead of `attention_mask`; `off`, [layer, head], is a head whose output is
   * zeros.
   */
  forward(ids, { attention_mask, token_type_ids = ids.map(() => 0), mask, off = [], trace = false } = {}) {
    for (const [name, numbers] of Object.entries({ attention_mask, token_type_ids })) {
      if (numbers && numbers.length !== ids.length) throw new Error(`Expected ${ids.length} numbers in ${name}, one for each id, got ${numbers.length}.`);
    }
    const words = embedding(this.words, ids), types = embedding(this.types, token_type_ids);
    const positions = learned_positions(this.positions, ids.length);
    const masked = mask ? own_mask(mask, ids.length) : (query, key) => (!attention_mask || attention_mask[key] === 1 ? 0 : -Infinity);
    const hidden_states = [this.embedding_norm(add(words, types, positions))], steps = [];
    for (const [i, block] of this.blocks.entries()) {
      const step = this.block(block, hidden_states.at(-1), masked, off[0] === i ? off[1] : undefined);
      hidden_states.push(step.output);
      if (trace) steps.push(step);
    }
    const states = hidden_states.at(-1), d_model = states.shape[1];
    const output = { hidden_states };
    if (this.pooler) output.pooled = this.pool(array([1, d_model], states.data.subarray(0, d_model)));
    if (this.head) output.logits = this.head(this.prepare ? this.prepare(states) : output.pooled);
    return trace ? { words, types, positions, ...output, steps } : output;
  }

  /** A block that normalizes sums: norm(x + f(x)) for attention, then for the feed-forward. */
  block(block, states, mask, off) {
    const cache = new KeyValueCache(); // for this text only: every token looks at all of its tokens
    cache.append(block.to_key(states), block.to_value(states));
    const { context, weights } = attention(block.to_query(states), cache, this.config.num_attention_heads, mask, off);
    const attended = block.to_output(context);
    const middle = block.attention_norm(add(states, attended));
    const { wide, transformed } = block.feed_forward(middle);
    return { output: block.feed_forward_norm(add(middle, transformed)), weights, attended, middle, wide, transformed };
  }
}
