// The worker: it has the model and computes, so that the page does not freeze. engine.js asks it; every question
// { ask, what, … } is answered by { ask, answer } or { ask, error }; while it generates, { ask, token } comes before.

import { fromFiles } from "./folder.js";
import { generate, Reader } from "./generate.js";
import { embedding } from "./layers.js";
import { array } from "./weights.js";

let loaded, reader;
const stopped = new Set(); // questions whose answers are no longer wanted

/** Lets messages in, such as a request to stop. */
const pause = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(null);
});

const ANSWERS = {
  async load({ files }) {
    loaded = await fromFiles(files);
    reader = loaded.model.new_cache ? new Reader(loaded.model) : undefined;
    return { config: loaded.config, bytes: loaded.bytes, special: [...loaded.tokenizer.special] };
  },
  encode: ({ text, options }) => loaded.tokenizer.encode(text, options),
  decode: ({ ids, options }) => loaded.tokenizer.decode(ids, options),
  forward({ ids, options }) {
    return reader ? loaded.model.forward(ids, undefined, options) : loaded.model.forward(ids, options);
  },
  labels: ({ ids }) => loaded.tokenizer.labels(ids),
  names: ({ ids }) => ids.map((id) => loaded.tokenizer.label(id)),
  says: ({ states }) => loaded.model.end(states),
  rows({ ids }) {
    const { weight, bias } = loaded.model.last;
    return { rows: embedding(weight, ids), bias: bias && array([ids.length], Float32Array.from(ids, (id) => bias.data[id])) };
  },
  logits: ({ ids }) => reader.logits(ids),
  async generate({ ids, settings }, ask) {
    const drawn = [];
    for (const id of generate(reader, ids, settings)) {
      drawn.push(id);
      postMessage({ ask, token: { id, text: loaded.tokenizer.decode(drawn) } });
      await pause();
      if (stopped.delete(ask)) break;
    }
    return { ids: drawn, text: loaded.tokenizer.decode(drawn) };
  },
  stop({ question }) { stopped.add(question); },
};

onmessage = async ({ data: { ask, what, ...question } }) => {
  try {
    if (what !== "load" && what !== "stop" && !loaded) throw new Error("No model is loaded yet.");
    if (what === "generate" && !reader) throw new Error(`A ${loaded.config.model_type} model fills gaps; it does not write on.`);
    postMessage({ ask, answer: await ANSWERS[what](question, ask) });
  } catch (error) {
    postMessage({ ask, error: error.message });
  }
};
