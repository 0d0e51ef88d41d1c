// The live view of a training's curves. `data` holds the picture (SVG that Python made and escaped), every logged
// number as bytes, and where numbers lie in the picture. The cursor is moved here: by the mouse, or by a slider's keys.

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

export default {
  initialize,

  render({ model, el }) {
    let data, series, steps; // of the last frame; `steps`: all that have a number, ascending
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
        const window = one.values.slice(Math.max(0, place + 1 - data.smooth), place + 1);
        return [{ ...one, at: one.steps[place], value: one.values[place], average: window.reduce((a, b) => a + b, 0) / window.length }];
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
      const [left, right, first, last] = data.across;
      const x = left + ((right - left) * (step - first)) / (last - first);
      const nodes = [draw("path", { d: `M${x} ${data.panels[0].top}V${data.panels.at(-1).bottom}`, stroke: "var(--focus)", "stroke-width": 1.5 })];
      for (const { name, panel, at, value } of numbersAt(step)) {
        const { top, bottom, low, high } = data.panels[panel];
        if (at === step && Number.isFinite(value))
          nodes.push(draw("circle", { cx: x, cy: bottom - ((bottom - top) * (value - low)) / (high - low), r: 4.5, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 2, "data-name": name, "data-value": value }));
      }
      cursor.replaceChildren(...nodes);
      bar.set(place);
      root.dataset.step = step;
    }

    function refresh() {
      data = model.get("data");
      series = data.series.map((one) => ({ ...one, steps: numbers(one.steps, Float64Array), values: numbers(one.values, Float64Array) }));
      steps = [...new Set(series.flatMap((one) => [...one.steps]))].sort((a, b) => a - b);
      picture.innerHTML = data.svg;
      picture.firstChild.append(cursor);
      bar.node.firstChild.textContent = data.xlabel;
      bar.input.max = Math.max(steps.length - 1, 0);
      root.dataset.points = series.map((one) => one.values.length).join(" ");
      if (steps.length) point(chosen === undefined ? steps.length - 1 : placeOf(steps, chosen));
      note.textContent = model.get("note");
    }

    picture.addEventListener("pointermove", (event) => {
      const box = picture.firstChild.getBoundingClientRect();
      const [left, right, first, last] = data.across;
      const x = ((event.clientX - box.left) / box.width) * picture.firstChild.viewBox.baseVal.width;
      const step = first + ((last - first) * (x - left)) / (right - left);
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
