// The live view of a training's curves. `data` holds every logged number as bytes; the picture is drawn here, with a cursor
// that is moved by the mouse, or by a slider's keys.

import { draw, frame, initialize, listen, make, numbers, slider } from "../show.js";

const CSS = `
.course-training { max-width: 48em; }
.course-training svg { display: block; width: 100%; height: auto; }
.course-training .slider { display: grid; grid-template-columns: auto 1fr; gap: 0 0.75em; align-items: center; }
.course-training .slider input { width: 100%; height: 1.75em; margin: 0; accent-color: var(--focus); }
.course-training .slider output { grid-column: 1 / -1; min-height: 3em; font-variant-numeric: tabular-nums; }
.course-training .note:empty { display: none; }
.course-training .note { margin: 0; color: var(--soft); }
`;

const [WIDTH, LEFT, RIGHT, MAIN, STRIP, GAP] = [720, 58, 706, 230, 56, 26]; // of the picture, in pixels
const DRAWN = 1500; // points of a line
const DASHES = ["none", "7 3", "2 2", "9 3 2 3"];
const MARKS = ["M-4 0A4 4 0 0 1 4 0A4 4 0 0 1-4 0Z", "M-4-4H4V4H-4Z", "M0-5L5 0L0 5L-5 0Z", "M0-5L5 4H-5Z"];

/** Where `step` stands in ascending `steps`: the last place at or before it, or -1. */
function placeOf(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A number as it is read: four significant digits. */
function short(value) {
  return Number.isFinite(value) && value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(4)));
}

/** At most `most` + 1 round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low, high, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999999);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

const meanUpTo = (values, place, smooth) => {
  const window = values.slice(Math.max(0, place + 1 - smooth), place + 1);
  return window.reduce((a, b) => a + b, 0) / window.length;
};

/** A line as SVG points, in as many pieces as it has between values that are not finite; long ones thinned out. */
function pieces(xs, ys) {
  const every = Math.ceil(xs.length / DRAWN) || 1;
  const lines = [[]];
  xs.forEach((x, k) => {
    if (k % every && k < xs.length - 1) return;
    if (Number.isFinite(ys[k])) lines.at(-1).push(`${x.toFixed(2)},${ys[k].toFixed(2)}`);
    else lines.push([]);
  });
  return lines.filter((line) => line.length).map((line) => line.join(" "));
}

/** A panel over some of the series: its place and its scale, with a margin around the numbers. */
function makePanel(series, top, height, label, reference) {
  const values = series.flatMap((one) => [...one.values]).concat(reference?.[0] ?? []).filter(Number.isFinite);
  const [low, high] = [Math.min, Math.max].map((pick) => (values.length ? values.reduce((a, b) => pick(a, b)) : 0));
  const margin = 0.05 * (high - low) || 0.05 * Math.abs(high) || 0.05;
  const unit = height / (high - low + 2 * margin);
  return { series, label, reference, top, bottom: top + height, low: low - margin, high: high + margin, y: (value) => top + height - unit * (value - low + margin) };
}

const marked = ({ mark, color }, x, y) => draw("path", { d: mark, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, fill: color });
const written = (text, x, y, looks = {}) => draw("text", { x: x.toFixed(1), y: y.toFixed(1), text, ...looks });

/** What the lines are, above the panels: their nodes, and how far down they reach. */
function makeLegend({ smooth, reference }, series) {
  const entries = series.map((one) => [one.mean ? `${one.name} (mean of the last ${smooth})` : one.name, one]);
  if (reference && series.length) entries.push([reference[1], { color: "var(--ink)", dash: "1 4", mean: true }]);
  let [x, y] = [LEFT, 42];
  const nodes = entries.flatMap(([label, one]) => {
    const width = 44 + 6.6 * label.length;
    if (x > LEFT && x + width > RIGHT) [x, y] = [LEFT, y + 18];
    const drawn = [draw("path", { d: `M${x} ${y - 4}h24`, stroke: one.color, "stroke-width": 2, "stroke-dasharray": one.dash }), written(label, x + 30, y)];
    if (!one.mean) drawn.push(marked(one, x + 12, y - 4));
    x += width;
    return drawn;
  });
  return [nodes, y];
}

/** The lines of a panel over its scale; `x(step)` is the place of a step. */
function drawPanel({ series, label, reference, top, bottom, low, high, y }, x, smooth) {
  const nodes = ticks(low, high, label ? 6 : 2).flatMap((value) => [
    draw("path", { d: `M${LEFT} ${y(value).toFixed(1)}H${RIGHT}`, stroke: "var(--line)", "stroke-width": 0.7 }),
    written(short(value), LEFT - 7, y(value) + 4, { "text-anchor": "end" })]);
  nodes.push(label ? draw("text", { transform: `translate(14 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle", text: label }) : written(series[0].name, LEFT, top - 5));
  if (reference) nodes.push(draw("path", { d: `M${LEFT} ${y(reference[0])}H${RIGHT}`, stroke: "var(--ink)", "stroke-width": 1.6, "stroke-dasharray": "1 4" }));
  for (const one of series) {
    const xs = [...one.steps].map(x);
    const looks = one.mean ? [["raw", one.values, 1, 0.5], ["mean", one.values.map((_, k) => meanUpTo(one.values, k, smooth)), 2.2, 1]] : [["raw", one.values, 2, 1]];
    for (const [kind, values, width, opacity] of looks) {
      for (const points of pieces(xs, [...values].map(y))) nodes.push(draw("polyline", { points, fill: "none", "data-series": one.name, "data-kind": kind, stroke: one.color, "stroke-width": width, "stroke-dasharray": one.dash, opacity }));
    }
    if (label && !one.mean) xs.forEach((at, k) => Number.isFinite(one.values[k]) && nodes.push(marked(one, at, y(one.values[k]))));
  }
  return nodes;
}

/** The picture of all series: its SVG, its panels, and `x(step)`; `steps` are all there are, ascending. */
function drawCurves(data, series, steps) {
  const main = series.filter((one) => !one.below);
  const [legend, down] = makeLegend(data, main);
  const panels = [];
  for (const [group, height] of [[main, MAIN], ...series.filter((one) => one.below).map((one) => [[one], STRIP])]) {
    const top = panels.length ? panels.at(-1).bottom + GAP : down + 16;
    if (group.length) panels.push(makePanel(group, top, height, group === main ? data.ylabel : "", group === main ? data.reference : null));
  }
  const first = steps[0] ?? 0;
  const last = Math.max(steps.at(-1) ?? 0, first + 1);
  const bottom = panels.at(-1)?.bottom ?? 60;
  const x = (step) => LEFT + ((RIGHT - LEFT) * (step - first)) / (last - first);
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 44}`, fill: "var(--ink)", "font-size": 12, role: "img", "aria-label": data.sentence },
    written(data.title, LEFT, 20, { "font-size": 14, "font-weight": 600 }), ...legend, ...panels.flatMap((panel) => drawPanel(panel, x, data.smooth)),
    ...ticks(first, last, 8).flatMap((step) => [draw("path", { d: `M${x(step)} ${bottom}v5`, stroke: "var(--ink)" }), written(String(step), x(step), bottom + 18, { "text-anchor": "middle" })]),
    written(data.xlabel, (LEFT + RIGHT) / 2, bottom + 36, { "text-anchor": "middle" }));
  return { svg, panels, x, step: (place) => first + ((last - first) * (place - LEFT)) / (RIGHT - LEFT) };
}

export default {
  initialize,

  render({ model, el }) {
    let data, series, steps, curves; // of the last frame; `steps`: all that have a number, ascending
    let chosen; // the step that the reader chose; until then the cursor follows the last one
    const cursor = draw("g", { class: "cursor", "pointer-events": "none" });
    const picture = make("div", { class: "picture" });
    const note = make("p", { class: "note", role: "status" });
    const bar = slider({ label: "step", min: 0, max: 0, step: 1, value: 0, show: (place) => said(place) }, (place) => {
      chosen = steps[place];
      point(place);
    });
    const root = frame("course-training", `Training curves: ${model.get("data").title}`, CSS, picture, bar.node, note);

    /** Every series at a step, or its latest number before it; of a smoothed one the mean as well. */
    function numbersAt(step) {
      return series.flatMap((one) => {
        const place = placeOf(one.steps, step);
        if (place < 0) return [];
        return [{ ...one, at: one.steps[place], value: one.values[place], average: meanUpTo(one.values, place, data.smooth) }];
      });
    }

    function said(place) {
      if (!steps?.length) return "";
      const step = steps[place];
      const parts = numbersAt(step).map(({ name, at, value, average, mean }) =>
        `${name} ${short(value)}${at === step ? "" : ` (of ${data.xlabel} ${at})`}${mean ? `, mean of the last ${data.smooth} ${short(average)}` : ""}`);
      return `${data.xlabel} ${step}: ${parts.join(" · ")}`;
    }

    /** Put the cursor at a place among the steps. */
    function point(place) {
      const step = steps[place];
      const x = curves.x(step);
      const nodes = [draw("path", { d: `M${x} ${curves.panels[0].top}V${curves.panels.at(-1).bottom}`, stroke: "var(--focus)", "stroke-width": 1.5 })];
      for (const { name, at, value } of numbersAt(step)) {
        const panel = curves.panels.find((one) => one.series.some((drawn) => drawn.name === name));
        if (at === step && Number.isFinite(value))
          nodes.push(draw("circle", { cx: x, cy: panel.y(value), r: 4.5, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 2, "data-name": name, "data-value": value }));
      }
      cursor.replaceChildren(...nodes);
      bar.set(place);
      root.dataset.step = step;
    }

    function refresh() {
      data = model.get("data");
      series = data.series.map((one, k) => ({ ...one, dash: DASHES[k % 4], mark: MARKS[k % 4], steps: numbers(one.steps, Float64Array), values: numbers(one.values, Float64Array) }));
      steps = [...new Set(series.flatMap((one) => [...one.steps]))].sort((a, b) => a - b);
      curves = drawCurves(data, series, steps);
      curves.svg.append(cursor);
      picture.replaceChildren(curves.svg);
      bar.node.firstChild.textContent = data.xlabel;
      bar.input.max = Math.max(steps.length - 1, 0);
      root.dataset.points = series.map((one) => one.values.length).join(" ");
      if (steps.length) point(chosen === undefined ? steps.length - 1 : placeOf(steps, chosen));
      note.textContent = model.get("note");
    }

    picture.addEventListener("pointermove", (event) => {
      const box = picture.firstChild.getBoundingClientRect();
      const step = curves.step(((event.clientX - box.left) / box.width) * WIDTH);
      const place = Math.max(placeOf(steps, step), 0);
      const next = Math.min(place + 1, steps.length - 1);
      const nearest = steps[next] - step < step - steps[place] ? next : place;
      if (steps[nearest] === chosen || !steps.length) return;
      chosen = steps[nearest];
      point(nearest);
    });

    refresh();
    el.append(root);
    return listen(model, { "change:data": refresh, "change:note": refresh });
  },
};
