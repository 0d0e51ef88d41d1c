// The parts that GPT-2 and BERT are made of, as in helpers/reference/layers.py and attention.py, for one text at a time:
// states are (tokens, d_model). Results are stored as float32.

import { array } from "./weights.js";

/** The row of `table` for every id. Throws an Error for an id without a row. */
export function embedding(table, ids) {
  const [rows, d_model] = table.shape;
  const states = array([ids.length, d_model]);
  ids.forEach((id, i) => {
    if (!(Number.isInteger(id) && id >= 0 && id < rows)) throw new Error(`Expected ids from 0 to ${rows - 1}, got ${id}.`);
    states.data.set(table.data.subarray(id * d_model, (id + 1) * d_model), i * d_model);
  });
  return states;
}

/** The trained vectors of the positions past … past + tokens - 1. Throws an Error if there is a position without a vector. */
export function learned_positions(table, tokens, past = 0) {
  if (past + tokens > table.shape[0]) {
    throw new Error(`Expected at most ${table.shape[0]} tokens (the trained positions), got ${past + tokens}.`);
  }
  return embedding(table, Array.from({ length: tokens }, (_, i) => past + i));
}

/** The sum of arrays of one shape. */
export function add(first, ...others) {
  const sum = array(first.shape, first.data.slice());
  for (const { data } of others) for (let i = 0; i < data.length; i += 1) sum.data[i] += data[i];
  return sum;
}

/** states @ weightᵀ + bias, called like a function; `weight` is (d_out, d_in), so each output is a row times the input. */
export function projection(matmul, weight, bias) {
  const d_out = weight.shape[0], multiply = matmul.prepare(weight);
  return function project({ shape: [tokens], data }) {
    const outputs = array([tokens, d_out], multiply(data, tokens));
    if (bias) {
      for (let start = 0; start < outputs.data.length; start += d_out) {
        for (let i = 0; i < d_out; i += 1) outputs.data[start + i] += bias.data[i];
      }
    }
    return outputs;
  };
}

function dot(left, i, right, j, length) {
  let even = 0, odd = 0, k = 0; // two sums, because a single one would have to wait for itself
  for (; k + 1 < length; k += 2) {
    even += left[i + k] * right[j + k];
    odd += left[i + k + 1] * right[j + k + 1];
  }
  return k < length ? even + odd + left[i + k] * right[j + k] : even + odd;
}

/** Layer norm: each token's features get mean 0 and variance 1, then a trained gain and bias. */
export function norm(weight, bias, epsilon) {
  return function normalize({ shape, data }) {
    const d_model = shape[1], normal = array(shape);
    for (let start = 0; start < data.length; start += d_model) {
      let mean = 0, variance = 0;
      for (let i = start; i < start + d_model; i += 1) mean += data[i] / d_model;
      for (let i = start; i < start + d_model; i += 1) variance += (data[i] - mean) ** 2 / d_model;
      const scale = 1 / Math.sqrt(variance + epsilon);
      for (let i = 0; i < d_model; i += 1) normal.data[start + i] = (data[start + i] - mean) * scale * weight.data[i] + bias.data[i];
    }
    return normal;
  };
}

/** The error function, off by at most 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26). */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

const gelu = (x) => 0.5 * x * (1 + erf(x / Math.SQRT2));
const SLOPE = 2 * Math.sqrt(2 / Math.PI);
const gelu_tanh = (x) => x / (1 + Math.exp(-SLOPE * (x + 0.044715 * x * x * x))); // (1 + tanh(u)) / 2 is 1 / (1 + exp(-2u))
const ACTIVATIONS = { gelu, gelu_new: gelu_tanh, gelu_pytorch_tanh: gelu_tanh, relu: (x) => Math.max(x, 0), tanh: Math.tanh };

/** An activation by the name that config.json gives it, for whole arrays. */
export function activation(name) {
  const f = ACTIVATIONS[name];
  if (!f) throw new Error(`Expected an activation among ${Object.keys(ACTIVATIONS).join(", ")}, got ${name}.`);
  return function activate({ shape, data }) {
    const active = new Float32Array(data.length);
    for (let i = 0; i < data.length; i += 1) active[i] = f(data[i]);
    return array(shape, active);
  };
}

/** Two projections with an activation between them, for each token separately: `wide` is the result in between. */
export const feed_forward = (up, f, down) => (states) => {
  const wide = f(up(states));
  return { wide, transformed: down(wide) };
};

/** One layer's keys and values so far: a new token adds its own and recomputes none. `length` counts its tokens. */
export class KeyValueCache {
  length = 0;
  key = new Float32Array(0);
  value = new Float32Array(0);

  append(key, value) {
    const used = this.length * key.shape[1], needed = used + key.data.length;
    for (const [name, { data }] of [["key", key], ["value", value]]) {
      if (this[name].length < needed) {
        const wider = new Float32Array(2 * needed);
        wider.set(this[name].subarray(0, used));
        this[name] = wider;
      }
      this[name].set(data, used);
    }
    this.length += key.shape[0];
  }
}

/** Scores become shares, in place: each at least 0, together 1. The highest is subtracted first, so exp cannot overflow. */
function softmax(scores) {
  let highest = -Infinity;
  for (let i = 0; i < scores.length; i += 1) highest = Math.max(highest, scores[i]);
  if (highest === -Infinity) return scores.fill(0); // this query may not look anywhere
  let total = 0;
  for (let i = 0; i < scores.length; i += 1) total += scores[i] = Math.exp(scores[i] - highest);
  for (let i = 0; i < scores.length; i += 1) scores[i] /= total;
  return scores;
}

/** The caller's mask, (tokens, tokens), as the function that `attention` takes. Throws an Error if its shape is wrong. */
export function own_mask({ shape: [queries, keys], data }, tokens) {
  if (queries !== tokens || keys !== tokens) throw new Error(`Expected a mask of shape [${tokens},${tokens}], queries by keys, got [${queries},${keys}].`);
  return (query, key) => data[query * keys + key];
}

/**
 * Attention with several heads, whose queries are the last tokens of those in the cache: the output (tokens, d_model), the
 * heads side by side, and the weights (heads, queries, keys). `mask(query, key)`, by place in the text, is added to the
 * score: 0 changes nothing, -Infinity forbids. The output of the head `off` is zeros.
 */
export function attention(query, cache, heads, mask, off) {
  const [queries, d_model] = query.shape, keys = cache.length, past = keys - queries, d_head = d_model / heads;
  const context = array([queries, d_model]), weights = array([heads, queries, keys]);
  const { key, value } = cache, blended = context.data;
  for (let head = 0; head < heads; head += 1) {
    for (let i = 0; i < queries; i += 1) {
      const from = i * d_model + head * d_head, row = (head * queries + i) * keys;
      const shares = weights.data.subarray(row, row + keys);
      for (let j = 0; j < keys; j += 1) {
        const added = mask(past + i, j), at = j * d_model + head * d_head;
        shares[j] = added === -Infinity ? added : dot(query.data, from, key, at, d_head) / Math.sqrt(d_head) + added;
      }
      softmax(shares);
      if (head === off) continue;
      for (let j = 0, at = head * d_head; j < keys; j += 1, at += d_model) {
        const share = shares[j];
        if (share) for (let k = 0; k < d_head; k += 1) blended[from + k] += share * value[at + k];
      }
    }
  }
  return { context, weights };
}
