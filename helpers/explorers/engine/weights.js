// Weights: from the bytes of a safetensors file to arrays by name, as read_safetensors in helpers/reference/transformer.py
// does it. An array is { shape, data }: its axes, and its numbers row after row in one typed array.

export const MOST_BYTES = 150e6; // more than this would fill the memory of a tab

/** An array of zeros, or of the numbers that are given. */
export function array(shape, data = new Float32Array(shape.reduce((a, b) => a * b, 1))) {
  return { shape, data };
}

/** The numbers of the 65,536 float16s: sign (1 bit), exponent (5 bits), fraction (10 bits); see IEEE 754. */
function float16Table() {
  return new Float32Array(65536).map((_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = (bits & 1023) / 1024;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent ? sign * (1 + fraction) * 2 ** (exponent - 15) : sign * fraction * 2 ** -14;
  });
}
let float16s;

function fromFloat16(buffer) {
  float16s ??= float16Table();
  const bits = new Uint16Array(buffer), numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i += 1) numbers[i] = float16s[bits[i]];
  return numbers;
}

/** A bfloat16 is the upper half of a float32. */
function fromBfloat16(buffer) {
  const halves = new Uint16Array(buffer), bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i += 1) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

// dtype → bytes per number, and how to read them; all floats become float32
const DTYPES = {
  F64: [8, (buffer) => Float32Array.from(new Float64Array(buffer))],
  F32: [4, (buffer) => new Float32Array(buffer)],
  F16: [2, fromFloat16],
  BF16: [2, fromBfloat16],
  I8: [1, (buffer) => new Int8Array(buffer)],
  U8: [1, (buffer) => new Uint8Array(buffer)],
  BOOL: [1, (buffer) => new Uint8Array(buffer)],
  I32: [4, (buffer) => new Int32Array(buffer)],
  I64: [8, (buffer) => Int32Array.from(new BigInt64Array(buffer), Number)],
};

/** The header of a safetensors file (its length in 8 bytes, then JSON), and where the numbers begin. */
function readHeader(buffer, name) {
  const foreign = `${name} is not a safetensors file: give the model.safetensors that save_pretrained wrote.`;
  if (buffer.byteLength < 10) throw new Error(foreign);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  if (new Uint8Array(buffer, 8, 1)[0] !== "{".charCodeAt(0)) throw new Error(foreign); // every header begins with it
  if (start > buffer.byteLength) throw new Error(`${name} is cut off inside its header: copy the file again.`);
  try {
    const { __metadata__, ...header } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
    return { header, start };
  } catch {
    throw new Error(foreign);
  }
}

/** A matrix of bytes times one scale for each row: the int8 file that course/quantize.py makes. */
function dequantized({ shape, data }, scale, name) {
  const [rows, columns] = shape;
  if (shape.length !== 2 || scale?.data.length !== rows) {
    throw new Error(`${name} is int8, so the file needs ${name}.scale with one number for each of its rows.`);
  }
  const numbers = new Float32Array(data.length);
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (const end = i + columns; i < end; i += 1) numbers[i] = data[i] * scale.data[row];
  }
  return array(shape, numbers);
}

/**
 * The arrays of a safetensors file by name: { name: { shape, data } }, floats as Float32Array. A matrix of int8 with its
 * scales comes as floats, too. Throws an Error of one sentence if the file is too large, cut off, or not a safetensors file.
 */
export function readSafetensors(buffer, name = "model.safetensors") {
  if (buffer.byteLength > MOST_BYTES) throw new Error(tooLarge(name, buffer.byteLength));
  const { header, start } = readHeader(buffer, name);
  const weights = {};
  for (const [tensor, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(header)) {
    if (!DTYPES[dtype]) throw new Error(`${tensor} has the dtype ${dtype}; a tab reads ${Object.keys(DTYPES).join(", ")}.`);
    const [bytes, read] = DTYPES[dtype];
    if (start + end > buffer.byteLength) throw new Error(`${name} is cut off: ${tensor} ends after the file does; copy it again.`);
    if (end - begin !== bytes * shape.reduce((a, b) => a * b, 1)) {
      throw new Error(`${tensor} has ${end - begin} bytes, which is not what ${dtype} of shape [${shape}] needs: the file is damaged.`);
    }
    weights[tensor] = array(shape, read(buffer.slice(start + begin, start + end)));
  }
  for (const [tensor, one] of Object.entries(weights)) {
    if (!(one.data instanceof Int8Array)) continue;
    weights[tensor] = dequantized(one, weights[`${tensor}.scale`], tensor);
    delete weights[`${tensor}.scale`];
  }
  return renamed(weights);
}

export function tooLarge(name, bytes) {
  return `${name} has ${Math.round(bytes / 1e6)} MB; a tab takes up to ${MOST_BYTES / 1e6} MB, so run this model with transformers.`;
}

/** BERT's first checkpoints call a norm's weight and bias gamma and beta; this gives them today's names. */
function renamed(weights) {
  const today = (name) => name.replace(".gamma", ".weight").replace(".beta", ".bias");
  return Object.fromEntries(Object.entries(weights).map(([name, one]) => [today(name), one]));
}

/** The arrays under `prefix`, by the rest of their names; undefined if there are no such names. */
export function part(weights, prefix) {
  const found = Object.entries(weights).filter(([name]) => name.startsWith(`${prefix}.`));
  return found.length ? Object.fromEntries(found.map(([name, one]) => [name.slice(prefix.length + 1), one])) : undefined;
}

/** One array of exactly this shape (null: any length). Throws an Error that names what is missing or has a different shape. */
export function tensor(weights, name, shape) {
  const found = weights?.[name];
  if (!found) throw new Error(`The weights lack ${name}: this file is not a complete checkpoint of this kind.`);
  if (found.shape.length !== shape.length || shape.some((length, axis) => length !== null && length !== found.shape[axis])) {
    throw new Error(`${name} has the shape [${found.shape}], but config.json asks for [${shape.map((n) => n ?? "any")}].`);
  }
  return found;
}

/** Throws an Error if config.json asks for something that is not computed here. */
export function expect(config, facts) {
  for (const [name, wanted] of Object.entries(facts)) {
    if ((config[name] ?? wanted) !== wanted) {
      throw new Error(`Expected a checkpoint with ${name} = ${JSON.stringify(wanted)} in its config.json, got ${JSON.stringify(config[name])}.`);
    }
  }
}

/** Rows become columns: torch's Linear keeps (d_out, d_in), GPT-2's Conv1D (d_in, d_out). */
export function transposed({ shape: [rows, columns], data }) {
  const turned = array([columns, rows]);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) turned.data[column * rows + row] = data[row * columns + column];
  }
  return turned;
}
