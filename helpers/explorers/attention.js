// The attention explorer. `weights` are float32 of (layers, heads, queries, keys), `masked` a byte per query and key.
// Another mask or a head switched off is asked by `state` and answered by `reply`; all else happens here.

const CSS = `
.course-attention p { margin: 0.35em 0; }
.course-attention .title { font-weight: 650; }
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
const ALLOWANCE = 2_500_000, WINDOW = 3200; // Jupyter drops more bytes than 3 MB in 3 seconds
const rgb = (css, otherwise) => (css.match(/[\d.]+/g) ?? otherwise).slice(0, 3).map(Number);
const mix = (from, to, share) => from.map((value, i) => Math.round(value + (to[i] - value) * share));

/** Colors of this theme: `ramp[i]` for a weight whose square root is i/255, from the paper to a strong blue. */
function palette(root) {
  const style = getComputedStyle(root);
  const [paper, ink] = [rgb(style.backgroundColor, [255, 255, 255]), rgb(style.color, [31, 31, 31])];
  const dark = paper[0] + paper[1] + paper[2] < 384;
  const strong = dark ? [158, 202, 255] : [8, 48, 107];
  return { paper, ink, dark, line: mix(paper, ink, 0.4), ramp: Array.from({ length: 256 }, (_, i) => mix(paper, strong, i / 255)) };
}

/** A canvas of so many CSS pixels, sharp on this screen. */
function canvasOf(width, height) {
  const ratio = window.devicePixelRatio || 1;
  const node = make("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), style: `width:${width}px;height:${height}px` });
  const pen = node.getContext("2d");
  pen.scale(ratio, ratio);
  return [node, pen];
}

/** What the model has to compute: one question at a time, the last wish next, and none faster than Jupyter lets pass. */
function asking(model, bytes, { busy, found, failed }) {
  const known = new Map();
  let waiting, wish, timer, arrived = [];
  const nameOf = JSON.stringify;
  function send() {
    clearTimeout(timer);
    if (waiting || !wish) return busy(Boolean(waiting));
    if (known.has(nameOf(wish))) return tell();
    busy(true);
    arrived = arrived.filter((at) => at > Date.now() - WINDOW);
    if ((arrived.length + 1) * bytes > ALLOWANCE && arrived.length) {
      timer = setTimeout(send, arrived[0] + WINDOW + 20 - Date.now());
      return;
    }
    waiting = { ask: (model.get("state").ask ?? 0) + 1, choice: wish };
    model.set("note", ""); // so that the same complaint twice is heard twice
    model.set("state", { ...wish, ask: waiting.ask });
    model.save_changes();
  }
  function tell() {
    const choice = wish;
    wish = undefined;
    busy(false);
    found(choice, known.get(nameOf(choice)));
  }
  return {
    keep: (choice, result) => known.set(nameOf(choice), result),
    want(choice) { wish = choice; send(); },
    answered() { // another view of this output may have asked: then the numbers differ
      if (model.get("reply").ask !== waiting?.ask) return;
      arrived.push(Date.now());
      if (known.size > 11) known.delete([...known.keys()][1]);
      known.set(nameOf(waiting.choice), model.get("reply"));
      waiting = undefined;
      send();
    },
    failed() {
      if (!waiting) return;
      waiting = wish = undefined;
      busy(false);
      failed();
    },
    stop: () => clearTimeout(timer),
  };
}

function render({ model, el }) {
  const data = model.get("data");
  const { layers, heads, tokens } = data;
  const T = tokens.length;
  let { layer, head } = data;
  let choice = data.start, weights, masked, colors, query = Math.min(1, T - 1), key = 0;
  const at = (q, k) => ((layer * heads + head) * T + q) * T + k;
  const reasons = (q, k) => REASONS.filter((_, bit) => masked[q * T + k] & (1 << bit));

  // --- all heads ----------------------------------------------------------------------------------
  const side = Math.max(16, Math.min(52, Math.floor(500 / heads))), edge = 24;
  const [sheet, sheetPen] = canvasOf(edge + heads * side, edge + layers * side);
  const raster = make("canvas", { width: T, height: T }).getContext("2d");
  const cells = Array.from({ length: layers }, (_, i) => Array.from({ length: heads }, (_, h) => {
    const cell = make("div", { role: "gridcell", tabindex: -1, style: `width:${side - 2}px;height:${side - 2}px;margin:0 2px 2px 0` });
    cell.addEventListener("click", () => pick(i, h, true));
    return cell;
  }));
  const grid = make("div", { role: "grid", "aria-label": "All heads: a row for each layer", style: `position:relative;padding:${edge}px 0 0 ${edge}px` }, ...cells.map((line) => make("div", { role: "row" }, ...line)));
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -heads], End: [0, heads], PageUp: [-layers, 0], PageDown: [layers, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    pick(Math.max(0, Math.min(layers - 1, layer + step[0])), Math.max(0, Math.min(heads - 1, head + step[1])), true);
  });

  /** One head as T × T pixels; masked cells are gray. */
  function rasterize(i, h) {
    const [image, from] = [raster.createImageData(T, T), (i * heads + h) * T * T];
    for (let c = 0; c < T * T; c += 1) {
      const color = masked[c] && !weights[from + c] ? colors.veil : colors.ramp[Math.round(255 * Math.sqrt(weights[from + c]))];
      image.data.set(color, 4 * c);
      image.data[4 * c + 3] = 255;
    }
    raster.putImageData(image, 0, 0);
    return raster.canvas;
  }

  function paintAll() {
    const pen = sheetPen;
    pen.fillStyle = `rgb(${colors.paper})`;
    pen.fillRect(0, 0, edge + heads * side, edge + layers * side);
    pen.fillStyle = `rgb(${colors.ink})`;
    pen.strokeStyle = `rgb(${colors.line})`;
    pen.font = "12px sans-serif";
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (let i = 0; i < layers; i += 1) pen.fillText(i, edge - 6, edge + (i + 0.5) * side - 1);
    pen.textAlign = "center";
    for (let h = 0; h < heads; h += 1) pen.fillText(h, edge + (h + 0.5) * side - 1, edge - 10);
    pen.imageSmoothingEnabled = T > side;
    pen.lineWidth = 1;
    for (let i = 0; i < layers; i += 1) {
      for (let h = 0; h < heads; h += 1) {
        const [x, y, size] = [edge + h * side, edge + i * side, side - 2];
        pen.drawImage(rasterize(i, h), x, y, size, size);
        pen.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      }
    }
    if (choice.off) { // a cross over the head that is off, on a rim that shows on any color
      const [x, y, size] = [edge + choice.off[1] * side + 3, edge + choice.off[0] * side + 3, side - 8];
      for (const [width, color] of [[6, colors.paper], [3, [213, 94, 0]]]) {
        pen.lineWidth = width;
        pen.strokeStyle = `rgb(${color})`;
        pen.beginPath();
        for (const [a, b] of [[0, size], [size, 0]]) { pen.moveTo(x + a, y); pen.lineTo(x + b, y + size); }
        pen.stroke();
      }
    }
    cells.forEach((line, i) => line.forEach((cell, h) => {
      const off = choice.off?.[0] === i && choice.off[1] === h;
      cell.setAttribute("aria-label", `layer ${i}, head ${h}${off ? ", switched off" : ""}`);
    }));
  }

  // --- one head -----------------------------------------------------------------------------------
  const size = Math.max(13, Math.min(30, Math.floor(400 / T)));
  const font = `${Math.min(13, size - 1)}px monospace`;
  sheetPen.font = font;
  const rim = Math.min(140, 10 + Math.ceil(Math.max(...tokens.map((token) => sheetPen.measureText(token).width))));
  const [map, mapPen] = canvasOf(rim + T * size + 2, rim + T * size + 2);
  map.className = "map";
  for (const [name, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": "One head: rows ask, columns are asked. Arrow keys move from weight to weight; the number is read below." })) map.setAttribute(name, value);
  map.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -T], End: [0, T], PageUp: [-T, 0], PageDown: [T, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    read(query + step[0], key + step[1]);
    const box = map.parentElement; // what is read stays in sight
    for (const [to, length, i] of [["scrollTop", box.clientHeight, query], ["scrollLeft", box.clientWidth, key]]) {
      box[to] = Math.max(Math.min(box[to], i * size), rim + (i + 2) * size - length);
    }
  });
  const under = (event) => [event.offsetY, event.offsetX].map((value) => Math.floor((value - rim) / size));
  map.addEventListener("pointermove", (event) => {
    const [q, k] = under(event);
    if (q >= 0 && k >= 0 && q < T && k < T && (q !== query || k !== key)) read(q, k);
  });

  function hatch(ratio) {
    const tile = make("canvas", { width: 6, height: 6 });
    const pen = tile.getContext("2d");
    pen.strokeStyle = `rgb(${colors.line})`;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const shift of [-6, 0, 6]) { pen.moveTo(shift, 6); pen.lineTo(shift + 6, 0); }
    pen.stroke();
    const pattern = mapPen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / ratio));
    return pattern;
  }

  function paintMap() {
    const pen = mapPen, full = rim + T * size + 2;
    pen.fillStyle = `rgb(${colors.paper})`;
    pen.fillRect(0, 0, full, full);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(rasterize(layer, head), rim, rim, T * size, T * size);
    for (let q = 0; q < T; q += 1) {
      for (let k = 0; k < T; k += 1) {
        const styles = weights[at(q, k)] ? [colors.hatch] : [`rgb(${colors.paper})`, colors.hatch];
        for (pen.fillStyle of masked[q * T + k] ? styles : []) pen.fillRect(rim + k * size, rim + q * size, size, size);
      }
    }
    pen.strokeStyle = `rgb(${colors.line})`;
    pen.lineWidth = 1;
    pen.strokeRect(rim - 0.5, rim - 0.5, T * size + 1, T * size + 1);
    pen.fillStyle = `rgb(${colors.ink})`;
    pen.textBaseline = "middle";
    const label = (token, i, chosen) => {
      pen.font = chosen ? `bold ${font}` : font;
      pen.fillText(token, 0, (i + 0.5) * size, rim - 10);
    };
    pen.save();
    pen.textAlign = "right";
    pen.translate(rim - 5, rim);
    tokens.forEach((token, q) => label(token, q, q === query));
    pen.restore();
    pen.save();
    pen.textAlign = "left";
    pen.translate(rim, rim - 5);
    pen.rotate(-Math.PI / 2);
    tokens.forEach((token, k) => label(token, k, k === key));
    pen.restore();
    const [x, y] = [rim + key * size, rim + query * size];
    for (const [width, color] of [[5, colors.paper], [2.5, [213, 94, 0]]]) {
      pen.lineWidth = width;
      pen.strokeStyle = `rgb(${color})`;
      pen.strokeRect(x, y, size, size);
    }
  }

  // --- arcs and numbers ---------------------------------------------------------------------------
  const centers = [];
  let x = 6;
  for (const token of tokens) { const wide = 7.4 * token.length + 14; centers.push(x + wide / 2); x += wide; }
  const arcs = draw("g", {});
  const words = tokens.map((token, i) => {
    const word = draw("text", { x: centers[i], y: 116, text: token });
    word.addEventListener("click", () => read(i, key));
    return word;
  });
  const picture = draw("svg", { class: "arcs", width: x + 6, height: 100, viewBox: `0 24 ${x + 6} 100`, role: "img" }, arcs, ...words);
  const reading = make("p", { class: "reading", role: "status" });
  const which = make("p", { class: "title" });

  function paintRow() {
    const row = Array.from({ length: T }, (_, k) => weights[at(query, k)]);
    arcs.replaceChildren(...row.map((weight, k) => {
      const [from, to] = [centers[query], centers[k]];
      const high = 100 - Math.min(92, 18 + 0.22 * Math.abs(to - from));
      const path = k === query ? `M${from - 7} 102C${from - 16} 76 ${from + 16} 76 ${from + 7} 102` : `M${from} 102C${from} ${high} ${to} ${high} ${to} 102`;
      return draw("path", { d: path, "stroke-width": (0.4 + 7 * weight).toFixed(2), "stroke-opacity": (0.25 + 0.75 * weight).toFixed(2), "data-key": k, ...(weight < 0.005 ? { hidden: "", display: "none" } : {}) });
    }));
    words.forEach((word, i) => word.setAttribute("class", i === query ? "asks" : ""));
    const best = row.map((weight, k) => [weight, k]).sort((a, b) => b[0] - a[0]).slice(0, 4).filter(([weight]) => weight >= 0.0005);
    const [why, weight] = [reasons(query, key), row[key]];
    const number = make("b", { text: weight.toFixed(3) });
    const blocked = why.length ? ` (masked: ${why.join(", ")}${weight ? "; this row may look nowhere, and the model spreads it" : ""})` : "";
    reading.replaceChildren(`${tokens[query]} → ${tokens[key]}: `, number, `${blocked}. `, make("br"),
      `${tokens[query]} looks at ${best.map(([share, k]) => `${tokens[k]} ${share.toFixed(3)}`).join(", ")}; its row sums to ${row.reduce((a, b) => a + b, 0).toFixed(3)}.`);
    picture.setAttribute("aria-label", `Arcs from ${tokens[query]} to what it looks at: ${best.map(([share, k]) => `${tokens[k]} ${share.toFixed(3)}`).join(", ")}`);
    root.dataset.cell = `${query}.${key}`;
    root.dataset.weight = weight.toFixed(3);
    hide.textContent = choice.hidden.includes(key) ? `Let “${tokens[key]}” be seen again` : `Hide “${tokens[key]}” from all`;
    hide.setAttribute("aria-pressed", choice.hidden.includes(key));
  }

  function read(q, k) {
    [query, key] = [q, k].map((value) => Math.max(0, Math.min(T - 1, value)));
    paintMap();
    paintRow();
  }

  function pick(i, h, focus) {
    cells[layer][head].setAttribute("tabindex", -1);
    cells[layer][head].removeAttribute("aria-selected");
    [layer, head] = [i, h];
    const cell = cells[i][h];
    cell.setAttribute("tabindex", 0);
    cell.setAttribute("aria-selected", "true");
    if (focus) cell.focus({ preventScroll: false });
    which.textContent = `Layer ${i}, head ${h}`;
    const off = choice.off?.[0] === i && choice.off[1] === h;
    toggle.textContent = off ? `Switch head ${i}.${h} on again` : `Switch head ${i}.${h} off`;
    toggle.setAttribute("aria-pressed", Boolean(off));
    read(query, key);
    root.dataset.head = `${i}.${h}`;
  }

  // --- masks, a head off, the prediction ------------------------------------------------------------
  const ticks = REASONS.filter((name) => name === "causal" || data.given[name]).map((name) => {
    const input = make("input", { type: "checkbox", "data-mask": name });
    input.addEventListener("change", () => wish({ [name]: input.checked }));
    return [name, input];
  });
  const button = (click) => {
    const node = make("button", { type: "button" });
    node.addEventListener("click", click);
    return node;
  };
  const hide = button(() => wish({ hidden: wanted.hidden.includes(key) ? wanted.hidden.filter((k) => k !== key) : [...wanted.hidden, key].sort((a, b) => a - b) }));
  const toggle = button(() => wish({ off: wanted.off?.[0] === layer && wanted.off[1] === head ? null : [layer, head] }));
  const place = make("select", { "data-place": "" }, ...data.places.map((i) => make("option", { value: i, text: `${tokens[i]} (${i})` })));
  place.addEventListener("change", () => wish({ place: Number(place.value) }));
  const status = make("p", { class: "soft", role: "status" });
  const answer = make("div", { class: "answer" });
  let wanted = choice;
  const questions = asking(model, data.weights.byteLength, { busy, found: receive, failed: () => settle(choice) });

  function settle(next) {
    wanted = next;
    for (const [name, input] of ticks) input.checked = next[name];
    place.value = next.place;
  }
  function wish(change) {
    settle({ ...wanted, ...change });
    questions.want(wanted);
  }
  function busy(is) {
    root.toggleAttribute("data-busy", is);
    if (is) status.textContent = "The model computes …";
  }
  function predicted({ title, columns, rows, line }) {
    const body = rows.map(([name, numbers, bars]) => make("tr", {}, make("th", { scope: "row", text: name }), ...numbers.map((text) => make("td", { class: "number", text })), make("td", { class: "bar" }, ...bars.map((bar) => make("i", { style: `width:${(100 * bar).toFixed(1)}%` })))));
    const header = make("tr", {}, make("th", { scope: "col", text: "token" }), ...columns.map((text) => make("th", { scope: "col", text })), make("th", { scope: "col", text: columns.length > 1 ? "plain: all; striped: without" : "bar" }));
    answer.replaceChildren(make("p", { class: "title", text: title }), make("p", { role: "status", text: line }), ...(rows.length ? [make("table", {}, make("thead", {}, header), make("tbody", {}, ...body))] : []));
    root.dataset.prediction = line;
  }
  function receive(next, result) {
    choice = next;
    settle(next);
    weights = numbers(result.weights, Float32Array);
    masked = numbers(result.masked, Uint8Array);
    status.textContent = [next.off ? `Head ${next.off.join(".")} is off.` : "", next.hidden.length ? `Hidden: ${next.hidden.map((k) => tokens[k]).join(", ")}.` : ""].join(" ");
    predicted(result.prediction);
    repaint();
    root.dataset.state = JSON.stringify(next);
  }
  function repaint() {
    colors = palette(root);
    colors.veil = mix(colors.paper, colors.ink, 0.22);
    colors.hatch = hatch(window.devicePixelRatio || 1);
    paintAll();
    pick(layer, head, false);
  }

  const note = make("p", { class: "foot", role: "status" });
  const where = make("label", {}, make("span", { text: data.kind === "next" ? "Predict what follows" : "Guess the token at" }), place);
  const root = frame("course-attention", "Attention: all heads and one in detail", CSS,
    make("div", { class: "row" }, ...ticks.map(([name, input]) => make("label", {}, input, `${name} mask`)), hide, toggle), status,
    make("div", { class: "parts" },
      make("div", {}, make("p", { class: "title", text: "All heads (rows: layers; arrow keys move)" }), make("div", { class: "wide" }, make("div", { class: "all" }, sheet, grid))),
      make("div", {}, which, make("div", { class: "wide" }, map))),
    make("p", { class: "soft", text: "Rows ask, columns are asked. Shade: square root of the weight. Hatched: masked." }),
    reading, make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Arcs" }, picture),
    ...(data.places.length ? [make("div", { class: "row" }, where)] : []), answer,
    make("p", { class: "foot", text: data.notice }), note);
  const noted = () => {
    note.textContent = model.get("note");
    if (note.textContent) { status.textContent = ""; questions.failed(); }
  };
  el.append(root);
  questions.keep(choice, data);
  receive(choice, data);
  noted();
  const end = listen(model, { "change:reply": questions.answered, "change:note": noted });
  const restyled = () => { // once it hangs in the page, and when the theme changes
    const { paper, ink } = palette(root);
    if (`${paper}${ink}` !== `${colors.paper}${colors.ink}`) repaint();
  };
  const watchers = [new MutationObserver(restyled), new ResizeObserver(restyled)];
  for (const node of [document.documentElement, document.body]) watchers[0].observe(node, { attributes: true });
  watchers[1].observe(root);
  return () => { end(); watchers.forEach((watcher) => watcher.disconnect()); questions.stop(); };
}

export default { initialize, render };
