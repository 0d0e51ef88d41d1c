// From logits to text: the next token by the cuts of the decoding explorer, again and again.

import { chance, cut, fallsOn, likelyFirst } from "../cuts.js";

/** Numbers from 0 to 1 that depend on a seed: those that the decoding explorer draws with, place by place. */
export function seeded(seed) {
  let place = -1;
  return () => chance(seed, place += 1);
}

/** The id with the highest logit; in a tie, the lowest id. */
export function greedy(logits) {
  let best = 0;
  for (let id = 1; id < logits.length; id += 1) if (logits[id] > logits[best]) best = id;
  return best;
}

/** An id drawn from what the cuts leave. Temperature 0 is greedy; top_k 0, top_p 1 and min_p 0 cut nothing. */
export function sample(logits, { temperature = 1, top_k = 0, top_p = 1, min_p = 0 }, random) {
  if (temperature === 0) return greedy(logits);
  const order = likelyFirst(logits);
  const { probabilities } = cut(logits, order, { temperature, top_k, top_p, min_p });
  return order[fallsOn(probabilities, random())];
}

/** A model that remembers the text in its cache, so for the next text it computes only what is new. */
export class Reader {
  constructor(model) {
    Object.assign(this, { model, ids: [], cache: model.new_cache() });
  }

  /** The logits of the token after `ids`. */
  logits(ids) {
    let shared = 0;
    while (shared < ids.length - 1 && ids[shared] === this.ids[shared]) shared += 1;
    for (const layer of this.cache) layer.length = shared; // what differs is forgotten
    this.ids = ids.slice(0, shared);
    const { logits } = this.model.forward(ids.slice(shared), this.cache);
    this.ids = ids.slice();
    return logits.data;
  }
}

/**
 * New ids, one by one, after those of a prompt, until `max_new_tokens`, the end-of-text id, or the last trained position.
 * An empty prompt starts from the end-of-text id, which separated the texts in training.
 */
export function* generate(reader, prompt, { max_new_tokens = 50, seed = 0, ...settings } = {}) {
  const { eos_token_id, bos_token_id, n_positions } = reader.model.config;
  const ends = [eos_token_id].flat(), random = seeded(seed);
  const ids = prompt.length ? prompt.slice() : [bos_token_id ?? ends[0]];
  for (let count = 0; count < max_new_tokens && ids.length <= n_positions; count += 1) {
    const next = sample(reader.logits(ids), settings, random);
    yield next;
    if (ends.includes(next)) return;
    ids.push(next);
  }
}
