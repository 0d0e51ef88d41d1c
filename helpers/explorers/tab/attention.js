// The attention explorer without a kernel: what Python's attention.py hands to the view, computed by the model in the tab.
//
// `call` comes from `call_of` in attention.py: the text, the head shown in detail, the padding, the reader's own mask, and the
// facts about the model and its tokenizer that only Python's objects know.

import { softmax } from "../cuts.js";
import { argsort, count, percent, repr } from "./python.js";

const CAUSAL = 1, PADDING = 2, OWN = 4; // why a cell is masked: the sum of these
const SHOWN = 6; // tokens that a prediction names, at first
const LOWEST = -3.4028234663852886e38; // float32's lowest: added to a score, it forbids the key; if a row has no other keys, all are equal

/** What the view of `call` needs: its `data`, and `answer(state)`, a promise of [data, note]. `engine` has call's checkpoint. */
export async function open(engine, call) {
  const { layers, heads, layer, head, text } = call;
  let reader = await Reader.of(engine, call, text, call.mask);
  check_head(call, layer, head);
  const first = await sheet(reader, text, reader.start);

  async function answer(state) {
    const words = state.text === undefined ? text : state.text;
    let here = reader; // only the reader of the last text is kept
    if (words !== here.text) here = reader = await Reader.of(engine, call, words, words === text ? call.mask : null);
    const wished = Object.entries(state).filter(([, value]) => value !== null && value !== undefined);
    return [await sheet(here, words, { ...here.start, ...Object.fromEntries(wished) }), ""];
  }
  return { data: { layers, heads, layer, head, ...first }, answer };
}

function check_head({ layers, heads }, layer, head) {
  if (!(layer >= 0 && layer < layers && head >= 0 && head < heads)) {
    throw new Error(`The model has layers 0 to ${layers - 1} and heads 0 to ${heads - 1}, no ${layer}.${head}.`);
  }
}

/** What the view needs to know of a text: its tokens, the choice that was made, and what the model does with it. */
async function sheet(reader, text, choice) {
  const { tokens, kind, places, notice, start } = reader;
  const chosen = Object.fromEntries(Object.keys(start).map((name) => [name, choice[name]]));
  return {
    tokens, kind, places, notice,
    given: { padding: reader.ids.length > reader.count, own: Boolean(reader.own) },
    start: { ...start, text },
    choice: { ...chosen, text },
    ...await reader.read(choice),
  };
}

/** The rows of an array { shape, data }. */
function rows({ shape: [count, width], data }) {
  return Array.from({ length: count }, (_, i) => data.subarray(i * width, (i + 1) * width));
}

const dot = (a, b) => a.reduce((sum, one, i) => sum + one * b[i], 0);

/** A text as the model reads it: what it attends to and predicts, under masks and without a head that the reader chooses. */
class Reader {
  static async of(engine, call, text, mask) {
    const reader = Object.assign(new Reader(), { engine, call, text, own: mask ?? null, notice: "" });
    await reader.encode();
    reader.begin();
    return reader;
  }

  /** The ids and tokens of the text, cut at the end if there are too many, and padding after them. */
  async encode() {
    const { engine, text, call: { room, pads, pad_id } } = this;
    let { ids } = typeof text === "string" ? await engine.encode(text) : { ids: [] };
    if (!ids.length) throw new Error(`The text is ${repr(text)}; give a string with at least one token.`);
    if (ids.length > room) {
      this.notice = `The text has ${count(ids.length)} tokens; only ${room} of them are used, from its beginning.`;
      const last = (await engine.encode("")).ids.length ? 1 : 0; // without words, there is [CLS] and [SEP], or nothing
      ids = [...ids.slice(0, room - last), ...ids.slice(ids.length - last)];
    }
    this.count = ids.length;
    this.ids = [...ids, ...Array(pads).fill(pad_id)];
    this.tokens = await engine.labels(this.ids);
  }

  decode(id) {
    return this.engine.decode([id], { skip_special_tokens: false });
  }

  /** The choice with which this text begins, the kind of prediction, and the tokens that have a prediction. */
  begin() {
    const { ids, count, call: { causal, vectors, mask_id, special_ids } } = this;
    const start = { causal: causal && ids.length > 1, padding: true, own: this.own !== null, hidden: [], off: null, place: 0 };
    this.places = [];
    if (vectors) this.kind = "vectors";
    else if (start.causal) {
      this.kind = "next";
      this.places = [...Array(count).keys()];
    } else {
      const words = [...Array(count).keys()].filter((i) => ids[i] === mask_id || !special_ids.includes(ids[i]));
      this.kind = words.length && mask_id !== null ? "fill" : "none";
      if (this.kind === "fill") this.places = words;
    }
    start.place = this.places.at(-1) ?? 0;
    if (this.kind === "fill" && ids.includes(mask_id)) start.place = ids.indexOf(mask_id);
    this.start = start;
  }

  /** For each query and key: 0 if the query may look, otherwise why not (CAUSAL, PADDING, OWN, or a sum of them). */
  why_masked(state) {
    const size = this.ids.length;
    const outside = state.hidden.find((key) => !(key < size));
    if (outside !== undefined) throw new Error(`There is no token ${outside} to hide: the text has ${size}.`);
    return Uint8Array.from({ length: size * size }, (_, cell) => {
      const query = Math.floor(cell / size), key = cell % size;
      const own = (state.own && this.own && !this.own[query][key]) || state.hidden.includes(key);
      return (state.causal && key > query ? CAUSAL : 0) | (state.padding && key >= this.count ? PADDING : 0) | (own ? OWN : 0);
    });
  }

  /** One pass with everything in between, under the masks of `state`. */
  run(ids, why, off) {
    const mask = { shape: [ids.length, ids.length], data: Float32Array.from(why, (reason) => (reason ? LOWEST : 0)) };
    return this.engine.forward(ids, { mask, trace: true, ...(off ? { off } : {}) });
  }

  /** What the view draws: the weights and why cells are masked, as bytes, and what the model predicts. */
  async read(state) {
    const { ids, kind, call } = this, { off } = state, place = Math.trunc(state.place);
    if (this.places.length && !(place >= 0 && place < ids.length)) throw new Error(`There is no token ${place}: the text has ${ids.length}.`);
    if (off) check_head(call, ...off);
    const why = this.why_masked(state), gap = kind === "fill" ? ids.with(place, call.mask_id) : ids;
    const guess = async (output, without) => this.said(kind === "fill" ? await this.run(gap, why, without) : output, place);
    let output = await this.run(ids, why);
    const before = await guess(output);
    let after = null;
    if (off) {
      output = await this.run(ids, why, off);
      after = await guess(output, off);
    }
    const weights = Float32Array.from(output.steps.flatMap((step) => [...step.weights.data])); // (layers, heads, queries, keys)
    return { weights, masked: why, prediction: await this.compared(before, after, off, place) };
  }

  /** Probabilities of the next token or of the gap's; or a headless model's output vectors. */
  said(output, place) {
    if (this.kind === "none") return null;
    if (this.kind === "vectors") return rows(output.hidden_states.at(-1)).slice(0, this.count);
    return softmax(rows(output.logits)[place]);
  }

  /** A prediction with all heads and without one: title, table (texts, and bars from 0 to 1), one sentence. */
  async compared(before, after, off, place) {
    const name = off && `head ${off[0]}.${off[1]}`;
    if (!before) return { title: "", columns: [], rows: [], line: "This model predicts nothing that is shown here." };
    if (this.kind === "vectors") return this.moved(before, after, name);
    const both = after ? [before, after] : [before];
    const best = new Set(both.flatMap((p) => argsort(p.map((share) => -share)).slice(0, SHOWN)));
    const widest = Math.max(...both.flatMap((p) => [...p]));
    const label = async (id) => repr(await this.decode(id));
    const table = await Promise.all([...best].map(async (i) => [await label(i), both.map((p) => percent(p[i])), both.map((p) => p[i] / widest)]));
    const here = `“${this.tokens[place]}” (token ${place})`;
    const title = this.kind === "next" ? `The next token after ${here}` : `What stands at ${here}, guessed from the rest`;
    let line = `Likeliest: ${table[0][0]}, ${table[0][1][0]}.`;
    if (after) {
      const moved = before.reduce((sum, share, i) => sum + Math.abs(share - after[i]), 0) / 2;
      const [first] = argsort(after.map((share) => -share));
      line = `Without ${name}, ${percent(moved)} of the probability moves elsewhere; likeliest: ${await label(first)}, ${percent(after[first])}.`;
    }
    return { title, columns: ["all heads", `without ${name}`].slice(0, both.length), rows: table, line };
  }

  /** How far the output vectors move without a head: the cosine of each with the one before. */
  moved(before, after, name) {
    const title = "What changes: the output vectors (this model predicts no words)";
    if (!after) return { title, columns: [], rows: [], line: "Switch a head off to see what it changes." };
    const cosines = before.map((one, i) => dot(one, after[i]) / Math.sqrt(dot(one, one) * dot(after[i], after[i])));
    const most = Math.max(1 - Math.min(...cosines), 1e-9);
    const table = argsort(cosines).slice(0, 2 * SHOWN).map((i) => [this.tokens[i], [cosines[i].toFixed(4)], [Math.max(0, (1 - cosines[i]) / most)]]);
    const mean = cosines.reduce((a, b) => a + b) / cosines.length;
    return { title, columns: ["cosine"], rows: table, line: `Without ${name}, a vector's cosine with the one of before is ${mean.toFixed(4)} on average.` };
  }
}
