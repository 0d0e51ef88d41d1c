// The curves of a training run without a kernel: the run is over. The view needs only its numbers, and `call` carries them
// (`call_of` in ../training.py).

import { restored } from "./bytes.js";

export async function open(engine, { data }) {
  return { data: restored(data) };
}
