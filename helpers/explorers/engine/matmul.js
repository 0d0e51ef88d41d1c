// Matrix times vector, where nearly all of the time goes: four numbers at a time in WebAssembly (SIMD), or in plain JavaScript.
// The WebAssembly is written here in its text form, one instruction a line, and `assembled` turns it into bytes.

const SUMS = [..."abcdefgh"], OUTPUTS = 4 * SUMS.length; // each sum has four outputs side by side
const all = (lines) => SUMS.map((sum, i) => lines.replaceAll("%", sum).replaceAll("#", 16 * i)).join("\n");

/**
 * For every group of 32 outputs and every token: sum_a … sum_h add up state × weights, number after number of the state.
 * A group's weights lie in the order in which they are read, so memory is read from front to back.
 */
const KERNEL = `
  loop $groups
    local.get $states   local.set $state
    local.get $out      local.set $to
    local.get $tokens   local.set $left
    loop $texts
      local.get $weights   local.set $weight
      local.get $state     local.get $length   i32.add   local.set $end
      ${all("f32.const 0   f32x4.splat   local.set $sum_%")}
      loop $numbers
        local.get $state   v128.load32_splat   local.set $x
        ${all("local.get $sum_%   local.get $x   local.get $weight   v128.load #   f32x4.mul   f32x4.add   local.set $sum_%")}
        local.get $weight   i32.const ${4 * OUTPUTS}   i32.add   local.set $weight
        local.get $state    i32.const 4   i32.add   local.tee $state
        local.get $end      i32.lt_u   br_if $numbers
      end
      ${all("local.get $to   local.get $sum_%   v128.store #")}
      local.get $to     local.get $width   i32.add   local.set $to
      local.get $left   i32.const 1   i32.sub   local.tee $left   br_if $texts
    end
    local.get $weight   local.set $weights
    local.get $out      i32.const ${4 * OUTPUTS}   i32.add   local.set $out
    local.get $groups   i32.const 1   i32.sub   local.tee $groups   br_if $groups
  end`;
// places and lengths in bytes: `length` of a token's state, `width` of its outputs
const PARAMETERS = ["states", "tokens", "weights", "groups", "length", "out", "width"];
const LOCALS = { i32: ["state", "weight", "to", "left", "end"], v128: ["x", ...SUMS.map((sum) => `sum_${sum}`)] };

const TYPES = { i32: 0x7f, v128: 0x7b };
const OPCODES = { // instruction → its bytes (WebAssembly 2.0, section 5.4); after a load or store comes the offset
  loop: [0x03, 0x40], end: [0x0b], br_if: [0x0d], "local.get": [0x20], "local.set": [0x21], "local.tee": [0x22],
  "i32.const": [0x41], "f32.const": [0x43], "i32.add": [0x6a], "i32.sub": [0x6b], "i32.lt_u": [0x49],
  "v128.load": [0xfd, 0, 4], "v128.store": [0xfd, 0x0b, 4], "v128.load32_splat": [0xfd, 9, 2, 0],
  "f32x4.splat": [0xfd, 0x13], "f32x4.add": [0xfd, 0xe4, 1], "f32x4.mul": [0xfd, 0xe6, 1],
};
/** A number as LEB128, seven bits a byte, up to 8,191. Numbers from 64 on need two bytes, because the highest bit is a sign. */
const leb = (number) => (number < 64 ? [number] : [(number & 127) | 128, number >> 7]);

/** A module whose function `dots` is the kernel; it works on the memory that it is given. */
function assembled() {
  const locals = [...PARAMETERS, ...LOCALS.i32, ...LOCALS.v128], loops = [];
  const words = KERNEL.trim().split(/\s+/), code = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    code.push(...OPCODES[word]);
    if (word === "loop") loops.push(words[i += 1]);
    else if (word === "end") loops.pop();
    else if (word === "br_if") code.push(loops.length - 1 - loops.indexOf(words[i += 1]));
    else if (word === "f32.const") { code.push(0, 0, 0, 0); i += 1; } // 0 is the only constant
    else if (word.startsWith("local.")) code.push(locals.indexOf(words[i += 1].slice(1)));
    else if (/const|load$|store/.test(word)) code.push(...leb(Number(words[i += 1])));
  }
  const sized = (bytes) => [...leb(bytes.length), ...bytes];
  const name = (text) => sized([...text].map((letter) => letter.charCodeAt(0)));
  const kinds = Object.entries(LOCALS).map(([type, names]) => [names.length, TYPES[type]]);
  const body = [kinds.length, ...kinds.flat(), ...code, 0x0b];
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // "\0asm", version 1
    1, ...sized([1, 0x60, ...sized(PARAMETERS.map(() => TYPES.i32)), 0]), // types: one function, which returns nothing
    2, ...sized([1, ...name("js"), ...name("memory"), 2, 0, 0]), // imports: a memory
    3, ...sized([1, 0]), // functions: one, of that type
    7, ...sized([1, ...name("dots"), 0, 0]), // exports
    10, ...sized([1, ...sized(body)]), // code
  ]);
}

const PAGE = 65536; // the bytes by which a memory grows
let compiled;
function kernelOf(memory) {
  try {
    compiled ??= new WebAssembly.Module(assembled());
    return new WebAssembly.Instance(compiled, { js: { memory } }).exports.dots;
  } catch {
    return undefined; // a browser without SIMD
  }
}

/** The matrices of one model, in one memory, which also has room for what goes in and comes out. */
export class Matmul {
  constructor(simd = true) {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.dots = simd ? kernelOf(this.memory) : undefined;
    this.used = 0;
  }

  /** Reserves this many bytes and returns their place. */
  allocate(bytes) {
    const place = this.used;
    this.used += Math.ceil(bytes / 16) * 16;
    const missing = this.used - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return place;
  }

  /** A function from states (tokens, d_in) to states @ rowsᵀ (tokens, d_out), both as bare numbers. */
  prepare({ shape: [d_out, d_in], data: rows }) {
    if (!this.dots) return (states, tokens) => plain(rows, d_out, d_in, states, tokens);
    const groups = Math.ceil(d_out / OUTPUTS), width = groups * OUTPUTS; // the last group may have weights of zero
    const place = this.allocate(4 * width * d_in), packed = new Float32Array(this.memory.buffer, place, width * d_in);
    for (let row = 0; row < d_out; row += 1) {
      const first = Math.floor(row / OUTPUTS) * OUTPUTS * d_in + (row % OUTPUTS);
      for (let i = 0; i < d_in; i += 1) packed[first + i * OUTPUTS] = rows[row * d_in + i];
    }
    return (states, tokens) => {
      const from = this.scratch(4 * (states.length + 4 + width * tokens)), to = Math.ceil((from + 4 * states.length) / 16) * 16;
      new Float32Array(this.memory.buffer, from, states.length).set(states);
      this.dots(from, tokens, place, groups, 4 * d_in, to, 4 * width);
      const outputs = new Float32Array(this.memory.buffer, to, width * tokens);
      if (width === d_out) return outputs.slice();
      return Float32Array.from({ length: tokens * d_out }, (_, i) => outputs[Math.floor(i / d_out) * width + (i % d_out)]);
    };
  }

  /** Room after the matrices, which every call overwrites. */
  scratch(bytes) {
    const place = this.allocate(bytes);
    this.used = place;
    return place;
  }
}

/** The same in plain JavaScript: four rows at a time, so that their sums do not wait for each other. */
function plain(rows, d_out, d_in, states, tokens) {
  const out = new Float32Array(tokens * d_out);
  for (let row = 0; row < d_out; row += 4) {
    const a = row * d_in, b = a + d_in, c = b + d_in, d = c + d_in;
    for (let token = 0; token < tokens; token += 1) {
      let sumA = 0, sumB = 0, sumC = 0, sumD = 0;
      for (let i = 0; i < d_in; i += 1) {
        const state = states[token * d_in + i];
        sumA += state * rows[a + i];
        sumB += state * rows[b + i]; // after the last row this is undefined, and the sum is not stored
        sumC += state * rows[c + i];
        sumD += state * rows[d + i];
      }
      const sums = [sumA, sumB, sumC, sumD];
      for (let i = 0; i < Math.min(4, d_out - row); i += 1) out[token * d_out + row + i] = sums[i];
    }
  }
  return out;
}
