// The tour without a kernel: what `Tracer` in ../model.py hands to the view, from the model in the tab. `call` has `text` and
// `options`: start, layer, head, seed and cuts, as `explore.model` takes them.

import { likelyFirst, softmax } from "../cuts.js";
import { embedding } from "../engine/layers.js";
import { count } from "./python.js";

const KINDS = { GPT2LMHeadModel: "next", GPT2Model: "next", BertForMaskedLM: "fill", BertForSequenceClassification: "classes" };
const STAGES = {
  next: ["text", "tokens", "embedding", "positions", "attention", "feed_forward", "stream", "norm", "logits", "cuts", "draw"],
  fill: ["text", "tokens", "embedding", "positions", "attention", "feed_forward", "stream", "norm", "logits", "probabilities"],
};
STAGES.classes = STAGES.fill;
const MOST_TOKENS = 24, NAMED = 100, SHOWN = 12, BEST = 3; // as in ../model.py

function shapeOf(config, kind) {
  const [layers, heads, d_model, d_ff, positions] = kind === "next"
    ? [config.n_layer, config.n_head, config.n_embd, config.n_inner ?? 4 * config.n_embd, config.n_positions]
    : [config.num_hidden_layers, config.num_attention_heads, config.hidden_size, config.intermediate_size, config.max_position_embeddings];
  return { layers, heads, d_model, d_ff, vocabulary: config.vocab_size, positions };
}

/** A model that is loaded, as a function from a text or from ids to its trace. Throws an Error if the model has no end. */
export async function tracer(engine, name) {
  const { config, special } = engine.loaded;
  const architecture = config.architectures?.[0] ?? (config.model_type === "gpt2" ? "GPT2LMHeadModel" : "BertModel");
  const kind = KINDS[architecture];
  if (!kind) throw new Error(`The tour needs a model that answers: a GPT2LMHeadModel, a BertForMaskedLM or a BertForSequenceClassification, not a ${architecture}.`);
  const shape = shapeOf(config, kind), room = Math.min(MOST_TOKENS, shape.positions);
  const mask = kind === "fill" ? (await engine.encode("[MASK]", { add_special_tokens: false })).ids : [];

  /** The ids of a text; the same, shortened to what the tour shows; and a notice if it did that. */
  async function read(text, given) {
    const ids = given ?? (await engine.encode(text)).ids;
    if (!ids.length) throw new Error("The text is empty; give one with at least one token.");
    if (ids.length <= room) return [ids, ids, ""];
    const notice = `The text has ${count(ids.length)} tokens; the tour shows ${room} of them, `;
    if (kind === "next") return [ids, ids.slice(-room), `${notice}the last ones.`];
    return [ids, [...ids.slice(0, room - 1), ids.at(-1)], `${notice}from its beginning.`];
  }
  /** The token whose vector is read at the end: the last one, the first [MASK], or [CLS]. */
  function placeOf(ids) {
    if (kind === "next") return ids.length - 1;
    if (kind === "classes") return 0;
    if (mask.length === 1 && ids.includes(mask[0])) return ids.indexOf(mask[0]);
    return Math.max(0, ids.findLastIndex((id) => !special.includes(id)));
  }
  const names = (ids) => (kind === "classes" ? ids.map((id) => config.id2label?.[id] ?? `LABEL_${id}`) : engine.names(ids));
  const spelled = (ids) => engine.decode(ids, { skip_special_tokens: false });

  return {
    kind, shape, names,
    /** What the model says of the token after `ids`: the part of a trace that a draw needs. */
    async after(ids) {
      const data = await engine.logits(ids.slice(-shape.positions));
      const likely = [...likelyFirst(data).subarray(0, NAMED)];
      return { logits: { shape: [data.length], data }, likely, names: await names(likely), all: ids, text: await spelled(ids) };
    },
    async trace(text, given) {
      const [all, ids, notice] = await read(text, given);
      const place = placeOf(ids);
      const { words, positions, types, hidden_states, steps } = await engine.forward(ids, { trace: true });
      const [embedded] = hidden_states;
      const lanes = [embedded, ...steps.map((step) => step.output)].map((states) => embedding(states, [place]).data);
      const stream = { shape: [lanes.length, shape.d_model], data: Float32Array.from(lanes.flatMap((lane) => [...lane])) };
      const { final, logits } = await engine.says(stream); // what the model would predict if it ended there, and at its end
      const said = lanes.map((_, i) => embedding(logits, [i]).data), last = said.at(-1);
      const likely = [...likelyFirst(last).subarray(0, NAMED)];
      const lens = await Promise.all(said.map(async (scores) => {
        const best = [...likelyFirst(scores).subarray(0, BEST)], shares = softmax(scores), called = await names(best);
        return best.map((id, i) => [called[i], shares[id]]);
      }));
      return {
        words, positions, ...(types && { types }), embedded, stream,
        final: { shape: [shape.d_model], data: embedding(final, [lanes.length - 1]).data },
        logits: { shape: [last.length], data: last },
        ...Object.fromEntries(Object.entries(await engine.rows(likely.slice(0, SHOWN))).filter(([, one]) => one)),
        model: name, kind, shape,
        tied: kind !== "classes" && (config.tie_word_embeddings ?? true),
        text: given ? await spelled(all) : text, all, end: config.eos_token_id ?? null,
        ids, tokens: await engine.labels(ids), place, notice, lens, likely,
        names: await names(likely),
        steps: steps.map(({ weights, attended, middle, wide, transformed, output }) => ({ weights, attended, middle, wide, transformed, output })),
      };
    },
  };
}

export async function open(engine, { checkpoint, text, options }) {
  const { kind, shape, trace, after, names } = await tracer(engine, checkpoint);
  const within = (number, count) => Math.min(number ?? 0, count - 1); // a reader's own model may have fewer
  const stages = STAGES[kind];
  const first = await trace(text);
  return {
    data: {
      ...options, stages, trace: first, where: " in this tab",
      start: stages.includes(options.start) ? options.start : "text",
      layer: within(options.layer, shape.layers), head: within(options.head, shape.heads),
    },
    note: first.notice,
    async answer({ text: typed, ids, after: before, named }) {
      if (before) return [{ found: await after(before) }, ""];
      if (named) return [{ found: { names: await names(named) } }, ""];
      const found = await trace(typed, ids);
      return [{ trace: found }, found.notice];
    },
  };
}
