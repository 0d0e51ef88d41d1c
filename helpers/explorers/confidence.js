// The live view of a classifier's confidence. `data` holds the logits and labels of many texts as bytes, and Python's
// answer to the first sentence; `state` asks about another. Temperature, threshold and bins are computed here.

import { asking, draw, frame, initialize, make, numbers, slider } from "../show.js";

const CSS = `
.course-confidence { max-width: 52em; }
.course-confidence p { margin: 0; }
.course-confidence .foot { color: var(--soft); font-size: 0.875em; }
.course-confidence .field { display: block; }
.course-confidence textarea { display: block; width: 100%; padding: 0.4em 0.5em; border: 1px solid var(--ink); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; resize: vertical; }
.course-confidence select { padding: 0.15em 0.3em; border: 1px solid var(--ink); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; }
.course-confidence .bars { display: grid; grid-template-columns: auto minmax(3em, 24em) max-content; gap: 0.2em 0.75em; align-items: center; justify-content: start; margin: 0.6em 0; }
.course-confidence .bars span { overflow-wrap: break-word; }
.course-confidence .bars .rail { height: 1em; border: 1px solid var(--line); background: var(--tint); }
.course-confidence .bars .bar { height: 100%; background: #0072b2; }
.course-confidence .chips { display: flex; flex-wrap: wrap; gap: 0.35em; margin: 0.3em 0 0.8em; padding: 0; list-style: none; }
.course-confidence .chips li { display: flex; flex-direction: column; align-items: center; margin: 0; padding: 0 0.3em 0.1em; border-radius: 0.25em; background: var(--tint); line-height: 1.35; }
.course-confidence .chips bdi { white-space: pre; }
.course-confidence .chips small { font-size: 0.75em; font-variant-numeric: tabular-nums; }
.course-confidence .chips i { align-self: stretch; height: 10px; display: flex; align-items: end; }
.course-confidence .chips i::before { content: ""; width: 100%; height: var(--size); background: #0072b2; }
.course-confidence .chips .away i { align-items: start; }
.course-confidence .chips .away i::before { background: repeating-linear-gradient(135deg, #d55e00 0 3px, var(--paper) 3px 5px); }
.course-confidence .slider { display: grid; grid-template-columns: 12em 1fr 4em; gap: 0 0.75em; align-items: center; }
.course-confidence .slider input { width: 100%; height: 1.75em; margin: 0; accent-color: var(--focus); }
.course-confidence .slider output { font-variant-numeric: tabular-nums; }
.course-confidence .two { display: flex; flex-wrap: wrap; gap: 0.5em 2em; margin-top: 0.6em; }
.course-confidence .two > div { flex: 1 1 18em; min-width: 0; }
.course-confidence .title { font-weight: 650; }
.course-confidence table { border-collapse: collapse; margin: 0.4em 0; font-variant-numeric: tabular-nums; font-size: inherit; }
.course-confidence :is(th, td) { padding: 0.25em 0.6em; border: 1px solid var(--line); text-align: right; font-weight: 400; background: none; }
.course-confidence th { text-align: left; }
.course-confidence td.good { box-shadow: inset 3px 0 var(--right); }
.course-confidence td.bad { box-shadow: inset 3px 0 var(--wrong); }
.course-confidence svg { display: block; width: 100%; max-width: 304px; height: auto; }
@media (max-width: 36em) { .course-confidence .slider { grid-template-columns: 1fr 4em; } .course-confidence .slider span { grid-column: 1 / -1; } }
`;

/** Probabilities of logits divided by T; `from` is where the `width` logits begin. */
function softmax(logits, from, width, T) {
  const scaled = Array.from({ length: width }, (_, k) => logits[from + k] / T);
  const highest = Math.max(...scaled);
  const grown = scaled.map((value) => Math.exp(value - highest));
  const sum = grown.reduce((a, b) => a + b, 0);
  return grown.map((value) => value / sum);
}

const three = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–"); // none flagged: no precision
const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** An empty reliability diagram, from the confidence `low` on; `x` and `y` place a share in it, `dots` takes the bins. */
function drawDiagram(low) {
  const [left, top, right, bottom] = [46, 10, 290, 230];
  const x = (confidence) => left + ((right - left) * (confidence - low)) / (1 - low);
  const y = (share) => bottom - (bottom - top) * share;
  const text = (shown, attributes) => draw("text", { "text-anchor": "middle", ...attributes, text: shown });
  const tenths = [...Array(11).keys()].map((k) => k / 10);
  const dots = draw("g");
  const node = draw("svg", { viewBox: "0 0 304 272", role: "img", fill: "var(--ink)", "font-size": 12 },
    ...tenths.filter((_, k) => k % 2 === 0).flatMap((share) => [draw("path", { d: `M${left} ${y(share)}H${right}`, stroke: "var(--line)", "stroke-width": 0.7 }), text(share, { x: left - 6, y: y(share) + 4, "text-anchor": "end" })]),
    ...tenths.filter((p, k) => p >= low && (low > 0.4 || k % 2 === 0)).map((p) => text(p, { x: x(p), y: bottom + 17 })),
    draw("path", { d: `M${left} ${y(low)}L${right} ${top}`, stroke: "var(--ink)", "stroke-width": 1.4, "stroke-dasharray": "1 4" }),
    text("mean confidence", { x: (left + right) / 2, y: bottom + 35 }),
    text("share of right answers", { transform: `translate(13 ${(top + bottom) / 2}) rotate(-90)` }), dots);
  return { node, dots, x, y };
}

export default {
  initialize,

  render({ model, el }) {
    const data = model.get("data");
    const { names, bins, low } = data;
    const logits = numbers(data.logits, Float32Array);
    const labels = numbers(data.labels, Int32Array);
    let answer = "text" in model.get("reply") ? model.get("reply") : data.first;
    let [temperature, threshold] = [1, 0.5];
    let watch = answer.watch;

    const text = make("textarea", { rows: 2, spellcheck: "false", "aria-label": "A sentence" });
    const chooser = make("select", { "aria-label": "Label to watch" }, ...names.map((name, k) => make("option", { value: k, text: name })));
    const bars = make("div", { class: "bars", role: "group", "aria-label": "Probabilities" });
    const pushed = make("p");
    const chips = make("ul", { class: "chips" });
    const heat = slider({ label: "Temperature T", min: 0.2, max: 5, step: 0.05, value: 1, show: (v) => v.toFixed(2) }, (v) => { temperature = v; redraw(); });
    const line = slider({ label: "Threshold", min: 0, max: 1, step: 0.01, value: 0.5, show: (v) => v.toFixed(2) }, (v) => { threshold = v; redraw(); });
    const [caption, table, rates, diagram, trust] = [make("p", { class: "title" }), make("table"), make("p", { class: "rates" }), drawDiagram(low), make("p", { class: "trust" })];
    const question = asking(model, { answered: (reply) => { answer = reply; drawSentence(); drawTokens(); } });
    const root = frame(
      "course-confidence", "A classifier's confidence", CSS,
      make("label", { class: "field" }, make("span", { class: "title", text: "A sentence" }), text),
      bars, make("p", {}, make("label", {}, "What pushes it toward ", chooser)), pushed, chips,
      heat.node, line.node,
      make("div", { class: "two" }, make("div", {}, caption, table, rates),
        make("div", {}, make("p", { class: "title", text: `Does it keep its promises on ${labels.length} labeled texts?` }), diagram.node, trust)),
      question.node,
    );

    function drawSentence() {
      const p = softmax(answer.logits, 0, names.length, temperature);
      bars.replaceChildren(...names.flatMap((name, k) => {
        const bar = make("div", { class: "bar", "data-p": p[k] });
        bar.style.width = `${100 * p[k]}%`;
        return [make("span", { text: name }), make("div", { class: "rail", "aria-hidden": "true" }, bar), make("span", { text: percent(p[k]) })];
      }));
      const over = p[watch] > threshold;
      pushed.textContent = `${names[watch]} ${percent(p[watch])} is ${over ? "above" : "not above"} the threshold: ${over ? "flagged" : "not flagged"}. Each token’s share in the log-odds, by gradient × input (+ toward ${names[answer.watch]}, − away):`;
    }

    function drawTokens() {
      const largest = Math.max(...answer.scores.map(Math.abs), 1e-9);
      chips.replaceChildren(...answer.tokens.map((token, k) => {
        const score = answer.scores[k];
        const chip = make("li", { class: score < 0 ? "away" : "toward", "data-score": score },
          make("bdi", { text: token }), make("i"), make("small", { text: `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(2)}` }));
        chip.style.setProperty("--size", `${(10 * Math.abs(score)) / largest}px`);
        return chip;
      }));
      root.dataset.text = answer.text;
      root.dataset.ask = answer.ask ?? 0;
    }

    /** Everything that the two sliders change, from the logits of all texts. */
    function redraw() {
      const groups = Array.from({ length: bins }, () => ({ sure: 0, right: 0, count: 0 }));
      const edges = Array.from({ length: bins - 1 }, (_, k) => (k + 1) * (1 / bins)); // as np.linspace has them
      let [hit, alarm, miss, passed, loss, right] = [0, 0, 0, 0, 0, 0];
      labels.forEach((label, at) => {
        const p = softmax(logits, at * names.length, names.length, temperature);
        const confidence = Math.max(...p);
        const good = p.indexOf(confidence) === label;
        const said = p[watch] > threshold;
        if (label === watch) said ? (hit += 1) : (miss += 1);
        else said ? (alarm += 1) : (passed += 1);
        loss -= Math.log(p[label]) / labels.length;
        right += good;
        const group = groups[edges.filter((edge) => edge < confidence).length];
        group.sure += confidence;
        group.right += good;
        group.count += 1;
      });
      drawSentence();

      const cell = (count, kind) => make("td", { class: kind, text: count });
      caption.textContent = `Flag as ${names[watch]} where p > ${threshold.toFixed(2)}`;
      table.replaceChildren(
        make("tr", {}, make("td"), make("th", { scope: "col", text: "flagged" }), make("th", { scope: "col", text: "not flagged" })),
        make("tr", {}, make("th", { scope: "row", text: `is ${names[watch]}` }), cell(`✓ ${hit}`, "good"), cell(`✗ ${miss} missed`, "bad")),
        make("tr", {}, make("th", { scope: "row", text: "is not" }), cell(`✗ ${alarm} false alarms`, "bad"), cell(`✓ ${passed}`, "good")),
      );
      rates.textContent = `precision ${three(hit / (hit + alarm))} · recall ${three(hit / (hit + miss))} · accuracy ${three((hit + passed) / labels.length)}`;

      const filled = groups.filter(({ count }) => count);
      const ece = filled.reduce((sum, { sure, right: share, count }) => sum + Math.abs(share / count - sure / count) * count, 0) / labels.length;
      const most = Math.max(...filled.map(({ count }) => count));
      diagram.dots.replaceChildren(...filled.flatMap(({ sure, right: share, count }) => {
        const mean = sure / count;
        const [x, y, promised] = [diagram.x(mean), diagram.y(share / count), diagram.y(mean)];
        return [draw("path", { d: `M${x} ${y}V${promised}`, stroke: "#d55e00", "stroke-width": 2 }),
          draw("circle", { cx: x, cy: y, r: 3 + 9 * Math.sqrt(count / most), fill: "#0072b2", stroke: "var(--paper)", "data-count": count })];
      }));
      const sure = filled.reduce((sum, group) => sum + group.sure, 0) / labels.length;
      trust.textContent = `ECE ${three(ece)} · mean loss ${three(loss)} · mean confidence ${three(sure)} · accuracy ${three(right / labels.length)}`;
      diagram.node.setAttribute("aria-label", `Reliability diagram: ${filled.length} bins, ${trust.textContent}`);
      Object.assign(root.dataset, { temperature: temperature.toFixed(2), threshold: threshold.toFixed(2) });
    }

    const ask = () => question.ask({ text: text.value, watch });
    text.addEventListener("input", ask);
    chooser.addEventListener("change", () => { watch = Number(chooser.value); redraw(); ask(); });
    text.value = answer.text;
    chooser.value = watch;
    redraw();
    drawTokens();
    el.append(root);
    return question.stop;
  },
};
