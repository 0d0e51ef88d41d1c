// The page's side of the model in the tab: questions to the worker, answers as promises.
//
//     const engine = start(new Worker(new URL("./engine/model_worker.js", import.meta.url), { type: "module" }));
//     const { config } = await engine.load(input.files);
//     const { ids } = await engine.encode("Once upon a time");
//     await engine.generate(ids, { temperature: 0.8, top_p: 0.9 }, { heard: ({ text }) => { node.textContent = text; } });

/** A worker from its source as a single text (`worker()` in __init__.py): from file://, a browser starts no other kind. */
export function inlined(source) {
  return new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
}

/** The bytes that base64 stands for. */
export function bytes(base64) {
  const letters = atob(base64), found = new Uint8Array(letters.length);
  for (let i = 0; i < found.length; i += 1) found[i] = letters.charCodeAt(i);
  return found;
}

/** Files that came with fifteen bits in each letter (`fifteens()` in __init__.py): { name: text }. */
export function spelled(files) {
  return Object.entries(files).map(([name, text]) => {
    const bytes = new Uint8Array(Math.floor((15 * (text.length - 1)) / 8) - (text.charCodeAt(0) - 256)); // the rest is dropped
    let [bits, have, at] = [0, 0, 0];
    for (let i = 1; i < text.length; i += 1) {
      bits = (bits << 15) | (text.charCodeAt(i) - 256);
      for (have += 15; have >= 8; at += 1) {
        have -= 8;
        bytes[at] = bits >> have;
      }
      bits &= 255; // at most seven of them wait for the next letter
    }
    return new File([bytes], name);
  });
}

/** The same files, with those that end in .gz unzipped. */
export function unzipped(files) {
  return Promise.all(files.map(async (file) => {
    if (!file.name.endsWith(".gz")) return file;
    const plain = file.stream().pipeThrough(new DecompressionStream("gzip"));
    return new File([await new Response(plain).blob()], file.name.slice(0, -3));
  }));
}

/** What a page may ask of the model. Each answer is a promise; one that fails has an Error of one sentence. */
export function start(worker) {
  const waiting = new Map(); // question → what happens with its answer
  let last = 0, failure;

  function ask(what, question, heard = () => {}) {
    if (failure) return Promise.reject(failure);
    last += 1;
    worker.postMessage({ ask: last, what, ...question });
    return new Promise((resolve, reject) => waiting.set(last, { resolve, reject, heard }));
  }
  worker.onmessage = ({ data: { ask: number, answer, error, token } }) => {
    const { resolve, reject, heard } = waiting.get(number);
    if (token) return heard(token);
    waiting.delete(number);
    return error === undefined ? resolve(answer) : reject(new Error(error));
  };
  worker.onerror = (event) => {
    failure = new Error(`The model's worker failed: ${event.message ?? "it did not start"}`);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };

  return {
    /** From the files of a folder (see folder.js) to { config, bytes, special }, ids of special tokens; drops an earlier model. */
    load: (files) => ask("load", { files: [...files] }),
    /** Text to { ids, tokens, offsets, type_ids }; `options` are those of tokenizer.js. */
    encode: (text, options) => ask("encode", { text, options }),
    decode: (ids, options) => ask("decode", { ids, options }),
    /** One pass over these ids alone: the output of gpt2.js or bert.js, { trace: true } adds everything in between. */
    forward: (ids, options) => ask("forward", { ids, options }),
    /** The tokens of a text as they are written into boxes, and tokens by themselves. */
    labels: (ids) => ask("labels", { ids }),
    names: (ids) => ask("names", { ids }),
    /** What the model's end makes of states (tokens, d_model): { final, logits }. */
    says: (states) => ask("says", { states }),
    /** The rows of the last matrix that give these ids their logits, and their biases if it has any: { rows, bias }. */
    rows: (ids) => ask("rows", { ids }),
    /** The logits of the next token; what these ids have in common with the last question's is not computed again. */
    logits: (ids) => ask("logits", { ids }),
    /** New tokens after `ids`: `heard({ id, text })` is called for each, and text is everything new so far. `signal` can stop it. */
    generate(ids, settings, { heard, signal } = {}) {
      const answer = ask("generate", { ids, settings }, heard), question = last;
      signal?.addEventListener("abort", () => waiting.has(question) && ask("stop", { question }));
      return answer;
    },
    close: () => worker.terminate(),
  };
}
