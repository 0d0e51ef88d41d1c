// The curves of a training without a kernel: a run that is over. The view needs its numbers alone, and `call` carries them
// (`call_of` in ../training.py).

import { restored } from "./bytes.js";

export async function open(engine, { data }) {
  return { data: restored(data) };
}
