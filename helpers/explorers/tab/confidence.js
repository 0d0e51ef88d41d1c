// The confidence explorer without a kernel. The lesson's model is fine-tuned while the lesson runs, so no page brings it along.
// What concerns the labeled texts is computed by the view, from their logits, which `call` carries (`call_of` in
// ../confidence.py). So are the answers about the one sentence that Python was given, one for each label to watch.

import { restored } from "./bytes.js";

const KERNEL = "Another sentence needs the fine-tuned model, which this page does not have: run the lesson with a kernel to type one.";

export async function open(engine, call) {
  const { data, answers } = restored(call);

  /** The stored answer for the label that is watched; for a different sentence, the note tells what it would need. */
  async function answer({ text, watch }) {
    const found = answers[watch];
    if (!found) throw new Error(`There is no label ${watch}: the model has ${answers.length}.`);
    return [found, text === found.text ? found.notice : KERNEL];
  }
  return { data, note: data.notice, answer };
}
