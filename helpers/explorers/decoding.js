// The decoding explorer. `data.show` names the panel; logits come as float32 bytes, one per entry of the vocabulary.
// What needs the model (a token more, another width of the beams) is asked by `state` and answered by `reply`.

import { asking, button, frame, initialize, make, numbers, player, slider } from "../show.js";
import { chance, cut, fallsOn, likelyFirst } from "./cuts.js";

const CSS = `
.course-decoding { max-width: 60em; }
.course-decoding p { margin: 0.35em 0; }
.course-decoding .title { font-weight: 650; }
.course-decoding .soft, .course-decoding .foot { color: var(--soft); font-size: 0.9em; }
.course-decoding .written { padding: 0.5em 0.75em; border: 1px solid var(--line); border-radius: 0.4em; white-space: pre-wrap; }
.course-decoding .written b { color: var(--ink); text-decoration: underline 2px var(--focus); text-underline-offset: 0.2em; }
.course-decoding .slider { display: flex; flex: 1 1 18em; flex-wrap: wrap; gap: 0 0.6em; align-items: center; min-width: 0; margin: 0; }
.course-decoding .slider span { flex: 0 0 7.5em; }
.course-decoding .slider input { flex: 1 1 5em; min-width: 0; margin: 0; accent-color: var(--focus); }
.course-decoding .slider output { flex: 0 0 5.5em; font-variant-numeric: tabular-nums; }
.course-decoding .step { display: flex; flex-wrap: wrap; gap: 0 0.7em; align-items: center; padding: 0.1em 0; }
.course-decoding .step > .soft { flex: 0 1 15em; }
.course-decoding .swatch { flex: none; width: 1.1em; height: 1.1em; border: 1px solid var(--ink); }
.course-decoding .line { display: flex; height: 1.5em; margin: 0.4em 0; border: 1px solid var(--ink); overflow: hidden; }
.course-decoding .line span { flex: none; }
.course-decoding .line span + span { border-left: 1px solid var(--ink); }
.course-decoding .by-temperature { border: 0; }
.course-decoding .kept { background: #0072b2; }
.course-decoding .by-min_p { background: repeating-linear-gradient(0deg, #cc79a7 0 2px, var(--paper) 2px 6px); }
.course-decoding .by-top_p { background: repeating-linear-gradient(45deg, #e69f00 0 2px, var(--paper) 2px 6px); }
.course-decoding .by-top_k { background: repeating-linear-gradient(90deg, #009e73 0 2px, var(--paper) 2px 6px); }
.course-decoding table { width: 100%; margin: 0.4em 0; border-collapse: collapse; font-size: 0.92em; table-layout: auto; }
.course-decoding :is(th, td) { padding: 0.1em 0.4em; border: 0; text-align: left; font-weight: 400; color: inherit; background: none; }
.course-decoding td.number { width: 7em; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.course-decoding thead th { color: var(--soft); vertical-align: bottom; }
.course-decoding thead th.number { text-align: right; }
.course-decoding tr.cut td, .course-decoding tr.cut th { color: var(--soft); }
.course-decoding td.bar { width: 45%; min-width: 4em; }
.course-decoding td.bar div { position: relative; height: 1.1em; border-left: 1px solid var(--ink); }
.course-decoding td.bar i { position: absolute; top: 0; bottom: 0; left: 0; background: #0072b2; }
.course-decoding td.bar u { position: absolute; top: -0.15em; bottom: -0.15em; width: 3px; background: #e69f00; }
.course-decoding .buttons { display: flex; flex-wrap: wrap; gap: 0.4em 0.7em; align-items: center; margin: 0.5em 0; }
.course-decoding button { margin: 0; padding: 0.25em 0.9em; border: 1px solid var(--ink); border-radius: 0.4em; color: var(--ink); background: var(--paper); font: inherit; cursor: pointer; }
.course-decoding button:hover { background: var(--tint); }
.course-decoding button.main { color: var(--paper); background: var(--ink); font-weight: 600; }
.course-decoding button[aria-disabled="true"] { color: var(--soft); border-color: var(--line); background: var(--tint); cursor: default; }
.course-decoding th button { padding: 0 0.4em; border-color: var(--line); font: 0.95em var(--jp-code-font-family, monospace); white-space: pre; }
.course-decoding input[type="number"] { width: 5em; padding: 0.15em 0.3em; border: 1px solid var(--ink); border-radius: 0.3em; color: var(--ink); background: var(--paper); font: inherit; }
.course-decoding .wide { overflow-x: auto; padding: 3px; }
.course-decoding svg { display: block; max-width: none; height: auto; }
.course-decoding svg [hidden] { display: none; }
.course-decoding .fit svg { max-width: 100%; }
`;

const STEPS = ["temperature", "top_k", "top_p", "min_p"];
const LABELS = { temperature: "temperature", top_k: "top-k", top_p: "top-p", min_p: "min-p" };
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const count = (number) => number.toLocaleString("en-US");
const mebibytes = (size) => (size / 2 ** 20).toLocaleString("en-US", { maximumFractionDigits: 2 }) + " MiB";
/** What keys and values take: two vectors for each layer, head and token. */
export const cacheBytes = ({ layers, heads, size, width }, tokens, texts = 1) => 2 * layers * heads * size * width * tokens * texts;

/** The nodes of a player: its slider, and its buttons below. */
const buttonsOf = ({ node, back, step, play }) => [node, make("div", { class: "buttons" }, back, step, play)];

// --- sampling ---------------------------------------------------------------------------------------

function sampling(data, model, root, question) {
  const settings = { ...data.settings };
  if (settings.top_k * 4 >= data.logits.byteLength) settings.top_k = 0;
  let now, logits, order, own;
  const seed = make("input", { type: "number", min: 0, max: 99999, step: 1, value: data.seed });
  const ask = (wish) => root.hasAttribute("data-busy") || question(wish); // it goes on from the text that is seen
  const go = button("Draw a token", () => ask({ new: [...now.new, drawn()] }), { class: "main" });
  const undo = button("Undo", () => ask({ new: now.new.slice(0, -1) }));
  const clear = button("Start over", () => ask({ new: [] }));
  /** Each place behind the prompt has dice of its own: a seed and settings give the same text, whatever was undone. */
  function drawn() {
    const { probabilities } = cut(logits, order, settings);
    return order[fallsOn(probabilities, chance(Math.max(0, Math.round(seed.value)), now.new.length))];
  }
  function busy(is) {
    const empty = !now?.new.length;
    for (const [node, off] of [[go, is], [undo, is || empty], [clear, is || empty]]) node.setAttribute("aria-disabled", off);
  }

  const ks = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10000, settings.top_k];
  const sizes = [...new Set(ks)].filter((k) => k && k < data.logits.byteLength / 4).sort((a, b) => a - b).concat(0);
  const scales = {
    temperature: { min: 0.05, max: 3, step: 0.05, value: settings.temperature },
    top_k: { min: 0, max: sizes.length - 1, step: 1, value: sizes.indexOf(settings.top_k), show: (i) => (sizes[i] ? count(sizes[i]) : "all") },
    top_p: { min: 0, max: 1, step: 0.01, value: settings.top_p, show: (p) => (p < 1 ? String(p) : "1 (off)") },
    min_p: { min: 0, max: 1, step: 0.01, value: settings.min_p, show: (p) => (p > 0 ? String(p) : "0 (off)") },
  };
  const said = {};
  const rows = STEPS.map((name) => {
    const { node } = slider({ label: LABELS[name], ...scales[name] }, (value) => {
      settings[name] = name === "top_k" ? sizes[value] : value;
      redraw();
    });
    said[name] = make("span", { class: "soft" });
    const swatch = make("span", { class: `swatch by-${name}` });
    return make("div", { class: "step" }, swatch, node, said[name]);
  });
  said.kept = make("span", { style: "flex: 1" });
  rows.push(make("div", { class: "step" }, make("span", { class: "swatch kept" }), said.kept));

  const segments = Object.fromEntries(["kept", "min_p", "top_p", "top_k"].map((name) => [name, make("span", { class: name === "kept" ? name : `by-${name}` })]));
  const line = make("div", { class: "line", role: "img" }, ...Object.values(segments));
  const bars = data.names.map((_, i) => {
    const parts = { after: make("i"), own: make("u"), left: make("td", { class: "number" }), model: make("td", { class: "number" }) };
    parts.name = button("", () => ask({ new: [...now.new, order[i]] }));
    const bar = make("td", { class: "bar" }, make("div", {}, parts.after, parts.own));
    return { ...parts, row: make("tr", {}, make("th", { scope: "row" }, parts.name), bar, parts.left, parts.model) };
  });
  const heads = [["token (press to append it)", ""], ["bar: after the cuts; line: the model's own", ""], ["after the cuts", "number"], ["model", "number"]];
  const table = make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(([text, kind]) => make("th", { scope: "col", text, class: kind })))),
    make("tbody", {}, ...bars.map((bar) => bar.row)));
  const added = make("b");
  const written = make("p", { class: "written", "aria-live": "polite" }, make("span", { text: data.prompt }), added);
  const cache = make("p", { class: "soft" });

  function redraw() {
    const { left, masses, kept, probabilities } = cut(logits, order, settings);
    STEPS.forEach((name, i) => {
      said[name].textContent = i ? `${count(left[i])} left, ${percent(masses[i])} cut off` : `${count(left[0])} tokens`;
    });
    said.kept.textContent = `${count(left[3])} ${left[3] === 1 ? "token shares" : "tokens share"} the ${percent(kept)} that is left, as 100 %`;
    const widths = { kept, top_k: masses[1], top_p: masses[2], min_p: masses[3] };
    for (const [name, node] of Object.entries(segments)) {
      node.style.width = `${100 * widths[name]}%`;
      node.hidden = widths[name] < 1e-9;
    }
    line.setAttribute("aria-label", `Mass: ${percent(kept)} left; cut off by top-k ${percent(masses[1])}, by top-p ${percent(masses[2])}, by min-p ${percent(masses[3])}.`);
    const widest = Math.max(probabilities[0], own[0]);
    bars.forEach((bar, i) => {
      const after = probabilities[i] ?? 0;
      bar.after.style.width = `${(100 * after) / widest}%`;
      bar.own.style.left = `calc(${(100 * own[i]) / widest}% - 1px)`;
      bar.left.textContent = i < left[3] ? percent(after) : `cut: ${LABELS[STEPS[1 + [left[1], left[2], left[3]].findIndex((end) => i >= end)]]}`;
      bar.row.className = i < left[3] ? "" : "cut";
    });
    root.dataset.left = left.join(" ");
  }

  function receive() {
    now = model.get("reply").logits ? model.get("reply") : data;
    logits = numbers(now.logits, Float32Array);
    order = likelyFirst(logits);
    own = cut(logits, order, { temperature: 1, top_k: 0, top_p: 1, min_p: 0 }).probabilities;
    bars.forEach((bar, i) => {
      bar.name.textContent = now.names[i];
      bar.model.textContent = percent(own[i]);
    });
    added.textContent = now.text;
    cache.textContent = `In the cache: ${count(now.tokens)} tokens × ${count(cacheBytes(data.shape, 1))} bytes = ${count(cacheBytes(data.shape, now.tokens))} bytes of keys and values.`;
    root.dataset.drawn = now.new.length;
    redraw();
  }

  receive();
  busy(false);
  return {
    nodes: [written, make("div", { class: "buttons" }, go, undo, clear, make("label", {}, "seed ", seed)), ...rows, line, make("div", { class: "wide" }, table), cache],
    receive, busy,
  };
}

// --- beams ------------------------------------------------------------------------------------------

function beams(data, model, root, question) {
  let now = data, width = data.beams;
  const tree = make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "The tree" });
  const caption = make("p", { role: "status" });
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...["text so far", "bits", "what becomes of it"].map((text) => make("th", { scope: "col", text, class: text === "bits" ? "number" : "" })))), body);
  const steps = player({ label: "step", min: 0, max: now.steps.length + 1, at: 0, every: 1100,
    show: (at) => (at > now.steps.length ? "the best" : `${at} of ${now.steps.length}`) }, drawStep);
  const more = slider({ label: "beams", min: 1, max: data.most, step: 1, value: width }, () => {});
  more.input.addEventListener("change", () => question({ beams: Number(more.input.value) }));

  function drawStep(at) {
    for (const group of tree.querySelectorAll("[data-step]")) group.toggleAttribute("hidden", Number(group.dataset.step) > at);
    for (const path of tree.querySelectorAll(".best")) path.toggleAttribute("hidden", at <= now.steps.length);
    const rows = now.steps[Math.min(at, now.steps.length) - 1] ?? [];
    body.replaceChildren(...rows.map(([text, bits, state]) => make("tr", { class: state === "cut" ? "cut" : "" },
      make("th", { scope: "row", text: JSON.stringify(text) }), make("td", { class: "number", text: bits.toFixed(2) }), make("td", { text: state === "cut" ? "✂ cut" : state }))));
    const on = rows.filter((row) => row[2] === "runs on").length;
    const held = on ? ` ${on} × ${count(data.prompt + at)} tokens in the cache: ${count(cacheBytes(data.shape, data.prompt + at, on))} bytes.` : "";
    if (at > now.steps.length) caption.textContent = `The best text: ${now.best}.`;
    else if (at) caption.textContent = `Step ${at}: ${rows.length} candidates, the likeliest of all continuations; ${on} run on.${held}`;
    else caption.textContent = `One beginning. Step: continue it by every token, keep the ${width} likeliest.`;
    root.dataset.step = at;
    const last = tree.querySelector(`[data-step="${Math.min(at, now.steps.length)}"]`);
    if (last) tree.scrollLeft = Math.max(0, last.getBBox().x + last.getBBox().width - tree.clientWidth);
  }

  function receive() {
    if (model.get("reply").steps) {
      now = model.get("reply");
      width = model.get("state").beams;
    }
    more.set(width);
    tree.innerHTML = now.svg; // Python escaped it
    root.dataset.beams = width;
    steps.stop();
    steps.limit(now.steps.length + 1);
    steps.move(model.get("reply").steps ? now.steps.length + 1 : 0);
  }

  receive();
  return { nodes: [...buttonsOf(steps), tree, caption, table, more.node], receive, stop: steps.stop };
}

// --- the cache --------------------------------------------------------------------------------------

function cache(data, model, root) {
  let tokens = data.tokens;
  const shape = { ...data.shape };
  let texts = 1;
  const { heads } = shape;
  const shares = [...Array(heads).keys()].map((i) => i + 1).filter((n) => heads % n === 0);
  const widths = [...new Set([1, 2, 4, shape.width])].sort();
  const picture = make("div", { class: "fit", html: data.svg });
  const [line, here, svg] = [".line", ".here", "svg"].map((selector) => picture.querySelector(selector));
  const formula = make("p", { role: "status" });
  const verdict = make("p");
  const steps = player({ label: "tokens", min: 1, max: data.context, at: tokens, every: 60, by: Math.max(1, Math.round(data.context / 128)), show: count },
    (at) => { tokens = at; redraw(); });
  const more = [
    slider({ label: "texts at once", min: 1, max: 64, step: 1, value: 1 }, (value) => { texts = value; redraw(); }),
    slider({ label: "K/V heads", min: 0, max: shares.length - 1, step: 1, value: shares.length - 1, show: (i) => `${shares[i]} of ${heads}` },
      (i) => { shape.heads = shares[i]; redraw(); }),
    slider({ label: "bytes/number", min: 0, max: widths.length - 1, step: 1, value: widths.indexOf(shape.width), show: (i) => String(widths[i]) },
      (i) => { shape.width = widths[i]; redraw(); }),
  ];

  function redraw() {
    const size = cacheBytes(shape, tokens, texts);
    const each = cacheBytes(shape, 1, texts);
    const end = Math.min(data.context, (1.25 * data.weights) / each);
    const at = (n) => [60 + (540 * n) / data.context, 210 - (160 * each * n) / data.weights].map((v) => v.toFixed(1));
    const [x, y] = at(Math.min(tokens, end));
    line.setAttribute("d", `M60 210L${at(end).join(" ")}`);
    here.setAttribute("cx", x);
    here.setAttribute("cy", y);
    svg.setAttribute("aria-label", `${count(size)} bytes at ${count(tokens)} tokens, ${percent(size / data.weights)} of the weights' bytes`);
    formula.textContent = `2 × ${shape.layers} layers × ${shape.heads} heads × ${shape.size} numbers × ${shape.width} bytes × ${count(tokens)} tokens × ${texts} ${texts === 1 ? "text" : "texts"} = ${count(size)} bytes (${mebibytes(size)})`;
    const full = Math.ceil((data.weights + 1) / each);
    verdict.textContent = size > data.weights ? "Larger than the model's weights."
      : full > data.context ? "Smaller than the model's weights, and stays so up to the full context." : `Larger than the model's weights from ${count(full)} tokens on.`;
    root.dataset.bytes = size;
  }

  redraw();
  const real = `The text has ${count(data.tokens)} tokens; the model's own cache for it holds ${count(data.held)} bytes.`;
  return { nodes: [make("p", { class: "soft", text: real }), ...buttonsOf(steps), picture, formula, verdict, ...more.map((one) => one.node)], stop: steps.stop };
}

const PANELS = {
  sampling: [sampling, "The next token, and a text drawn from it"],
  beams: [beams, "Beams, step by step"],
  cache: [cache, "How the cache grows"],
};

export default {
  initialize,

  render({ model, el }) {
    const data = model.get("data");
    const [draws, title] = PANELS[data.show];
    const root = frame("course-decoding", title, CSS, make("p", { class: "title", text: title }));
    const question = asking(model, {
      answered: () => panel.receive(),
      busy(is) { root.toggleAttribute("data-busy", is); panel.busy?.(is); },
    });
    const panel = draws(data, model, root, question.ask);
    root.append(...panel.nodes, question.node);
    el.append(root);
    return () => { question.stop(); panel.stop?.(); };
  },
};
