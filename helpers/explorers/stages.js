// The stages of the tour. Each is a function of a trace and of what the reader chose: a title, a few words that point at the
// picture, the picture, what can be chosen, and the picture in words. None of them knows where the trace comes from.
//
// An array of a trace is { shape, data }, with a Float32Array as its data. The names are those of `helpers.reference`.

import { button, draw, make, slider } from "../show.js";
import { chance, cut, fallsOn, likelyFirst } from "./cuts.js";

const HUES = { blue: ["#cfe5f3", "#0072b2"], orange: ["#fbe6bf", "#e69f00"], green: ["#c5e9dc", "#009e73"], red: ["#f5d3bd", "#d55e00"], pink: ["#f3dce8", "#cc79a7"], plain: ["#ececec", "#767676"] };
const count = (number) => number.toLocaleString("en-US");
const percent = (share) => (share > 0 && share < 0.0005 ? "< 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`);
const signed = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
const several = (number, thing) => `${count(number)} ${thing}${number === 1 ? "" : "s"}`;
const ENDINGS = { 1: "st", 2: "nd", 3: "rd" };
const ordinal = (number) => `${number}${([11, 12, 13].includes(number % 100) ? undefined : ENDINGS[number % 10]) ?? "th"}`;
const shapeOf = (...sizes) => `(${sizes.join(", ")})`;
const shortened = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

/** A token without the space before it, short enough for a sentence. */
export const bare = (name) => shortened(name.replace(/^␣(?=.)/, ""), 14);

/** The numbers of one row of an array of any rank: `row(weights, head, query)` are the weights of that query. */
export function row({ shape, data }, ...places) {
  const size = shape.slice(places.length).reduce((a, b) => a * b, 1);
  const at = places.reduce((sum, place, axis) => sum * shape[axis] + place, 0);
  return data.subarray(at * size, (at + 1) * size);
}

/** Prose as nodes: a value is bold, because the words around it point at it; a list of texts and nodes goes in as it is. */
function words(texts, ...values) {
  return texts.flatMap((text, i) => [text, ...(i < values.length ? [values[i]].flat().map((one) => (Array.isArray(values[i]) ? one : make("b", { text: one }))) : [])]);
}

// --- what every picture is made of ------------------------------------------------------------------

/** A sheet to draw on: `label` says what is on it. */
function sheet(width, height, label, ...parts) {
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label }, ...parts.flat());
}

function label(x, y, text, more = {}) {
  return draw("text", { x, y, text, "text-anchor": "middle", class: "soft", ...more });
}

/** Something that can be pressed, by mouse, Enter and Space. `key` finds it again when the picture is drawn anew. */
function pressable(key, spoken, press, ...parts) {
  const node = draw("g", { role: "button", tabindex: -1, "aria-label": spoken, "data-key": key, class: "press" }, ...parts);
  node.addEventListener("click", press);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  });
  return node;
}

/** A rounded box around a middle, with a word in it. */
function box(x, y, width, height, text, hue = "blue", more = {}) {
  const [tint, edge] = HUES[hue];
  return draw("g", more,
    draw("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: Math.min(9, height / 2), fill: tint, stroke: edge, "stroke-width": 1.4 }),
    draw("text", { x, y: y + 4.5, text: shortened(text, Math.floor((width - 8) / 7.6)), "text-anchor": "middle", fill: "#1f1f1f" }));
}

function line(d, hue, width, more = {}) {
  return draw("path", { d, fill: "none", stroke: HUES[hue][1], "stroke-width": width.toFixed(2), pathLength: 1, ...more });
}

/** An arrow that points down, with words beside it. */
function down(x, from, to, text) {
  return [line(`M${x} ${from}V${to - 8}`, "plain", 1.6), draw("path", { d: `M${x - 5} ${to - 9}H${x + 5}L${x} ${to}Z`, fill: HUES.plain[1] }),
    label(x + 12, (from + to) / 2 + 4, text, { "text-anchor": "start" })];
}

/** How far from zero a number has to be to get the full color: nineteen of twenty are nearer. */
function strength(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  return sizes[Math.floor(0.95 * (sizes.length - 1))] || 1;
}

/** Numbers as small cells: blue above zero, orange below, the stronger the farther from it. */
function cells(x, y, width, height, values, strong = strength(values), lines = 1) {
  const across = Math.min(Math.ceil(values.length / lines), Math.max(8, Math.floor(width / 1.5)));
  const [canvas, per] = [make("canvas", { width: across, height: lines }), values.length / (across * lines)];
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(across, lines);
  for (let i = 0; i < across * lines; i += 1) {
    let far = 0; // where cells are too narrow to be seen, one shows the largest of its numbers
    for (let j = Math.floor(i * per); j < Math.max((i + 1) * per, Math.floor(i * per) + 1) && j < values.length; j += 1) if (Math.abs(values[j]) > Math.abs(far)) far = values[j];
    image.data.set([...(far > 0 ? [0, 114, 178] : [222, 106, 10]), Math.round(255 * Math.min(1, Math.abs(far) / strong))], 4 * i);
  }
  pen.putImageData(image, 0, 0);
  return [draw("image", { x, y, width, height, href: canvas.toDataURL(), preserveAspectRatio: "none", class: "cells" }),
    draw("rect", { x, y, width, height, fill: "transparent", stroke: "var(--soft)", "stroke-width": 1, class: "rim" })];
}

/** A vector as a strip of cells that opens to its numbers. */
function strip(act, name, spoken, [x, y, width, height], values, strong, lines) {
  return pressable(name, `${spoken}: ${several(values.length, "number")}`, () => act.open({ name, spoken: `${spoken}: ${several(values.length, "number")}`, shape: shapeOf(values.length), values }),
    ...cells(x, y, width, height, values, strong, lines));
}

/** The places of a picture that has a lane for each token. */
function lanes(trace, width) {
  const size = trace.tokens.length;
  const high = size > 16 ? 25 : size > 10 ? 29 : 36;
  return { narrow: width < 520, pill: width < 520 ? 82 : 108, high, top: 30, y: (k) => 30 + high * (k + 0.5), bottom: 30 + high * size, cell: high - 12 };
}

/** The token at place `k` as a box that chooses it. */
function token(trace, state, act, k, x, place) {
  const chosen = k === state.token;
  return pressable(`token ${k}`, `token ${k}, ${trace.tokens[k]}${chosen ? ", chosen" : ""}`, () => act.choose({ token: k }),
    box(x, place.y(k), place.pill, place.high - 8, trace.tokens[k], chosen ? "red" : "blue"));
}

/** Buttons of which one is chosen. */
function choices(what, size, chosen, choose, picture = () => []) {
  const nodes = Array.from({ length: size }, (_, i) => {
    const node = button(String(i), () => choose(i), { "aria-pressed": i === chosen, "aria-label": `${what} ${i}`, "data-key": `${what} ${i}` });
    node.prepend(...picture(i));
    return node;
  });
  return make("div", { class: "choices", role: "group", "aria-label": what }, make("span", { text: what }), ...nodes);
}

const blocks = (trace, state, act) => choices("block", trace.shape.layers, state.layer, (layer) => act.choose({ layer }));

/** A short row: a box with a token, a bar, and what stands behind it. */
function bar(x, y, width, share, text, hue, more = {}) {
  const long = Math.max(1, share * (width - 62));
  return draw("g", more, draw("rect", { x, y: y - 8, width: long, height: 16, rx: 1, fill: HUES[hue][1], class: "bar" }), label(x + long + 6, y + 4.5, text, { "text-anchor": "start" }));
}

// --- from text to the residual stream ---------------------------------------------------------------

/** Numbers in small: `lines` rows of cells that are not meant to be read. */
function glimpse(values, lines, color = [0, 114, 178], strong = strength(values)) {
  const across = Math.floor(values.length / lines);
  const canvas = make("canvas", { width: across, height: lines, class: "glimpse", "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(across, lines);
  for (let i = 0; i < across * lines; i += 1) image.data.set([...(values[i] < 0 ? [222, 106, 10] : color), Math.round(255 * Math.min(1, Math.abs(values[i]) / strong))], 4 * i);
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** How many numbers training has set in this model: its tables, its blocks, and its end. */
export function parameters({ shape: { layers, d_model: d, d_ff, vocabulary, positions }, kind, tied }) {
  const block = 4 * d * d + 4 * d + 2 * d * d_ff + d_ff + d + 4 * d;
  const tables = (vocabulary + positions + (kind === "next" ? 0 : 2)) * d + 2 * d;
  const end = { next: 0, fill: d * d + 3 * d + vocabulary }[kind];
  return tied && end !== undefined ? tables + layers * block + end : undefined;
}

const KNOWN = { "storybook-gpt2": "a small GPT-2", "storybook-bert": "a small BERT" };

/** What the model is, in half a sentence: the two of the course are nowhere else. */
function about(trace, where) {
  const size = parameters(trace);
  const many = size === undefined ? "" : `${size < 1e6 ? count(size) : `${(size / 1e6).toFixed(size < 1e8 ? 1 : 0)} million`} numbers`;
  return KNOWN[trace.model] ? `, ${KNOWN[trace.model]}${where} (${many}${where && ", rounded to one byte each"}, trained on old stories, above all for children),` : many && ` (${many})`;
}

function text(trace, state, act) {
  const { layers, vocabulary, d_model } = trace.shape;
  const size = trace.tokens.length;
  const writes = trace.kind === "next";
  const [step, best] = [trace.steps.find((one) => one), left(trace, {}).probabilities.slice(0, 6)];
  const path = [
    ["tokens", "blue", several(size, "token"), "pieces of the text", make("span", { class: "glimpse pieces" }, ...trace.tokens.slice(0, 3).map((name) => make("i", { text: shortened(name, 7) })))],
    ["embedding", "blue", `${size} × ${d_model}`, "numbers", glimpse(trace.embedded.data, size)],
    ["attention", "orange", several(layers, "block"), `${trace.shape.heads} heads in each`, make("span", { class: "glimpse heads" }, ...Array.from({ length: Math.min(4, trace.shape.heads) }, (_, h) => small(step.weights, h)))],
    ["logits", "pink", several(trace.logits.data.length, "logit"), trace.kind === "classes" ? "one per class" : "one per token", make("span", { class: "glimpse peaks" }, ...Array.from(best, (p) => make("i", { style: `height:${((100 * p) / best[0]).toFixed(0)}%` })))],
    [writes ? "draw" : "probabilities", "red", writes ? "1 token" : "1 answer", writes ? "is drawn, and round again" : "the likeliest", make("span", { class: "glimpse pieces" }, make("i", { text: writes ? "?" : shortened(trace.names[0], 9) }))],
  ];
  const steps = path.map(([stage, hue, big, little, picture]) => {
    const node = button("", () => act.go(stage), { class: `flow ${hue}`, "data-key": `to ${stage}`, "aria-label": `${big}, ${little}` });
    node.append(picture, make("b", { text: big }), make("small", { text: little }));
    return make("li", {}, node);
  });
  const field = make("textarea", { rows: 2, spellcheck: "false", "aria-label": "Your sentence", "data-key": "text" });
  field.value = trace.text;
  field.addEventListener("input", () => act.type(field.value));
  if (state.empty) return { title: "A sentence goes in", say: ["Type something first: a few words are enough."], controls: [field], keep: true, picture: make("ol", { class: "flows" }), alt: "" };
  const goal = { next: "the token that it writes next", fill: "the word that it puts in the place of [MASK]", classes: "the class that it gives it" }[trace.kind];
  return {
    title: "A sentence goes in",
    say: words`Follow this sentence through ${trace.model}${[about(trace, state.where)]} to ${[goal]}. Every number is real: the model has just computed it. Change the sentence, if you like, and press ${"Next"} or the key ${"→"}.`,
    controls: [field],
    keep: true,
    picture: make("ol", { class: "flows" }, ...steps),
    alt: `The way: ${path.map((one) => one[2]).join(", then ")}. The vocabulary has ${count(vocabulary)} tokens.`,
  };
}

function tokens(trace, state, act) {
  const boxes = trace.tokens.map((name, k) => {
    const node = button("", () => act.choose({ token: k }), { class: `token ${k === state.token ? "red" : "blue"} ${trace.fresh === k ? "fresh" : ""}`, style: `--turn:${k}`, "data-key": `token ${k}`, "aria-label": `token ${k}, ${name}, id ${trace.ids[k]}` });
    node.append(make("span", { text: name }), make("small", { text: trace.ids[k] }));
    return node;
  });
  const again = trace.fresh !== undefined;
  const all = trace.all.length;
  const part = all > boxes.length ? `; the tour follows ${trace.kind === "next" ? "the last" : "the first"} ${boxes.length}` : "";
  if (part && trace.kind === "next") boxes.unshift(make("span", { class: "rest", text: "…" }));
  return {
    title: again ? "The same way again, one token longer" : "The text is cut into tokens",
    say: again
      ? words`${trace.tokens[trace.fresh]} is part of the text now, so there are ${several(all, "token")}${[part]}. That is all that happens when a model writes: everything you saw starts again, once for each new token.`
      : words`The tokenizer cut the sentence into ${[part ? "" : "these "]}${several(all, "piece")}${[part]}. A common word is one piece, a rarer one is put together from several; ${[trace.kind === "next" ? "␣ is a space" : "[CLS] and [SEP] mark the beginning and the end"]}. From here on the model sees no letters, only the numbers under them, their ${"ids"}: ${trace.tokens[state.token]} is number ${trace.ids[state.token]} of ${count(trace.shape.vocabulary)}.`,
    controls: [],
    picture: make("div", { class: "tokens" }, ...boxes),
    alt: `Tokens and ids: ${trace.tokens.map((name, k) => `${name} ${trace.ids[k]}`).join(", ")}.`,
  };
}

function embedding(trace, state, act) {
  const { width } = state;
  const place = lanes(trace, width);
  const { vocabulary, d_model } = trace.shape;
  const table = { x: place.pill + (place.narrow ? 66 : 96), width: place.narrow ? 44 : 74 };
  const start = table.x + table.width + (place.narrow ? 30 : 64);
  const strong = strength(trace.words.data);
  const deep = (id) => place.top + 6 + ((place.bottom - place.top - 12) * id) / vocabulary;
  const [lookups, boxes] = [[], []];
  trace.ids.forEach((id, k) => {
    const [y, at, here] = [place.y(k), deep(id), k === state.token];
    const [from, to] = [place.pill + 40, start - 2];
    const [hue, wide] = here ? ["red", 2.4] : ["plain", 0.8];
    const bend = (a, b) => `C${(a + b) / 2} `;
    const way = `M${from} ${y}${bend(from, table.x)}${y} ${(from + table.x) / 2} ${at} ${table.x} ${at}H${table.x + table.width}${bend(table.x + table.width, to)}${at} ${(table.x + table.width + to) / 2} ${y} ${to} ${y}`;
    lookups[here ? "push" : "unshift"](line(way, hue, wide, { class: "grow", "data-row": id }));
    boxes.push(token(trace, state, act, k, place.pill / 2, place), label(place.pill + 6, y + 4.5, id, { "text-anchor": "start" }),
      strip(act, `words[${k}]`, `the row of ${trace.tokens[k]}`, [start, y - place.cell / 2, width - start - 1, place.cell], row(trace.words, k), strong));
  });
  const middle = table.x + table.width / 2;
  return {
    title: "Each id picks a row of a table",
    say: words`${trace.tokens[state.token]} has the id ${trace.ids[state.token]}, so it gets row ${trace.ids[state.token]} of this table: ${`these ${d_model} numbers`}, blue above zero and orange below. The table has ${several(vocabulary, "row")}, one for each token, and training has set every number in it.`,
    controls: [],
    picture: sheet(width, place.bottom + 26, "Token table",
      label(middle, 18, place.narrow ? "table" : "token table"), label((start + width) / 2, 18, place.narrow ? "rows" : "their rows"),
      draw("rect", { x: table.x, y: place.top, width: table.width, height: place.bottom - place.top, rx: 3, class: "table" }), ...lookups, ...boxes,
      label(middle, place.bottom + 18, shapeOf(vocabulary, d_model)), label((start + width) / 2, place.bottom + 18, shapeOf(trace.tokens.length, d_model))),
    alt: `A table of ${count(vocabulary)} rows of ${d_model} numbers. Row ${trace.ids[state.token]} begins with ${[...row(trace.words, state.token)].slice(0, 4).map((v) => signed(v)).join(", ")}.`,
  };
}

function positions(trace, state, act) {
  const { width } = state;
  const place = lanes(trace, width);
  const { d_model } = trace.shape;
  const sums = [["words", "row of the token", "token"], ["positions", "row of the place", "place"], ...(trace.types ? [["types", "row of the segment", "segment"]] : []), ["embedded", trace.types ? "sum, normalized" : "their sum", "sum"]];
  const gap = place.narrow ? 18 : 26;
  const wide = (width - place.pill - 14 - gap * (sums.length - 1)) / sums.length;
  const left = (i) => place.pill + 14 + i * (wide + gap);
  const parts = sums.flatMap(([name, long, short], i) => {
    const strong = strength(trace[name].data);
    return [label(left(i) + wide / 2, 18, place.narrow ? short : long), label(left(i) + wide / 2, place.bottom + 18, place.narrow ? "" : shapeOf(trace.tokens.length, d_model)),
      ...trace.tokens.flatMap((_, k) => [strip(act, `${name === "embedded" ? "hidden_states[0]" : name}[${k}]`, `${long} ${k}`, [left(i), place.y(k) - place.cell / 2, wide, place.cell], row(trace[name], k), strong),
        ...(i ? [label(left(i) - gap / 2, place.y(k) + 5, i === sums.length - 1 ? "=" : "+", { class: "sign" })] : [])])];
  });
  const here = state.token;
  const [own, there] = [row(trace.words, here), row(trace.positions, here)];
  const visible = (i) => Math.min(Math.abs(own[i]), Math.abs(there[i]));
  const column = own.reduce((best, _, i) => (visible(i) > visible(best) ? i : best), 0); // where both can be seen
  const [segment, sum] = [trace.types ? row(trace.types, here)[column] : 0, own[column] + there[column]];
  const added = (value) => `${value < 0 ? "−" : "+"} ${Math.abs(value).toFixed(2)}`;
  const total = trace.types ? `${added(segment)} = ${signed(sum + segment)}` : `= ${signed(sum)}`;
  const scaled = trace.types ? ", and then a norm brings all rows to one scale" : "";
  return {
    title: "Where does each token stand?",
    say: words`So far ${trace.tokens[here]} would be the same vector anywhere. A second table has a row for every place, so ${`row ${here}`} is added, number by number: the ${[ordinal(column + 1)]} is ${`${signed(own[column])} ${added(there[column])} ${total}`}${[scaled]}. The result, ${shapeOf(trace.tokens.length, d_model)}, is the beginning of the ${"residual stream"}: one lane for each token.`,
    controls: [],
    picture: sheet(width, place.bottom + 26, "Positions", ...trace.tokens.map((_, k) => token(trace, state, act, k, place.pill / 2, place)), ...parts),
    alt: `For token ${here}, the first three numbers: ${sums.map(([name, long]) => `${long} ${[...row(trace[name], here)].slice(0, 3).map((v) => signed(v)).join(", ")}`).join("; ")}.`,
  };
}

// --- the blocks -------------------------------------------------------------------------------------

/** A head in small: queries down, keys across. */
function small(weights, head) {
  const size = weights.shape[1];
  const canvas = make("canvas", { width: size, height: size, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(size, size);
  row(weights, head).forEach((weight, i) => image.data.set([214, 122, 0, Math.round(255 * Math.sqrt(weight))], 4 * i));
  pen.putImageData(image, 0, 0);
  return canvas;
}

function attention(trace, state, act) {
  const { width, layer, head } = state;
  const { heads, d_model } = trace.shape;
  const place = lanes(trace, width);
  const step = trace.steps[layer];
  const asks = state.token;
  const weights = row(step.weights, head, asks);
  const best = weights.indexOf(Math.max(...weights));
  const ahead = (k) => trace.kind === "next" && k > asks;
  const [from, to] = [place.pill + 46, width - place.pill - 12];
  const middle = (from + to) / 2;
  const arrows = [...weights.keys()].filter((k) => weights[k] >= 0.005).map((k) => line(`M${from} ${place.y(k)}C${middle} ${place.y(k)} ${middle} ${place.y(asks)} ${to} ${place.y(asks)}`, "orange", 0.6 + 13 * weights[k],
    { class: "grow", "data-key": k, "stroke-opacity": (0.45 + 0.5 * weights[k]).toFixed(2) }));
  const left = trace.tokens.map((name, k) => draw("g", ahead(k) ? { opacity: 0.35 } : {}, box(place.pill / 2, place.y(k), place.pill, place.high - 8, name, k === asks ? "red" : "blue"),
    label(place.pill + 6, place.y(k) + 4.5, ahead(k) ? "" : weights[k].toFixed(2), { "text-anchor": "start", class: k === best ? "strong" : "soft" })));
  const right = trace.tokens.map((_, k) => token(trace, state, act, k, width - place.pill / 2, place));
  const head0 = place.bottom + 44;
  return {
    title: `Attention: block ${layer}, head ${head}`,
    say: words`${trace.tokens[asks]} collects from ${[trace.kind === "next" ? "the tokens before it and from itself; it may not look ahead" : "all tokens"]}. An arrow is as wide as its weight, and the weights sum to 1: the most, ${weights[best].toFixed(2)}, comes from ${trace.tokens[best]}, the ${[ordinal(best + 1)]} token. This is one of ${several(heads, "head")}, and each looks in its own way. Press another token on the right to see where it looks.`,
    controls: [blocks(trace, state, act), choices("head", heads, head, (next) => act.choose({ head: next }), (h) => [small(step.weights, h)])],
    picture: sheet(width, head0 + 34, "Attention", label(place.pill / 2, 18, "is looked at"), label(width - place.pill / 2, 18, "looks"), ...arrows, ...left, ...right,
      label(0, head0 - 10, `what all heads together add to the lane of ${trace.tokens[asks]}`, { "text-anchor": "start" }),
      strip(act, `steps[${layer}].attended[${asks}]`, `what attention adds to the lane of ${trace.tokens[asks]}`, [1, head0, width - 2, 18], row(step.attended, asks))),
    alt: `${trace.tokens[asks]} looks at ${[...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 4).map((k) => `${trace.tokens[k]} ${weights[k].toFixed(2)}`).join(", ")}. Together the heads add a vector of ${d_model} numbers to its lane.`,
    boxes: [{ title: `all weights of this head, ${trace.tokens.length} × ${trace.tokens.length}`, name: `steps[${layer}].weights[${head}]`, shape: shapeOf(trace.tokens.length, trace.tokens.length), values: row(step.weights, head), columns: trace.tokens.length, spoken: "the weights of this head, a row for each token that looks" }],
  };
}

function feedForward(trace, state, act) {
  const { width, layer } = state;
  const { d_model, d_ff, layers } = trace.shape;
  const step = trace.steps[layer];
  const here = state.token;
  const [middle, wide, transformed, output] = ["middle", "wide", "transformed", "output"].map((name) => row(step[name], here));
  const on = wide.filter((value) => value > 0).length;
  const chooser = make("select", { "data-key": "token", "aria-label": "token" }, ...trace.tokens.map((name, k) => make("option", { value: k, text: `${name} (${k})` })));
  chooser.value = here;
  chooser.addEventListener("change", () => act.choose({ token: Number(chooser.value) }));
  const [lane, x] = [16, 62];
  const full = width - x - 1;
  const wideAt = 108, backAt = 226, endAt = 306;
  const name = (part) => `steps[${layer}].${part}[${here}]`;
  const pre = trace.kind === "next";
  return {
    title: `Feed-forward: block ${layer}`,
    say: words`Now each token is worked on alone. The ${String(d_model)} numbers of ${trace.tokens[here]} are weighed up in ${count(d_ff)} ways, and the GELU nearly switches off whatever is below zero: ${`${on} units`} stay above it. A second matrix makes ${String(d_model)} numbers of them again, and these are added to the lane.${[layers > 1 ? ` The next picture shows all ${layers} blocks.` : ""]}`,
    controls: [blocks(trace, state, act), make("label", { class: "choices" }, make("span", { text: "token" }), chooser)],
    picture: sheet(width, endAt + 50, "Feed-forward",
      line(`M${lane} 26V${endAt + 46}`, "blue", 7, { class: "lane" }), line(`M${lane} 39H${x - 4}`, "blue", 1.8),
      label(x, 20, "the lane after attention", { "text-anchor": "start" }), strip(act, name("middle"), "the lane after attention", [x, 28, full, 20], middle),
      ...down(x + 26, 54, wideAt - 24, `${pre ? "norm, then " : ""}× matrix ${shapeOf(d_model, d_ff)}, GELU`),
      label(x, wideAt - 8, `${count(d_ff)} units`, { "text-anchor": "start" }), strip(act, name("wide"), "the units", [x, wideAt, full, 56], wide, 0.7 * Math.max(...wide.map(Math.abs)), 8),
      ...down(x + 26, wideAt + 62, backAt - 24, `× matrix ${shapeOf(d_ff, d_model)}`),
      label(x, backAt - 8, "what feed-forward adds", { "text-anchor": "start" }), strip(act, name("transformed"), "what feed-forward adds", [x, backAt, full, 20], transformed),
      line(`M${x + 26} ${backAt + 26}V${backAt + 44}H${lane + 12}`, "green", 2), box(lane, backAt + 44, 22, 22, "+", "green"),
      label(x, endAt - 8, `the lane after block ${layer}${pre ? "" : " (and its norm)"}`, { "text-anchor": "start" }), strip(act, name("output"), `the lane after block ${layer}`, [x, endAt, full, 20], output),
      line(`M${lane} ${endAt + 10}H${x - 4}`, "blue", 1.8)),
    alt: `${trace.tokens[here]}: ${d_model} numbers, ${count(d_ff)} units of which ${on} are above zero, ${d_model} numbers again, which begin with ${[...transformed].slice(0, 3).map((v) => signed(v)).join(", ")}.`,
  };
}

/** What `helpers.reference` calls the lane of the token that is read, after `k` blocks. */
const laneName = (trace, k) => (k ? `steps[${k - 1}].output[${trace.place}]` : `hidden_states[0][${trace.place}]`);
const finalName = (trace) => ({ next: `hidden_states[${trace.shape.layers}][${trace.place}]`, fill: `guess[${trace.place}]`, classes: "pooled" })[trace.kind];

function stream(trace, state, act) {
  const { width } = state;
  const { layers, d_model } = trace.shape;
  const narrow = width < 520;
  const high = layers > 8 ? 34 : 46;
  const [lane, pill] = [38, narrow ? 78 : 108];
  const start = 84;
  const guess = Math.round(start + (width - start) * (narrow ? 0.36 : 0.46));
  const y = (k) => 52 + high * k;
  const widest = Math.max(...trace.lens.map(([[, p]]) => p));
  const rows = trace.lens.flatMap(([[name, p]], k) => {
    const what = k ? `block ${k - 1}` : "start";
    const station = k ? pressable(`block ${k - 1}`, `${what}: open its attention`, () => act.go("attention", { layer: k - 1 }), box(lane, y(k), 70, 26, what, "orange"))
      : box(lane, y(k), 70, 26, what, "blue");
    return [station, strip(act, laneName(trace, k), k ? `the lane after ${what}` : "the lane at the start", [start, y(k) - 10, guess - start - 14, 20], row(trace.stream, k)),
      box(guess + pill / 2, y(k), pill, 24, name, k === layers ? "red" : "pink"), bar(guess + pill + 8, y(k), width - guess - pill - 8, p / widest, percent(p), k === layers ? "red" : "pink", { style: `--turn:${k}` })];
  });
  const [first, last] = [trace.lens[0][0], trace.lens[layers][0]];
  return {
    title: `All ${layers} blocks, one lane`,
    say: words`This is the lane of ${trace.tokens[trace.place]}, ${String(d_model)} numbers, after each block. What if the model had to answer at once? At the start it knows this one token alone and would say ${first[0]} (${percent(first[1])}); after block ${String(layers - 1)} it has taken in the other tokens and says ${last[0]} (${percent(last[1])})${[last[1] < first[1] ? ", less sure than before, because several words would fit" : ""]}. Everything is added to the lane, and nothing is taken away. Press a block to look into it.`,
    controls: [],
    picture: sheet(width, y(layers) + 30, "Residual stream", label((start + guess - 14) / 2, 22, narrow ? "the lane" : `the lane of ${trace.tokens[trace.place]}`), label((guess + width) / 2, 22, narrow ? "its answer" : "what it would answer here"),
      line(`M${lane} ${y(0)}V${y(layers) + 26}`, "blue", 7, { class: "lane" }), ...rows),
    alt: `What it would answer: ${trace.lens.map(([[name, p]], k) => `${k ? `after block ${k - 1}` : "at the start"} ${name} ${percent(p)}`).join("; ")}.`,
  };
}

// --- from the last vector to an answer --------------------------------------------------------------

function moments(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

function norm(trace, state, act) {
  const { width } = state;
  const { layers, d_model } = trace.shape;
  const [before, after] = [row(trace.stream, layers), trace.final.data];
  const [[, wasSpread], [, spread]] = [moments(before), moments(after)];
  const far = Math.max(...before.map(Math.abs), ...after.map(Math.abs));
  const skyline = (values, top, hue) => {
    const [zero, step] = [top + 60, (width - 40) / values.length];
    const d = [...values].map((value, i) => `M${(39 + i * step).toFixed(1)} ${zero}V${(zero - (56 * value) / far).toFixed(1)}`).join("");
    return [draw("path", { d: `M38 ${zero}H${width - 1}`, stroke: "var(--soft)", "stroke-width": 1 }), draw("path", { d, stroke: HUES[hue][1], "stroke-width": Math.max(1, step * 0.75).toFixed(2), class: "bars" }),
      label(32, top + 8, signed(far, 0), { "text-anchor": "end" }), label(32, zero + 4, "0", { "text-anchor": "end" }), label(32, zero + 58, signed(-far, 0), { "text-anchor": "end" })];
  };
  const what = { next: "final norm", fill: "head: matrix, GELU, norm", classes: "pooler: matrix, tanh" }[trace.kind];
  const spoken = [`the lane after block ${layers - 1}`, "the final vector"];
  return {
    title: { next: "One last norm", fill: "The head prepares the vector", classes: "The pooler prepares the vector" }[trace.kind],
    say: { next: words`The lane of ${trace.tokens[trace.place]} has been added to in every block, so nothing keeps its ${String(d_model)} numbers to a scale: here they spread by ${signed(wasSpread)}. The final norm brings them to mean 0 and spread 1, then a trained weight stretches each of them; now they spread by ${signed(spread)}.`,
      fill: words`The lane of ${trace.tokens[trace.place]} goes through one more matrix, a GELU and a norm, which were trained for guessing words: ${String(d_model)} numbers in, ${String(d_model)} numbers out.`,
      classes: words`Only the lane of ${trace.tokens[0]} is read. One more matrix and a tanh make ${String(d_model)} numbers between −1 and 1 of it.` }[trace.kind],
    controls: [],
    picture: sheet(width, 330, "The final vector",
      label(38, 16, `the lane after block ${layers - 1}`, { "text-anchor": "start" }), pressable(laneName(trace, layers), spoken[0], () => act.open({ name: laneName(trace, layers), spoken: spoken[0], shape: shapeOf(d_model), values: before }), draw("rect", { x: 0, y: 22, width, height: 122, fill: "transparent" }), ...skyline(before, 22, "blue")),
      ...down(60, 152, 186, what),
      label(38, 200, "the final vector, on the same scale", { "text-anchor": "start" }), pressable(finalName(trace), spoken[1], () => act.open({ name: finalName(trace), spoken: spoken[1], shape: shapeOf(d_model), values: after }), draw("rect", { x: 0, y: 206, width, height: 122, fill: "transparent" }), ...skyline(after, 206, "pink"))),
    alt: `Before: spread ${signed(wasSpread)}, the number farthest from zero ${signed(Math.max(...before.map(Math.abs)))}. After: spread ${signed(spread)}, farthest ${signed(Math.max(...after.map(Math.abs)))}.`,
  };
}

function logits(trace, state, act) {
  const { width } = state;
  const { d_model } = trace.shape;
  const shown = Math.min(10, trace.likely.length, trace.rows.shape[0]);
  const values = trace.logits.data;
  const best = trace.likely.slice(0, shown).map((id) => values[id]);
  const pill = width < 520 ? 82 : 108;
  const [rowAt, barAt] = [pill + 14, Math.round(pill + 24 + (width - pill) * 0.38)];
  const [low, high] = [Math.min(...best), Math.max(...best)];
  const at = (value) => barAt + 14 + ((width - barAt - 74) * (value - low)) / (high - low || 1); // a softmax sees differences alone, so no bar begins at 0
  const y = (k) => 96 + 34 * k;
  const strong = strength(trace.rows.data);
  const rows = best.flatMap((value, k) => [box(pill / 2, y(k), pill, 26, trace.names[k], k ? "pink" : "red"),
    strip(act, `rows[${k}]`, `the row of ${trace.names[k]}, logit ${signed(value)}`, [rowAt, y(k) - 10, barAt - rowAt - 20, 20], row(trace.rows, k), strong),
    draw("path", { d: `M${barAt} ${y(k)}H${at(value)}`, stroke: "var(--line)", "stroke-width": 2 }), draw("circle", { cx: at(value), cy: y(k), r: 7, fill: HUES[k ? "pink" : "red"][1], "data-logit": value }),
    label(at(value) + 12, y(k) + 4.5, signed(value), { "text-anchor": "start" })]);
  const where = trace.kind === "classes" ? "a matrix with a row per class" : trace.tied ? "every row of the token table, the same table as at the start" : "every row of a table";
  const sorted = Float32Array.from(values).sort();
  return {
    title: trace.kind === "classes" ? "One score for each class" : "One score for each token of the vocabulary",
    say: words`These ${String(d_model)} numbers are multiplied with ${[where]}, number by number, and added up${trace.bias ? [", and a trained number is added"] : [""]}. Each sum is a ${"logit"}: there are ${count(values.length)} of them, from ${signed(sorted[0])} to ${signed(sorted.at(-1))}. The highest is that of ${trace.names[0]}.`,
    controls: [],
    picture: sheet(width, y(shown - 1) + 28, "Logits", label(0, 16, "the final vector", { "text-anchor": "start" }), strip(act, finalName(trace), "the final vector", [1, 22, width - 2, 20], trace.final.data),
      label((rowAt + barAt - 20) / 2, 68, width < 520 ? "· its row" : "· the row of each token"), label((barAt + width) / 2, 68, width < 520 ? `= logit (from ${signed(low, 1)})` : `= its logit (the line begins at ${signed(low, 1)})`), ...rows),
    alt: `The highest logits: ${best.map((value, k) => `${trace.names[k]} ${signed(value)}`).join(", ")}.`,
  };
}

const THIN = 1.5; // pixels: thinner pieces of the line are drawn as one
const NONE = { temperature: 1, top_k: 0, top_p: 1, min_p: 0 };
const STEPS = ["temperature", "top-k", "top-p"];

/** The tokens that are left, the likeliest first, with their probabilities, and which of all logits is which. */
export function left(trace, cuts) {
  trace.order ??= likelyFirst(trace.logits.data);
  return { order: trace.order, ...cut(trace.logits.data, trace.order, { ...NONE, ...cuts }) };
}

const nameOf = (trace, k, order) => trace.names[k] ?? `token ${order[k]}`;

function cuts(trace, state, act) {
  const { width } = state;
  const own = left(trace, {}).probabilities;
  const kept = left(trace, state.cuts);
  const shown = Math.min(12, own.length);
  const pill = width < 520 ? 82 : 108;
  const y = (k) => 48 + 29 * k;
  const widest = Math.max(kept.probabilities[0], own[0]);
  const reach = width - pill - 12 - 84; // the column on the right has what is left for each
  const why = (k) => `cut by ${STEPS[[1, 2, 3].find((i) => k >= kept.left[i])] ?? "min-p"}`;
  const rows = Array.from({ length: shown }, (_, k) => {
    const after = kept.probabilities[k];
    const mark = pill + 12 + (reach * own[k]) / widest;
    return draw("g", after === undefined ? { class: "gone" } : {}, box(pill / 2, y(k), pill, 23, nameOf(trace, k, kept.order), after === undefined ? "plain" : "pink"),
      bar(pill + 12, y(k), reach + 62, (after ?? 0) / widest, "", "pink", { style: `--turn:${k}` }), draw("path", { d: `M${mark} ${y(k) - 11}V${y(k) + 11}`, stroke: HUES.orange[1], "stroke-width": 3 }),
      label(width - 1, y(k) + 4.5, after === undefined ? why(k) : percent(after), { "text-anchor": "end" }));
  });
  const most = Math.min(100, own.length);
  const set = (name) => (value) => act.tune({ [name]: name === "top_k" && value > most - 1 ? 0 : value });
  const knobs = [
    slider({ label: "temperature", min: 0.1, max: 2, step: 0.1, value: state.cuts.temperature, "data-key": "temperature" }, set("temperature")),
    slider({ label: "top-k", min: 1, max: most, step: 1, value: state.cuts.top_k || most, show: (k) => (k > most - 1 ? "all" : String(k)), "data-key": "top_k" }, set("top_k")),
    slider({ label: "top-p", min: 0.05, max: 1, step: 0.05, value: state.cuts.top_p, show: (p) => (p < 1 ? p.toFixed(2) : "all"), "data-key": "top_p" }, set("top_p")),
  ];
  const [, , , end] = kept.left;
  return {
    title: "From scores to chances",
    say: words`The softmax makes a probability of every logit (the lines). Then you decide: the temperature ${state.cuts.temperature.toFixed(1)} ${[state.cuts.temperature < 1 ? "favors the likely tokens" : state.cuts.temperature > 1 ? "helps the unlikely ones" : "changes nothing"]}, and top-k and top-p cut the tail. Of ${count(own.length)} tokens ${count(end)} ${[end === 1 ? "is left, and it gets all 100 %" : "are left, and they share 100 %"]} (the bars and the numbers).`,
    controls: knobs.map((knob) => knob.node),
    keep: true, // a slider that is being moved stays where it is
    picture: sheet(width, y(shown - 1) + 26, "Probabilities", label(width < 520 ? 1 : pill + 12, 18, "bar: after the cuts · line: the model’s own", { "text-anchor": "start" }), ...rows),
    alt: `${count(end)} tokens are left: ${[...kept.probabilities.slice(0, 5)].map((p, k) => `${nameOf(trace, k, kept.order)} ${percent(p)}`).join(", ")}.`,
  };
}

/** Which token a chance falls on: its rank, its id, its name, its probability. */
export function drawn(trace, state) {
  const { order, probabilities } = left(trace, state.cuts);
  const luck = chance(state.seed, trace.all.length);
  const k = fallsOn(probabilities, luck);
  return { luck, k, id: order[k], name: nameOf(trace, k, order), share: probabilities[k], order, probabilities };
}

/** The text so far with a token behind it; what the model has added to the words that were `typed` is orange. */
function written({ text }, typed, name) {
  const end = text.startsWith(typed) ? typed.length : text.length;
  return make("p", { class: "sentence" }, text.slice(0, end), make("b", { text: text.slice(end) }), make("mark", { text: name.replaceAll("␣", " ").replaceAll("⏎", "\n") }));
}

/** The sentence with the likeliest word in place of its [MASK]. */
function filled({ tokens, names, place }) {
  const parts = tokens.flatMap((word, k) => {
    if (k === place) return [" ", make("mark", { text: names[0] })];
    if (word.startsWith("##")) return [word.slice(2)];
    return /^\[.+\]$/.test(word) ? [] : [/^[.,;:!?’”)]/.test(word) ? word : ` ${word}`];
  });
  if (parts[0]?.startsWith?.(" ")) parts[0] = parts[0].slice(1);
  return make("p", { class: "sentence" }, ...parts);
}

function drawing(trace, state, act) {
  const { width } = state;
  const it = drawn(trace, state);
  const [top, tall] = [44, 42];
  const long = width - 2;
  const some = it.probabilities.filter((share) => share * long >= THIN).length; // they come first: the rest is thinner still
  const piece = (from, share, hue, name) => draw("g", { "data-share": share }, draw("rect", { x: 1 + from * long, y: top, width: share * long, height: tall, fill: HUES[hue][0], stroke: HUES[hue][1], "stroke-width": 1 }),
    ...(share * long > 34 ? [draw("text", { x: 1 + (from + share / 2) * long, y: top + 26, "text-anchor": "middle", fill: "#1f1f1f", text: shortened(name, Math.floor((share * long) / 8)) })] : []));
  let sum = 0;
  const boxes = [...it.probabilities.subarray(0, some)].map((share, k) => {
    sum += share;
    return piece(sum - share, share, k === it.k ? "red" : k % 2 ? "pink" : "blue", nameOf(trace, k, it.order));
  });
  const rest = it.probabilities.length - some;
  if (rest) boxes.push(piece(sum, 1 - sum, "plain", several(rest, "other")));
  const at = 1 + it.luck * long;
  const anchor = at < 80 ? "start" : at > width - 80 ? "end" : "middle";
  const again = button("Draw again", () => act.choose({ seed: state.seed + 1 }), { "data-key": "again", "aria-disabled": Boolean(state.writing) });
  const write = button(state.writing ? "Stop writing" : "Write 20 more tokens", () => act.write(), { "data-key": "write" });
  return {
    title: state.writing ? "The model writes" : "One token is drawn",
    say: state.writing ? words`It is the same loop, only without the stops: the model makes chances of the whole text, one token is drawn and joins the text, and the model begins again. What it has added is orange.` : words`Each token that is left gets a piece of this line, as long as its probability. A random number, ${it.luck.toFixed(3)}, falls on ${it.name} (${percent(it.share)}). Draw again, and it falls elsewhere, although the model has not changed. Add the token to the text, and everything starts again; or let the model ${"write"} a little.`,
    controls: [again, write],
    keep: state.writing === "on",
    picture: make("div", {}, sheet(width, 130, "The draw", label(1, top + tall + 18, "0", { "text-anchor": "start" }), label(width - 1, top + tall + 18, "1", { "text-anchor": "end" }), ...boxes,
      draw("g", { class: "needle" }, draw("path", { d: `M${at} ${top - 4}V${top + tall + 4}`, stroke: "var(--ink)", "stroke-width": 2.5 }), draw("path", { d: `M${at - 6} ${top - 12}H${at + 6}L${at} ${top - 2}Z`, fill: "var(--ink)" }),
        label(at, top - 18, `${it.luck.toFixed(3)}: ${shortened(it.name, 14)}`, { "text-anchor": anchor, class: "strong" }))), written(trace, state.typed, it.name)),
    alt: `The number ${it.luck.toFixed(3)} falls on ${it.name}. The text is now: ${trace.text}${it.name}.`.replaceAll("␣", " "),
  };
}

function probabilities(trace, state) {
  const { width } = state;
  const own = left(trace, {}).probabilities;
  const shown = Math.min(10, own.length);
  const pill = width < 520 ? 82 : 108;
  const y = (k) => 22 + 32 * k;
  const rows = Array.from({ length: shown }, (_, k) => draw("g", {}, box(pill / 2, y(k), pill, 26, trace.names[k], k ? "pink" : "red"), bar(pill + 12, y(k), width - pill - 12, own[k] / own[0], percent(own[k]), k ? "pink" : "red", { style: `--turn:${k}` })));
  const fill = trace.kind === "fill";
  return {
    title: fill ? `What stands at ${trace.tokens[trace.place]}?` : "The answer",
    say: words`The softmax makes probabilities of the ${count(own.length)} logits: they are positive and sum to 1. The model’s answer is ${trace.names[0]}, with ${percent(own[0])}; the next is ${trace.names[1]}, with ${percent(own[1])}.${fill ? [" Nothing comes back in front: this model does not write, it fills a gap."] : [""]}`,
    controls: [],
    picture: make("div", {}, sheet(width, y(shown - 1) + 26, "Probabilities", ...rows), ...(fill ? [filled(trace)] : [])),
    alt: `Probabilities: ${[...own.slice(0, 5)].map((p, k) => `${trace.names[k]} ${percent(p)}`).join(", ")}.`,
  };
}

const PAINT = { text, tokens, embedding, positions, attention, feed_forward: feedForward, stream, norm, logits, cuts, draw: drawing, probabilities };
export const NAMES = { text: "text", tokens: "tokens", embedding: "rows", positions: "places", attention: "attention", feed_forward: "feed-forward", stream: "blocks", norm: "last vector", logits: "logits", cuts: "chances", draw: "draw", probabilities: "answer" };

/** One stage of the tour, from a trace and what is chosen: { title, say, controls, picture, alt, boxes }. */
export function renderStage(trace, state, act) {
  return PAINT[state.stage](trace, state, act);
}
