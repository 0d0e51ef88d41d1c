// The decoding explorer without a kernel: what helpers/explorers/decoding.py sends to the view, asked of the model in the tab.
//
//     const { data, note, answer } = await open(engine, call);     // `call` is what decoding.py wrote: text and options
//     const [reply, line] = await answer({ new: [262] });

import { likelyFirst } from "../cuts.js";
import { cacheBytes } from "../decoding.js";
import { search, tree } from "./beams.js";
import { count, fixed, label, repr, svg } from "./python.js";

const SHOWN = 12, MAX_BEAMS = 6, FLOAT32 = 4, BLUE = "#0072b2", ORANGE = "#e69f00";

/** The model and its tokenizer, as the panels use them; `context` is the largest number of tokens that it reads. */
function readerOf(engine) {
  const { config } = engine.loaded, { n_layer: layers, n_head: heads, n_embd: d_model, n_positions: context, vocab_size } = config;
  if (config.model_type !== "gpt2") throw new Error(`A ${config.model_type} model does not write on: this needs a GPT-2.`);
  const d_ff = config.n_inner ?? 4 * d_model;
  const block = 4 * d_model * d_model + 2 * d_model * d_ff + 9 * d_model + d_ff; // matrices, biases, two norms
  const tables = ((config.tie_word_embeddings ?? true ? 1 : 2) * vocab_size + context) * d_model;
  return {
    context,
    shape: { layers, size: d_model / heads, width: FLOAT32, heads },
    weights: FLOAT32 * (tables + layers * block + 2 * d_model),
    end: [config.eos_token_id].flat()[0],
    logits: (ids) => engine.logits(ids.slice(-context)),
    decode: (ids) => engine.decode(ids, { skip_special_tokens: false }),
    encode: async (text) => (await engine.encode(text)).ids,
  };
}

/** The next token, and the text that grows. */
async function sampling(reader, prompt, { settings, seed }) {
  async function told(drawn) {
    const ids = [...prompt, ...drawn], logits = await reader.logits(ids), tokens = Math.min(ids.length, reader.context);
    const likely = Array.from(likelyFirst(logits).subarray(0, SHOWN));
    return {
      new: drawn,
      text: await reader.decode(drawn),
      logits,
      held: cacheBytes(reader.shape, tokens),
      tokens,
      names: await Promise.all(likely.map(async (id) => repr(await reader.decode([id])))),
    };
  }
  async function answer({ new: drawn }) {
    const length = prompt.length + drawn.length;
    let line = length > reader.context ? `Of ${count(length)} tokens the model reads the last ${count(reader.context)}.` : "";
    if (drawn.length && drawn.at(-1) === reader.end) line = "That was the end-of-text token: here generate would stop.";
    return [await told(drawn), line];
  }
  return { data: { prompt: await reader.decode(prompt), settings, seed, ...(await told([])) }, answer };
}

/** A beam search, one step at a time. */
async function beams(reader, prompt, { beams: width, steps }) {
  const searched = async (width) => tree(await search(reader.logits, prompt, steps, width, reader.end), prompt, reader.decode);
  const answer = async (state) => [await searched(state.beams), ""];
  return { data: { beams: width, most: MAX_BEAMS, prompt: prompt.length, ...(await searched(width)) }, answer };
}

/** How keys and values grow with each token, compared with the size of the model's weights. */
async function cache({ shape, weights, ...reader }, { length: tokens }) {
  const context = Math.min(reader.context, 2 ** 17), held = cacheBytes(shape, tokens);
  return { data: { tokens, context, weights, held, svg: growth(cacheBytes(shape, 1), tokens, context, weights) } };
}

/** Bytes against tokens, up to 5/4 of the weights; the view moves what has a class, by the same scales. */
function growth(each, tokens, context, weights) {
  const end = Math.min(context, (1.25 * weights) / each);
  const at = (n) => [60 + (540 * n) / context, 210 - (160 * each * n) / weights].map((number) => fixed(number, 1));
  const [[x, y], [right, top]] = [at(Math.min(tokens, end)), at(end)];
  return svg(620, 236, `The bytes of keys and values grow with every token, by ${count(each)}`, [
    '<path d="M60 10V210H600" stroke="currentColor" fill="none"/>',
    label(600, 228, `${count(context)} tokens`, { anchor: "end" }),
    `<path d="M60 50H600" stroke="${ORANGE}" stroke-width="2" stroke-dasharray="6 4"/>`,
    label(64, 44, `the model's weights: ${count(weights / 2 ** 20, 1)} MiB`),
    label(52, 214, "0", { anchor: "end" }),
    `<path class="line" d="M60 210L${right} ${top}" stroke="${BLUE}" stroke-width="3" fill="none"/>`,
    `<circle class="here" cx="${x}" cy="${y}" r="6" fill="${BLUE}"/>`,
  ]);
}

const PANELS = { sampling, beams, cache };

/** The view's data, the line at its foot, and the function that answers its questions (the cache has none). */
export async function open(engine, { text, options }) {
  const reader = readerOf(engine), { show, steps } = options;
  let ids = await reader.encode(text), note = "";
  if (!ids.length) throw new Error("The text has no token; give a string with at least one.");
  const room = reader.context - (show === "beams" ? steps : 0);
  if (ids.length > room) {
    note = `The text has ${count(ids.length)} tokens; the model can use the last ${count(room)}.`;
    ids = ids.slice(-room);
  }
  const { data, answer } = await PANELS[show](reader, ids, options);
  return { data: { show, shape: reader.shape, ...data }, note, answer };
}
