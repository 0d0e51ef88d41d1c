// The attention explorer. `weights` are float32 of (layers, heads, queries, keys), `masked` a byte per query and key.
// Another text or mask or a head switched off is asked by `state` and answered by `reply`; all else happens here.

import { asking, button, draw, frame, initialize, make, numbers } from "../show.js";

const CSS = `
.course-attention p { margin: 0.35em 0; }
.course-attention .title { font-weight: 650; }
.course-attention .field { display: block; }
.course-attention textarea { display: block; width: 100%; padding: 0.4em 0.5em; border: 1px solid var(--ink); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; resize: vertical; }
.course-attention .soft, .course-attention .foot { color: var(--soft); font-size: 0.9em; }
.course-attention .parts { display: flex; flex-wrap: wrap; gap: 0.5em 2em; align-items: flex-start; }
.course-attention .parts > div { min-width: 0; max-width: 100%; }
.course-attention .wide { overflow: auto; max-height: 46em; padding: 4px; }
.course-attention canvas, .course-attention svg { display: block; max-width: none; }
.course-attention .all { position: relative; width: max-content; }
.course-attention .all > canvas { position: absolute; left: 0; top: 0; }
.course-attention [role="row"] { display: flex; }
.course-attention [role="gridcell"] { flex: none; cursor: pointer; border-radius: 2px; }
.course-attention [role="gridcell"][aria-selected="true"] { outline: 3px solid var(--ink); outline-offset: -1px; }
.course-attention [role="gridcell"]:focus-visible { outline: 4px solid var(--focus); outline-offset: -1px; }
.course-attention .map { cursor: crosshair; }
.course-attention .row { display: flex; flex-wrap: wrap; gap: 0.3em 1em; align-items: center; margin: 0.5em 0; }
.course-attention .row label { display: inline-flex; gap: 0.35em; align-items: center; margin: 0; }
.course-attention input[type="checkbox"] { width: 1.1em; height: 1.1em; margin: 0; accent-color: var(--focus); }
.course-attention :is(button, select) { max-width: 100%; padding: 0.25em 0.7em; border: 1px solid var(--ink); border-radius: 0.4em; color: var(--ink); background: var(--paper); font: inherit; cursor: pointer; }
.course-attention button:hover { background: var(--tint); }
.course-attention button[aria-pressed="true"] { color: var(--paper); background: var(--ink); }
.course-attention .reading { min-height: 3em; font-variant-numeric: tabular-nums; }
.course-attention .reading b { font-size: 1.15em; }
.course-attention table { margin: 0.4em 0; border-collapse: collapse; font-size: 0.92em; }
.course-attention :is(th, td) { padding: 0.1em 0.5em; border: 0; text-align: left; font-weight: 400; color: inherit; background: none; }
.course-attention thead th { color: var(--soft); }
.course-attention td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.course-attention td.bar { width: 14em; min-width: 5em; }
.course-attention td.bar i { display: block; height: 0.6em; min-width: 1px; background: var(--focus); }
.course-attention td.bar i + i { margin-top: 2px; background: repeating-linear-gradient(45deg, #e69f00 0 3px, var(--paper) 3px 5px); border: 1px solid #e69f00; }
.course-attention .arcs text { fill: var(--ink); font: 12px var(--jp-code-font-family, monospace); text-anchor: middle; cursor: pointer; }
.course-attention .arcs text.asks { font-weight: 700; text-decoration: underline; }
.course-attention .arcs path { fill: none; stroke: var(--focus); }
`;

const REASONS = ["causal", "padding", "own"];
const ALLOWANCE = 2.5e6, WINDOW = 3200; // Jupyter drops more bytes than 3 MB in 3 seconds
const rgb = (css, otherwise) => (css.match(/[\d.]+/g) ?? otherwise).slice(0, 3).map(Number);
const mix = (from, to, share) => from.map((value, i) => Math.round(value + (to[i] - value) * share));

/** Colors of this theme: `ramp[i]` for a weight whose square root is i/255, from the paper to a strong blue. */
function palette(root) {
  const style = getComputedStyle(root);
  const [paper, ink] = [rgb(style.backgroundColor, [255, 255, 255]), rgb(style.color, [31, 31, 31])];
  const dark = paper[0] + paper[1] + paper[2] < 384;
  const strong = dark ? [158, 202, 255] : [8, 48, 107];
  return { paper, ink, line: mix(paper, ink, 0.4), veil: mix(paper, ink, 0.22), ramp: Array.from({ length: 256 }, (_, i) => mix(paper, strong, i / 255)) };
}

/** A canvas of so many CSS pixels, sharp on this screen. */
function canvasOf(width, height) {
  const ratio = window.devicePixelRatio || 1;
  const node = make("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), style: `width:${width}px;height:${height}px` });
  const pen = node.getContext("2d");
  pen.scale(ratio, ratio);
  return [node, pen];
}

/** Another (row, column) for a key of a grid of `rows` × `columns`: one on, or to an edge. */
function moved(key, [row, column], rows, columns) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -columns], End: [0, columns], PageUp: [-rows, 0], PageDown: [rows, 0] }[key];
  return step && [[row + step[0], rows], [column + step[1], columns]].map(([to, size]) => Math.max(0, Math.min(size - 1, to)));
}

/** A frame around what is chosen, or a cross, on a rim that shows on any color. */
function stroke(pen, widths, paper, path) {
  for (const [width, color] of [[widths[0], paper], [widths[1], [213, 94, 0]]]) {
    pen.lineWidth = width;
    pen.strokeStyle = `rgb(${color})`;
    pen.beginPath();
    path();
    pen.stroke();
  }
}

/** What is drawn, for all parts of the view: the numbers, what is chosen among them, and the colors. */
function makeState(data) {
  const { layers, heads, tokens, layer, head } = data;
  const T = tokens.length;
  const raster = make("canvas", { width: T, height: T }).getContext("2d");
  return {
    layers, heads, tokens, T, layer, head, query: Math.min(1, T - 1), key: 0,
    choice: data.choice ?? data.start, weights: undefined, masked: undefined, colors: undefined,
    weight(q, k) { return this.weights[((this.layer * heads + this.head) * T + q) * T + k]; },
    reasons(q, k) { return REASONS.filter((_, bit) => this.masked[q * T + k] & (1 << bit)); },
    isOff(i, h) { return this.choice.off?.[0] === i && this.choice.off[1] === h; },
    /** One head as T × T pixels; masked cells are gray. */
    pixels(i, h) {
      const [image, from] = [raster.createImageData(T, T), (i * heads + h) * T * T];
      for (let c = 0; c < T * T; c += 1) {
        const color = this.masked[c] && !this.weights[from + c] ? this.colors.veil : this.colors.ramp[Math.round(255 * Math.sqrt(this.weights[from + c]))];
        image.data.set(color, 4 * c);
        image.data[4 * c + 3] = 255;
      }
      raster.putImageData(image, 0, 0);
      return raster.canvas;
    },
  };
}

// --- all heads --------------------------------------------------------------------------------------

/** All heads small: a grid of cells over one picture. `pick(layer, head)` runs when one is chosen. */
function allHeads(state, pick) {
  const { layers, heads, T } = state;
  const side = Math.max(16, Math.min(52, Math.floor(500 / heads))), edge = 24;
  const [sheet, pen] = canvasOf(edge + heads * side, edge + layers * side);
  const cells = Array.from({ length: layers }, (_, i) => Array.from({ length: heads }, (_, h) => {
    const cell = make("div", { role: "gridcell", tabindex: -1, style: `width:${side - 2}px;height:${side - 2}px;margin:0 2px 2px 0` });
    cell.addEventListener("click", () => pick(i, h));
    return cell;
  }));
  const grid = make("div", { role: "grid", "aria-label": "All heads: a row for each layer", style: `position:relative;padding:${edge}px 0 0 ${edge}px` }, ...cells.map((line) => make("div", { role: "row" }, ...line)));
  grid.addEventListener("keydown", (event) => {
    const next = moved(event.key, [state.layer, state.head], layers, heads);
    if (!next) return;
    event.preventDefault();
    pick(...next);
  });

  function paint() {
    const { paper, ink, line } = state.colors;
    pen.fillStyle = `rgb(${paper})`;
    pen.fillRect(0, 0, edge + heads * side, edge + layers * side);
    pen.fillStyle = `rgb(${ink})`;
    pen.strokeStyle = `rgb(${line})`;
    pen.font = "12px sans-serif";
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (let i = 0; i < layers; i += 1) pen.fillText(i, edge - 6, edge + (i + 0.5) * side - 1);
    pen.textAlign = "center";
    for (let h = 0; h < heads; h += 1) pen.fillText(h, edge + (h + 0.5) * side - 1, edge - 10);
    pen.imageSmoothingEnabled = T > side;
    pen.lineWidth = 1;
    cells.forEach((row, i) => row.forEach((cell, h) => {
      const [x, y, size] = [edge + h * side, edge + i * side, side - 2];
      pen.drawImage(state.pixels(i, h), x, y, size, size);
      pen.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      cell.setAttribute("aria-label", `layer ${i}, head ${h}${state.isOff(i, h) ? ", switched off" : ""}`);
    }));
    if (!state.choice.off) return;
    const [x, y, size] = [edge + state.choice.off[1] * side + 3, edge + state.choice.off[0] * side + 3, side - 8];
    stroke(pen, [6, 3], paper, () => {
      for (const [a, b] of [[0, size], [size, 0]]) { pen.moveTo(x + a, y); pen.lineTo(x + b, y + size); }
    });
  }

  /** Mark the chosen head as such; it can be reached by Tab. */
  function mark(chosen) {
    const cell = cells[state.layer][state.head];
    cell.setAttribute("tabindex", chosen ? 0 : -1);
    if (chosen) cell.setAttribute("aria-selected", "true");
    else cell.removeAttribute("aria-selected");
    return cell;
  }
  return { node: make("div", { class: "all" }, sheet, grid), paint, mark };
}

// --- one head ---------------------------------------------------------------------------------------

/** The chosen head with the tokens' names. `read(query, key)` runs when a weight is chosen. */
function oneHead(state, read) {
  const { tokens, T } = state;
  const size = Math.max(13, Math.min(30, Math.floor(400 / T)));
  const font = `${Math.min(13, size - 1)}px monospace`;
  const ruler = make("canvas").getContext("2d");
  ruler.font = font;
  const rim = Math.min(140, 10 + Math.ceil(Math.max(...tokens.map((token) => ruler.measureText(token).width))));
  const full = rim + T * size + 2;
  const [map, pen] = canvasOf(full, full);
  map.className = "map";
  for (const [name, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": "One head: rows ask, columns are asked. Arrow keys move from weight to weight; the number is read below." })) map.setAttribute(name, value);
  map.addEventListener("keydown", (event) => {
    const next = moved(event.key, [state.query, state.key], T, T);
    if (!next) return;
    event.preventDefault();
    read(...next);
    const box = map.parentElement; // what is read stays in sight
    for (const [to, length, i] of [["scrollTop", box.clientHeight, state.query], ["scrollLeft", box.clientWidth, state.key]]) {
      box[to] = Math.max(Math.min(box[to], i * size), rim + (i + 2) * size - length);
    }
  });
  map.addEventListener("pointermove", (event) => {
    const [q, k] = [event.offsetY, event.offsetX].map((value) => Math.floor((value - rim) / size));
    if (q >= 0 && k >= 0 && q < T && k < T && (q !== state.query || k !== state.key)) read(q, k);
  });

  /** The pattern of masked cells in this theme. */
  function hatch() {
    const tile = make("canvas", { width: 6, height: 6 });
    const drawn = tile.getContext("2d");
    drawn.strokeStyle = `rgb(${state.colors.line})`;
    drawn.lineWidth = 1.2;
    drawn.beginPath();
    for (const shift of [-6, 0, 6]) { drawn.moveTo(shift, 6); drawn.lineTo(shift + 6, 0); }
    drawn.stroke();
    const pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / (window.devicePixelRatio || 1)));
    return pattern;
  }

  /** The tokens' names along one side, the one at `chosen` in bold. */
  function names(chosen, align, angle, x, y) {
    pen.save();
    pen.textAlign = align;
    pen.translate(x, y);
    pen.rotate(angle);
    tokens.forEach((token, i) => {
      pen.font = i === chosen ? `bold ${font}` : font;
      pen.fillText(token, 0, (i + 0.5) * size, rim - 10);
    });
    pen.restore();
  }

  function paint() {
    const { paper, ink, line, hatched } = state.colors;
    pen.fillStyle = `rgb(${paper})`;
    pen.fillRect(0, 0, full, full);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(state.pixels(state.layer, state.head), rim, rim, T * size, T * size);
    for (let q = 0; q < T; q += 1) {
      for (let k = 0; k < T; k += 1) {
        const styles = state.weight(q, k) ? [hatched] : [`rgb(${paper})`, hatched];
        for (pen.fillStyle of state.masked[q * T + k] ? styles : []) pen.fillRect(rim + k * size, rim + q * size, size, size);
      }
    }
    pen.strokeStyle = `rgb(${line})`;
    pen.lineWidth = 1;
    pen.strokeRect(rim - 0.5, rim - 0.5, T * size + 1, T * size + 1);
    pen.fillStyle = `rgb(${ink})`;
    pen.textBaseline = "middle";
    names(state.query, "right", 0, rim - 5, rim);
    names(state.key, "left", -Math.PI / 2, rim, rim - 5);
    stroke(pen, [5, 2.5], paper, () => pen.rect(rim + state.key * size, rim + state.query * size, size, size));
  }
  return { node: map, paint, hatch };
}

// --- one row: arcs and numbers ----------------------------------------------------------------------

/** What the chosen query looks at, as arcs and in numbers. `read(query, key)` runs when a token is pressed. */
function oneRow(state, read) {
  const { tokens, T } = state;
  const centers = [];
  let x = 6;
  for (const token of tokens) { const wide = 7.4 * token.length + 14; centers.push(x + wide / 2); x += wide; }
  const arcs = draw("g", {});
  const words = tokens.map((token, i) => {
    const word = draw("text", { x: centers[i], y: 116, text: token });
    word.addEventListener("click", () => read(i, state.key));
    return word;
  });
  const picture = draw("svg", { class: "arcs", width: x + 6, height: 100, viewBox: `0 24 ${x + 6} 100`, role: "img" }, arcs, ...words);
  const reading = make("p", { class: "reading", role: "status" });

  function arc(weight, k) {
    const [from, to] = [centers[state.query], centers[k]];
    const high = 100 - Math.min(92, 18 + 0.22 * Math.abs(to - from));
    const path = k === state.query ? `M${from - 7} 102C${from - 16} 76 ${from + 16} 76 ${from + 7} 102` : `M${from} 102C${from} ${high} ${to} ${high} ${to} 102`;
    return draw("path", { d: path, "stroke-width": (0.4 + 7 * weight).toFixed(2), "stroke-opacity": (0.25 + 0.75 * weight).toFixed(2), "data-key": k, ...(weight < 0.005 ? { hidden: "", display: "none" } : {}) });
  }

  function paint() {
    const { query, key } = state;
    const row = Array.from({ length: T }, (_, k) => state.weight(query, k));
    arcs.replaceChildren(...row.map(arc));
    words.forEach((word, i) => word.setAttribute("class", i === query ? "asks" : ""));
    const best = row.map((weight, k) => [weight, k]).sort((a, b) => b[0] - a[0]).slice(0, 4).filter(([weight]) => weight >= 0.0005)
      .map(([share, k]) => `${tokens[k]} ${share.toFixed(3)}`).join(", ");
    const why = state.reasons(query, key);
    const blocked = why.length ? ` (masked: ${why.join(", ")}${row[key] ? "; this row may look nowhere, and the model spreads it" : ""})` : "";
    reading.replaceChildren(`${tokens[query]} → ${tokens[key]}: `, make("b", { text: row[key].toFixed(3) }), `${blocked}. `, make("br"),
      `${tokens[query]} looks at ${best}; its row sums to ${row.reduce((a, b) => a + b, 0).toFixed(3)}.`);
    picture.setAttribute("aria-label", `Arcs from ${tokens[query]} to what it looks at: ${best}`);
  }
  return { picture, reading, paint };
}

// --- the prediction ---------------------------------------------------------------------------------

/** What the model predicts, with all heads and without one: a title, a sentence, a table with bars. */
function predicted({ title, columns, rows, line }) {
  const body = rows.map(([name, shares, bars]) => make("tr", {}, make("th", { scope: "row", text: name }), ...shares.map((text) => make("td", { class: "number", text })), make("td", { class: "bar" }, ...bars.map((bar) => make("i", { style: `width:${(100 * bar).toFixed(1)}%` })))));
  const header = make("tr", {}, make("th", { scope: "col", text: "token" }), ...columns.map((text) => make("th", { scope: "col", text })), make("th", { scope: "col", text: columns.length > 1 ? "plain: all; striped: without" : "bar" }));
  return [make("p", { class: "title", text: title }), make("p", { role: "status", text: line }), ...(rows.length ? [make("table", {}, make("thead", {}, header), make("tbody", {}, ...body))] : [])];
}

// --- masks, a head off, and what the model has to compute -------------------------------------------

/** What can be switched. `wish(change)` asks the model; `settle(choice)` shows what is wished for, or what is back again. */
function switches(data, state, wish) {
  const { tokens } = data;
  let wanted = state.choice;
  const ticks = REASONS.filter((name) => name === "causal" || data.given[name]).map((name) => {
    const input = make("input", { type: "checkbox", "data-mask": name });
    input.addEventListener("change", () => wish({ [name]: input.checked }));
    return [name, input];
  });
  const hide = button("", () => {
    const { key } = state;
    wish({ hidden: wanted.hidden.includes(key) ? wanted.hidden.filter((k) => k !== key) : [...wanted.hidden, key].sort((a, b) => a - b) });
  });
  const toggle = button("", () => {
    const { layer, head } = state;
    wish({ off: wanted.off?.[0] === layer && wanted.off[1] === head ? null : [layer, head] });
  });
  const place = make("select", { "data-place": "" }, ...data.places.map((i) => make("option", { value: i, text: `${tokens[i]} (${i})` })));
  place.addEventListener("change", () => wish({ place: Number(place.value) }));

  function settle(choice) {
    wanted = choice;
    for (const [name, input] of ticks) input.checked = choice[name];
    place.value = choice.place;
  }
  /** Say on the two buttons what they would do now. */
  function name() {
    const { layer, head, key } = state;
    const [hidden, off] = [state.choice.hidden.includes(key), state.isOff(layer, head)];
    hide.textContent = hidden ? `Let “${tokens[key]}” be seen again` : `Hide “${tokens[key]}” from all`;
    hide.setAttribute("aria-pressed", hidden);
    toggle.textContent = off ? `Switch head ${layer}.${head} on again` : `Switch head ${layer}.${head} off`;
    toggle.setAttribute("aria-pressed", off);
  }
  const where = make("label", {}, make("span", { text: data.kind === "next" ? "Predict what follows" : "Guess the token at" }), place);
  const labels = ticks.map(([mask, input]) => make("label", {}, input, `${mask} mask`));
  return { node: make("div", { class: "row" }, ...labels, hide, toggle), where, settle, name };
}

/** The last dozen answers by what was asked, the first one always; and when the next may come. */
function memory() {
  const known = new Map();
  let arrived = [];
  return {
    get: (choice) => known.get(JSON.stringify(choice)),
    keep(choice, result) {
      if (known.size) arrived.push([Date.now(), result.weights.byteLength]);
      if (known.size > 11) known.delete([...known.keys()][1]);
      known.set(JSON.stringify(choice), result);
    },
    /** Milliseconds to wait before another answer of about `bytes`. */
    pause(bytes) {
      arrived = arrived.filter(([at]) => at > Date.now() - WINDOW);
      const sum = arrived.reduce((total, [, size]) => total + size, 0);
      return arrived.length && sum + bytes > ALLOWANCE ? arrived[0][0] + WINDOW + 20 - Date.now() : 0;
    },
  };
}

// --- all of it --------------------------------------------------------------------------------------

/** All that is drawn of one text; another text gets a sheet of its own. `before` is the state of the sheet it replaces. */
function sheetOf(data, before, root, wish) {
  const state = makeState(data);
  if (before) {
    const last = state.T - 1;
    Object.assign(state, { layer: before.layer, head: before.head, query: Math.min(before.query, last), key: Math.min(before.key, last) });
  }
  const [grid, map, row] = [allHeads(state, (i, h) => pick(i, h).focus()), oneHead(state, read), oneRow(state, read)];
  const controls = switches(data, state, wish);
  const [answer, which] = [make("div", { class: "answer" }), make("p", { class: "title" })];
  const node = make("div", {}, controls.node,
    make("div", { class: "parts" },
      make("div", {}, make("p", { class: "title", text: "All heads (rows: layers; arrow keys move)" }), make("div", { class: "wide" }, grid.node)),
      make("div", {}, which, make("div", { class: "wide" }, map.node))),
    make("p", { class: "soft", text: "Rows ask, columns are asked. Shade: square root of the weight. Hatched: masked." }),
    row.reading, make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Arcs" }, row.picture),
    ...(data.places.length ? [make("div", { class: "row" }, controls.where)] : []), answer,
    make("p", { class: "foot", text: data.notice }));

  function read(query, key) {
    Object.assign(state, { query, key });
    map.paint();
    row.paint();
    controls.name();
    Object.assign(root.dataset, { cell: `${query}.${key}`, weight: state.weight(query, key).toFixed(3) });
  }
  function pick(layer, head) {
    grid.mark(false);
    Object.assign(state, { layer, head });
    which.textContent = `Layer ${layer}, head ${head}`;
    read(state.query, state.key);
    root.dataset.head = `${layer}.${head}`;
    return grid.mark(true);
  }
  function receive(choice, result) {
    controls.settle(choice);
    Object.assign(state, { choice, weights: numbers(result.weights, Float32Array), masked: numbers(result.masked, Uint8Array) });
    answer.replaceChildren(...predicted(result.prediction));
    repaint();
    Object.assign(root.dataset, { prediction: result.prediction.line, text: choice.text });
  }
  function repaint() {
    state.colors = palette(root);
    state.colors.hatched = map.hatch();
    grid.paint();
    pick(state.layer, state.head);
  }
  /** The head that is off and the tokens that are hidden, in words. */
  function switched() {
    const { off, hidden } = state.choice;
    return [off ? `Head ${off.join(".")} is off.` : "", hidden.length ? `Hidden: ${hidden.map((k) => data.tokens[k]).join(", ")}.` : ""].join(" ");
  }
  return { data, node, state, controls, receive, repaint, switched };
}

const REACHED = "input, button, select, [tabindex='0']";

function render({ model, el }) {
  const first = model.get("data");
  const known = memory();
  const text = make("textarea", { rows: 2, spellcheck: "false", "aria-label": "A sentence" });
  const status = make("p", { class: "soft", role: "status" });
  const root = frame("course-attention", "Attention: all heads and one in detail", CSS,
    make("label", { class: "field" }, make("span", { class: "title", text: "A sentence (change it, and the model reads it again)" }), text), status);
  let wanted = first.choice ?? first.start;
  let sheet = sheetOf(first, undefined, root, wish);
  const question = asking(model, { answered, busy, failed, pause: () => known.pause(expected()) });

  function wish(change) {
    wanted = { ...wanted, ...change };
    if (wanted.text === sheet.state.choice.text) sheet.controls.settle(wanted);
    const result = known.get(wanted);
    if (result) receive(result);
    else question.ask(wanted);
  }
  /** Masks that the reader set and the head that is off stay when the text changes; what names a token does not. */
  function rewritten() {
    const { start } = sheet.data;
    const kept = (name) => (sheet.state.choice[name] === start[name] ? null : sheet.state.choice[name]);
    wish({ causal: kept("causal"), padding: kept("padding"), own: null, hidden: [], place: null, text: text.value });
  }
  /** About how many bytes the answer to what is wished for will have. */
  function expected() {
    const { tokens, choice } = sheet.data;
    const grown = wanted.text === choice?.text ? 1 : (wanted.text.length + 8) / (choice.text.length + 1);
    return 4 * first.layers * first.heads * (tokens.length * Math.max(1, grown)) ** 2;
  }
  function answered(reply, choice) { // an answer to another view of this output is none of this one's
    if (!choice) return;
    known.keep(choice, reply);
    if (JSON.stringify(choice) === JSON.stringify(wanted)) receive(reply);
  }
  function failed() { // what was typed stays; the switches go back to what is drawn
    wanted = sheet.state.choice;
    sheet.controls.settle(wanted);
  }
  function busy(is) {
    root.toggleAttribute("data-busy", is);
    status.textContent = is ? "The model computes …" : sheet.switched();
  }
  function receive(result) {
    wanted = result.choice ?? wanted;
    if (wanted.text !== sheet.data.choice?.text) {
      const old = sheet;
      const place = [...old.node.querySelectorAll(REACHED)].indexOf(root.getRootNode().activeElement);
      sheet = sheetOf({ ...first, ...result }, old.state, root, wish);
      old.node.replaceWith(sheet.node);
      sheet.receive(wanted, result);
      if (place >= 0) [...sheet.node.querySelectorAll(REACHED)].at(place)?.focus();
    } else sheet.receive(wanted, result);
    status.textContent = sheet.switched();
  }

  root.append(sheet.node, question.node);
  el.append(root);
  text.value = wanted.text ?? "";
  text.addEventListener("input", rewritten);
  known.keep(wanted, first);
  receive(first);
  const restyled = () => { // once it hangs in the page, and when the theme changes
    const { paper, ink } = palette(root);
    if (`${paper}${ink}` !== `${sheet.state.colors.paper}${sheet.state.colors.ink}`) sheet.repaint();
  };
  const watchers = [new MutationObserver(restyled), new ResizeObserver(restyled)];
  for (const node of [document.documentElement, document.body]) watchers[0].observe(node, { attributes: true });
  watchers[1].observe(root);
  return () => { watchers.forEach((watcher) => watcher.disconnect()); question.stop(); };
}

export default { initialize, render };
