// The parts that GPT-2 and BERT are made of, as in helpers/reference/layers.py and attention.py, for one text at a time:
// states are (tokens, d_model). Sums run in float64, because JavaScript's numbers are; results are stored as float32.

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

/** The trained vectors of the positions past … past + tokens - 1. Throws an Error where no vector was trained. */
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
export function projection(weight, bias) {
  const [d_out, d_in] = weight.shape;
  const rows = weight.data;
  return function project({ shape: [tokens], data: states }) {
    const outputs = array([tokens, d_out]), out = outputs.data;
    // Four rows at a time: their sums do not wait for each other, and every token meets them while they are in the cache.
    for (let row = 0; row < d_out; row += 4) {
      const a = row * d_in, b = a + d_in, c = b + d_in, d = c + d_in, full = row + 4 <= d_out;
      for (let token = 0; token < tokens; token += 1) {
        const to = token * d_out + row;
        if (full) fourDots(rows, a, b, c, d, states, token * d_in, d_in, out, to);
        else for (let i = row; i < d_out; i += 1) out[to + i - row] = dot(rows, i * d_in, states, token * d_in, d_in);
      }
    }
    if (bias) for (let i = 0; i < out.length; i += 1) out[i] += bias.data[i % d_out];
    return outputs;
  };
}

function fourDots(rows, a, b, c, d, states, from, length, out, to) {
  let sumA = 0, sumB = 0, sumC = 0, sumD = 0;
  for (let i = 0; i < length; i += 1) {
    const state = states[from + i];
    sumA += state * rows[a + i];
    sumB += state * rows[b + i];
    sumC += state * rows[c + i];
    sumD += state * rows[d + i];
  }
  out[to] = sumA; out[to + 1] = sumB; out[to + 2] = sumC; out[to + 3] = sumD;
}

function dot(left, i, right, j, length) {
  let sum = 0;
  for (let k = 0; k < length; k += 1) sum += left[i + k] * right[j + k];
  return sum;
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
const gelu_tanh = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const ACTIVATIONS = { gelu, gelu_new: gelu_tanh, gelu_pytorch_tanh: gelu_tanh, relu: (x) => Math.max(x, 0), tanh: Math.tanh };

/** An activation by the name that config.json gives it, for whole arrays. */
export function activation(name) {
  const f = ACTIVATIONS[name];
  if (!f) throw new Error(`Expected an activation among ${Object.keys(ACTIVATIONS).join(", ")}, got ${name}.`);
  return ({ shape, data }) => array(shape, data.map(f));
}

/** Two projections with an activation between them, for each token alone. */
export const feed_forward = (up, f, down) => (states) => down(f(up(states)));

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
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  if (highest === -Infinity) return scores.fill(0);
  let total = 0;
  for (let i = 0; i < scores.length; i += 1) total += scores[i] = Math.exp(scores[i] - highest);
  for (let i = 0; i < scores.length; i += 1) scores[i] /= total;
  return scores;
}

/**
 * Attention with several heads, whose queries are the last tokens of those in the cache: the output (tokens, d_model), the
 * heads side by side, and the weights (heads, queries, keys). `may_look(query, key)` is the mask, by place in the text.
 */
export function attention(query, cache, heads, may_look) {
  const [queries, d_model] = query.shape, keys = cache.length, past = keys - queries, d_head = d_model / heads;
  const context = array([queries, d_model]), weights = array([heads, queries, keys]);
  for (let head = 0; head < heads; head += 1) {
    for (let i = 0; i < queries; i += 1) {
      const from = i * d_model + head * d_head, row = (head * queries + i) * keys;
      const shares = weights.data.subarray(row, row + keys);
      for (let j = 0; j < keys; j += 1) {
        const match = may_look(past + i, j) ? dot(query.data, from, cache.key, j * d_model + head * d_head, d_head) : -Infinity;
        shares[j] = match / Math.sqrt(d_head);
      }
      softmax(shares);
      for (let j = 0; j < keys; j += 1) {
        if (!shares[j]) continue;
        const value = j * d_model + head * d_head;
        for (let k = 0; k < d_head; k += 1) context.data[from + k] += shares[j] * cache.value[value + k];
      }
    }
  }
  return { context, weights };
}
