// A reader's own model: from the files of a folder that save_pretrained wrote to a model that runs here, or one clear sentence.

import { BERT } from "./bert.js";
import { GPT2 } from "./gpt2.js";
import { Tokenizer } from "./tokenizer.js";
import { MOST_BYTES, readSafetensors, tooLarge } from "./weights.js";

const MODELS = { gpt2: GPT2, bert: BERT };
const GPT2_KINDS = ["GPT2LMHeadModel", "GPT2Model"];

/** The files of the folder that has config.json, by name; if there are several such folders, the outermost. */
function byName(files) {
  const path = (file) => file.webkitRelativePath || file.name;
  const folder = (file) => path(file).split("/").slice(0, -1).join("/");
  const configs = files.filter((file) => file.name === "config.json").sort((a, b) => path(a).split("/").length - path(b).split("/").length);
  return Object.fromEntries(files.filter((file) => !configs.length || folder(file) === folder(configs[0])).map((file) => [file.name, file]));
}

/** The one file of weights. Throws an Error that says what is there instead. */
function weightsOf(named) {
  const names = Object.keys(named), found = names.filter((name) => name.endsWith(".safetensors"));
  if (found.length === 1) return named[found[0]];
  if (found.length > 1) throw new Error(`The weights are in ${found.length} files; a tab reads a single model.safetensors of up to ${MOST_BYTES / 1e6} MB.`);
  const old = names.find((name) => name.endsWith(".bin"));
  if (old) throw new Error(`The weights are in ${old}, an older format: load the model with transformers and save it again with save_pretrained.`);
  throw new Error("The folder has no model.safetensors: drop the whole folder that save_pretrained wrote.");
}

async function readConfig(named) {
  if (named["adapter_config.json"]) throw new Error("This folder holds an adapter only: merge it with merge_and_unload() and save the whole model.");
  if (!named["config.json"]) throw new Error("The folder has no config.json: drop the whole folder that save_pretrained wrote.");
  let config;
  try {
    config = JSON.parse(await named["config.json"].text());
  } catch {
    throw new Error("config.json is not JSON: copy the file again.");
  }
  const { model_type, architectures: [architecture] = [] } = config ?? {};
  if (!MODELS[model_type]) throw new Error(`config.json describes a model of the type ${model_type ?? "unknown"}; only gpt2 and bert run here.`);
  if (model_type === "gpt2" && architecture && !GPT2_KINDS.includes(architecture)) {
    throw new Error(`config.json describes a ${architecture}; of GPT-2's kinds only GPT2LMHeadModel runs here.`);
  }
  return config;
}

/**
 * The model of these files (File objects, as a file input or a drop gives them): { model, tokenizer, config, bytes }.
 * Throws an Error of one sentence: a file is missing, cut off, too large, not JSON, or from a different kind of model.
 */
export async function fromFiles(files) {
  const named = byName([...files]);
  const config = await readConfig(named), file = weightsOf(named);
  if (file.size > MOST_BYTES) throw new Error(tooLarge(file.name, file.size));
  if (!named["tokenizer.json"]) throw new Error("The folder has no tokenizer.json: save a fast tokenizer into it with tokenizer.save_pretrained.");
  const tokenizer = new Tokenizer(await named["tokenizer.json"].text());
  if (tokenizer.size > config.vocab_size) {
    throw new Error(`tokenizer.json has ids up to ${tokenizer.size - 1}, but the model's table only ${config.vocab_size} rows: they do not belong together.`);
  }
  const model = new MODELS[config.model_type](readSafetensors(await file.arrayBuffer(), file.name), config);
  return { model, tokenizer, config, bytes: file.size };
}
