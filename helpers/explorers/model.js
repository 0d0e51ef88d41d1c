// The tour: one sentence goes through a whole model, stage by stage. The stages are in `stages.js`; here is what they hang in,
// and where their numbers come from. `tour` takes any backend with four functions that promise an answer:
//
//   trace(text, layer)   what the model computes for a text, a trace
//   next(ids, layer)     the same for tokens
//   after(ids)           of a trace only what a draw needs: all, text, logits, likely and names
//   named(ids)           the names of these tokens
//
// A trace is what `Tracer.trace` in `model.py` describes; a block that it leaves out (a null among `steps`) is asked for, as
// `layer`, when the reader comes to it.

import { asking, button, frame, initialize, make, numbers } from "../show.js";
import { NAMES, bare, drawn, renderStage } from "./stages.js";

const CSS = `
.course-model { max-width: 50em; container-type: inline-size; }
.course-model p { margin: 0; }
.course-model :is(button, select, textarea) { color: var(--ink); background: var(--paper); font: inherit; border: 1px solid var(--soft); border-radius: 0.45em; }
.course-model button { margin: 0; padding: 0.2em 0.7em; cursor: pointer; }
.course-model button:hover { background: var(--tint); }
.course-model .rail { display: flex; margin: 0 0 0.9em; padding: 0; list-style: none; }
.course-model .rail li { flex: 1 1 0; min-width: 0; position: relative; margin: 0; text-align: center; }
.course-model .rail li + li::before { content: ""; position: absolute; top: 11px; right: calc(50% + 7px); width: calc(100% - 14px); height: 2px; background: var(--line); }
.course-model .rail li.past::before, .course-model .rail li.now::before { background: #0072b2; }
.course-model .rail button { position: relative; vertical-align: top; z-index: 1; width: 100%; padding: 22px 1px 0; border: 0; background: none; font-size: 0.75em; line-height: 1.2; color: var(--soft); overflow-wrap: normal; }
.course-model .rail button::before { content: ""; position: absolute; top: 5px; left: calc(50% - 7px); width: 14px; height: 14px; border: 2px solid var(--line); border-radius: 50%; background: var(--paper); }
.course-model .rail .past button::before { border-color: #0072b2; background: #cfe5f3; }
.course-model .rail .now button { color: var(--ink); font-weight: 650; }
.course-model .rail .now button::before { border-color: #d55e00; background: #d55e00; }
.course-model .rail button:hover::before { border-color: var(--ink); }
.course-model .top { display: flex; flex-wrap: wrap; gap: 0.3em 1em; align-items: center; }
.course-model .title { flex: 1 1 12em; font-size: 1.25em; font-weight: 650; line-height: 1.3; outline: none; }
.course-model .walk { display: flex; gap: 0.4em; align-items: center; }
.course-model .walk button { padding: 0.35em 1em; text-align: center; }
.course-model .walk .main { color: var(--paper); background: var(--ink); border-color: var(--ink); font-weight: 600; }
.course-model .walk .main:hover { background: var(--soft); }
.course-model .walk [aria-disabled="true"] { opacity: 0.4; cursor: default; }
.course-model .say { margin: 0.5em 0 0.8em; min-height: 6em; max-width: 46em; }
.course-model .say b { font-weight: 650; }
.course-model .controls { display: flex; flex-wrap: wrap; gap: 0.5em 1.4em; align-items: center; }
.course-model :is(.controls, .hint):empty { display: none; }
.course-model .controls textarea { display: block; width: 100%; padding: 0.5em 0.7em; font-size: 1.15em; resize: vertical; }
.course-model .choices { display: flex; flex-wrap: wrap; gap: 0.3em; align-items: center; margin: 0; }
.course-model .choices > span { margin-right: 0.3em; color: var(--soft); }
.course-model .choices button { display: inline-flex; gap: 0.4em; align-items: center; min-width: 2em; padding: 0.1em 0.5em; justify-content: center; }
.course-model .choices button[aria-pressed="true"] { color: var(--paper); background: var(--ink); }
.course-model .choices canvas { width: 30px; height: 30px; background: var(--paper); image-rendering: pixelated; }
.course-model select { padding: 0.15em 0.3em; }
.course-model .slider { display: flex; flex: 1 1 13em; flex-wrap: wrap; gap: 0 0.5em; align-items: center; min-width: 0; max-width: 100%; margin: 0; }
.course-model .slider input { flex: 1 1 4em; min-width: 0; margin: 0; accent-color: var(--focus); }
.course-model .slider output { min-width: 2.2em; font-variant-numeric: tabular-nums; }
.course-model .picture { margin: 0.7em 0 0.4em; }
.course-model svg { display: block; max-width: 100%; height: auto; overflow: visible; font: 13px var(--jp-content-font-family, system-ui, sans-serif); }
.course-model svg text.soft { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.course-model svg text.strong { fill: var(--ink); font-size: 13px; font-weight: 650; }
.course-model svg text.sign { fill: var(--ink); font-size: 16px; }
.course-model svg .table { fill: var(--tint); stroke: var(--soft); }
.course-model svg .press { cursor: pointer; }
.course-model svg .press:hover :is(rect, .rim) { stroke: var(--ink); stroke-width: 2; }
.course-model svg .gone { opacity: 0.75; }
.course-model .cells { image-rendering: pixelated; }
.course-model :is(.flows, .tokens) { display: flex; flex-wrap: wrap; gap: 0.3em 0; margin: 0.3em 0; padding: 0; list-style: none; }
.course-model .flows li { display: flex; flex: 1 1 8em; align-items: stretch; margin: 0; }
.course-model .flows li + li::before { content: "→"; flex: none; align-self: center; padding: 0 0.3em; color: var(--soft); }
.course-model .flow { display: flex; flex: 1; flex-direction: column; align-items: center; justify-content: center; min-height: 4.6em; padding: 0.4em; line-height: 1.25; border-width: 1.4px; }
.course-model .flow small { font-size: 0.75em; }
.course-model .glimpse { display: flex; gap: 3px; align-items: center; justify-content: center; width: 100%; max-width: 110px; height: 42px; margin-bottom: 0.35em; }
.course-model canvas.glimpse { image-rendering: auto; background: #ffffff; border: 1px solid #0072b2; }
.course-model .glimpse canvas { flex: 1 1 0; min-width: 0; max-width: 30px; aspect-ratio: 1; background: #ffffff; image-rendering: pixelated; }
.course-model .pieces { flex-direction: column; gap: 1px; }
.course-model .pieces i { padding: 0 0.5em; border: 1px solid currentcolor; border-radius: 0.5em; background: #ffffff; font: 10.5px/1.1 var(--jp-content-font-family, system-ui, sans-serif); }
.course-model .pieces i:only-child { padding: 0.3em 0.8em; font-size: 14px; }
.course-model .peaks { align-items: end; }
.course-model .peaks i { width: 8px; background: #cc79a7; }
.course-model .tokens { gap: 0.5em; }
.course-model .token { display: flex; flex-direction: column; align-items: center; padding: 0.4em 0.8em; border-width: 1.4px; border-radius: 0.7em; font-size: 1.25em; line-height: 1.35; }
.course-model .token small { font-size: 0.75em; font-variant-numeric: tabular-nums; }
.course-model :is(.flow, .token), .course-model :is(.flow, .token):hover { color: #1f1f1f; }
.course-model .blue, .course-model .blue:hover { background: #cfe5f3; border-color: #0072b2; }
.course-model .orange, .course-model .orange:hover { background: #fbe6bf; border-color: #e69f00; }
.course-model .pink, .course-model .pink:hover { background: #f3dce8; border-color: #cc79a7; }
.course-model .red, .course-model .red:hover { background: #f5d3bd; border-color: #d55e00; }
.course-model .sentence b { color: color-mix(in srgb, #d55e00 70%, var(--ink)); font-weight: inherit; }
.course-model .sentence { margin: 0.6em 0 0; padding: 0.6em 0.8em; border: 1px solid var(--line); border-radius: 0.45em; font-size: 1.15em; white-space: pre-wrap; }
.course-model mark { padding: 0.05em 0.3em; border: 1.4px solid #d55e00; border-radius: 0.4em; color: #1f1f1f; background: #f5d3bd; white-space: pre; }
.course-model .hint { display: flex; flex-wrap: wrap; gap: 0.3em 0.8em; align-items: center; color: var(--soft); font-size: 0.875em; }
.course-model .opened { margin-top: 0.5em; padding: 0.5em 0.8em; border-left: 4px solid #0072b2; background: var(--tint); }
.course-model .opened p { display: flex; gap: 0.5em; align-items: baseline; }
.course-model .opened p > span { flex: 1; }
.course-model .opened code { padding: 0; color: var(--soft); background: none; }
.course-model .opened .all { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.2em, 1fr)); gap: 0 0.4em; max-height: 9.5em; margin-top: 0.3em; overflow: auto; font: 0.85em/1.6 var(--jp-code-font-family, monospace); text-align: right; }
.course-model .foot { min-height: 1.5em; color: var(--soft); font-size: 0.875em; }
.course-model[data-busy] .walk .main { opacity: 0.6; }
[data-jp-theme-light="false"] .course-model .cells, .vscode-dark .course-model .cells, [theme="dark"] .course-model .cells { filter: brightness(1.45); }
@container (max-width: 36em) {
  .course-model .rail { padding: 0 1em; }
  .course-model .rail button { height: 24px; padding: 0; overflow: hidden; font-size: 0; }
  .course-model .rail .now { display: flex; justify-content: center; height: 42px; }
  .course-model .rail .now button { flex: none; width: max-content; height: 40px; white-space: nowrap; padding-top: 22px; overflow: visible; font-size: 0.8em; }
  .course-model .top { display: contents; }
  .course-model .walk { position: sticky; top: var(--header-height, 0px); z-index: 2; width: 100%; padding: 0.4em 0; background: var(--paper); }
  .course-model .walk button { flex: 1; }
  .course-model .flows li { flex-basis: 100%; flex-direction: column; align-items: stretch; }
  .course-model .flows li + li::before { content: "↓"; line-height: 1.1; }
  .course-model .flow { flex-direction: row; gap: 0.7em; justify-content: flex-start; min-height: 0; text-align: left; }
  .course-model .flow .glimpse { width: 96px; margin: 0; }
}
@media (prefers-reduced-motion: no-preference) {
  .moves .grow { stroke-dasharray: 1; animation: course-grow 0.7s ease-out; }
  .moves .bar { transform-box: fill-box; transform-origin: left; animation: course-widen 0.5s ease-out; }
  .moves .fresh { animation: course-arrive 0.9s ease-out; }
  .moves .needle { animation: course-fall 0.6s ease-in-out; }
  .moves mark { animation: course-arrive 0.8s 0.3s ease-out backwards; }
}
@keyframes course-grow { from { stroke-dashoffset: 1; } to { stroke-dashoffset: 0; } }
@keyframes course-widen { from { transform: scaleX(0); } }
@keyframes course-arrive { from { transform: translateY(-1.6em); opacity: 0; } }
@keyframes course-fall { from { transform: translateY(-14px); opacity: 0; } }
`;

const WIDEST = 760, NARROWEST = 280;
const WRITTEN = 20, PACE = 150; // tokens that the button writes, and at least so many milliseconds for each

/** The view of a tour that begins with the trace `first`. Returns its root, and what ends it. */
export function tour(backend, first, options) {
  const rounds = [first]; // one for each token that was drawn
  const stages = options.stages;
  const state = { stage: options.start, layer: options.layer, head: options.head, seed: options.seed, cuts: { ...options.cuts }, token: first.place, width: 640, where: options.where ?? "", typed: first.text };
  let waiting = 0; // the number of the last promise: an older one that is kept late is not heeded

  const rail = stages.map((stage, i) => {
    const node = make("li", {}, button(NAMES[stage], () => go(stage), { "aria-label": `stage ${i + 1}: ${NAMES[stage]}` }));
    return node;
  });
  const title = make("p", { class: "title", tabindex: -1 });
  const [say, controls, picture, hint, opened] = [make("p", { class: "say" }), make("div", { class: "controls" }), make("div", { class: "picture" }), make("div", { class: "hint" }), make("div", {})];
  const spoken = make("p", { class: "spoken", role: "status" });
  const back = button("◀ Back", () => walk(-1));
  const onward = button("Next ▶", () => walk(1), { class: "main" });
  const root = frame("course-model", `A sentence goes through ${first.model}`, CSS,
    make("ol", { class: "rail", "aria-label": "Stages of the tour" }, ...rail),
    make("div", { class: "top" }, title, make("div", { class: "walk" }, back, onward)),
    say, controls, picture, hint, opened, spoken, backend.node ?? "");

  const trace = () => rounds.at(-1);
  const act = {
    open, go,
    choose(change) { if (!state.writing) Object.assign(state, change); arrive(); },
    tune(change) { Object.assign(state.cuts, change); paint({ still: true }); },
    type(typed) {
      state.empty = !typed.trim();
      if (!state.empty) return wait(backend.trace(typed, state.layer), (found) => { rounds.splice(0, rounds.length, found); state.typed = typed; });
      waiting += 1;
      paint();
    },
    write() { if (state.writing) finish(); else write(); },
  };

  function go(stage, change = {}) {
    if (state.empty) return;
    if (state.writing) return finish({ ...change, stage });
    const other = stage !== state.stage;
    Object.assign(state, change, { stage });
    if (other) close();
    arrive();
  }
  /** One stage on or back; behind the last one the token that was drawn joins the text, and on the way back it leaves again. */
  function walk(by) {
    if (state.empty) return;
    if (state.writing) return finish();
    const at = stages.indexOf(state.stage) + by;
    if (at >= stages.length) {
      if (trace().kind === "next") wait(backend.next([...trace().all, drawn(trace(), state).id], state.layer), (found) => {
        found.fresh = found.tokens.length - 1;
        rounds.push(found);
        state.stage = "tokens";
      });
      return;
    }
    if (by < 0 && at <= 0 && rounds.length > 1) {
      rounds.pop();
      state.token = trace().place;
      go(stages.at(-1));
    } else if (at >= 0) go(stages[at]);
  }
  /** The same loop without the stops: draw a token, put it behind the text, ask for the chances of the next one. */
  async function write() {
    waiting += 1;
    const mine = waiting;
    state.writing = "starts";
    close();
    rounds.push(trace());
    paint({ still: true });
    state.writing = "on"; // from here on its button stays the same one, so that it can be pressed
    for (let n = 0; n < WRITTEN && mine === waiting; n += 1) {
      const { id } = drawn(trace(), state);
      const [found] = await Promise.all([backend.after([...trace().all, id]), new Promise((done) => { setTimeout(done, PACE); })]);
      if (mine !== waiting) return;
      rounds.splice(-1, 1, { ...trace(), order: undefined, ...found });
      if (id === trace().end) break;
      paint({ still: true });
    }
    if (mine === waiting) finish();
  }
  /** The writing ends: now the stages follow the text that there is. */
  function finish(change = {}) {
    wait(backend.next(trace().all, state.layer), (found) => {
      rounds.splice(-1, 1, found);
      Object.assign(state, change, { writing: false });
    });
  }
  /** What was promised is awaited; only the last promise counts. */
  function wait(promised, use) {
    waiting += 1;
    const mine = waiting;
    promised.then((found) => {
      if (mine !== waiting) return;
      const before = trace();
      use(found);
      if (trace().ids.length !== before.ids.length || state.token >= trace().tokens.length) state.token = trace().place;
      close();
      arrive();
    });
  }
  /** Draw the stage, if its block is there; otherwise fetch it. */
  function arrive() {
    const { steps, all, fresh, names } = trace();
    const it = state.stage === "draw" && drawn(trace(), state);
    if (it && !names[it.k]) { // a rare token was drawn: its name was not sent
      wait(backend.named([it.id]), (found) => { [names[it.k]] = found.names; });
    } else if ((state.stage === "attention" || state.stage === "feed_forward") && !steps[state.layer]) {
      wait(backend.next(all, state.layer), (found) => rounds.splice(-1, 1, { ...found, fresh }));
    } else paint();
  }

  function open({ name, shape, values, spoken: what, columns }) {
    if (root.dataset.opened === name) return close();
    const all = make("div", { class: "all", tabindex: 0, role: "region", "aria-label": `The numbers of ${name}` }, ...Array.from(values, (value) => make("span", { text: value.toFixed(3).replace("-", "−") })));
    if (columns) all.style.gridTemplateColumns = `repeat(${columns}, minmax(4.2em, 1fr))`;
    opened.className = "opened";
    opened.replaceChildren(make("p", {}, make("span", {}, make("b", { text: what }), ` · shape ${shape} · `, make("code", { text: name })), button("×", close, { "aria-label": "close the numbers" })), all);
    spoken.textContent = `${what}, ${name}, shape ${shape}. ${[...values].slice(0, 5).map((value) => value.toFixed(3)).join(", ")} and so on.`;
    root.dataset.opened = name;
  }
  function close() {
    const focused = opened.contains(document.activeElement) && [...root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === root.dataset.opened);
    opened.className = "";
    opened.replaceChildren();
    delete root.dataset.opened;
    focused?.focus?.();
  }

  function paint({ still = false } = {}) {
    const key = root.contains(document.activeElement) ? document.activeElement.dataset?.key : undefined;
    const lost = [controls, picture, hint].some((part) => part.contains(document.activeElement));
    const at = stages.indexOf(state.stage);
    const same = root.dataset.stage === state.stage;
    const made = renderStage(trace(), state, act);
    picture.classList.toggle("moves", !still);
    title.textContent = made.title;
    say.replaceChildren(...made.say);
    if (!(same && made.keep)) controls.replaceChildren(...made.controls);
    picture.replaceChildren(made.picture);
    const more = (made.boxes ?? []).map((one) => button(one.title, () => open(one), { "data-key": one.name }));
    const [chart, strips] = [picture.querySelector(".bars"), picture.querySelector(".cells")];
    hint.replaceChildren(...(chart ? ["Press a chart to open its numbers."] : strips ? ["Press a strip to open its numbers."] : []), ...more);
    rail.forEach((node, i) => {
      node.className = i < at ? "past" : i === at ? "now" : "";
      if (i === at) node.firstChild.setAttribute("aria-current", "step");
      else node.firstChild.removeAttribute("aria-current");
    });
    const end = at === stages.length - 1;
    onward.textContent = end && trace().kind === "next" ? `Add ‘${bare(drawn(trace(), state).name)}’ and go on ▶` : "Next ▶";
    onward.setAttribute("aria-disabled", Boolean(state.empty || state.writing || (end && trace().kind !== "next")));
    back.textContent = at === 0 && rounds.length > 1 ? "◀ Take the last token back" : "◀ Back";
    back.setAttribute("aria-disabled", Boolean(state.empty || state.writing || (at === 0 && rounds.length === 1)));
    const boxes = [...picture.querySelectorAll("[role=button]")];
    (boxes.find((one) => one.dataset.key === `token ${state.token}`) ?? boxes[0])?.setAttribute("tabindex", 0);
    if (lost && !root.contains(document.activeElement)) ([...root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key) ?? title).focus();
    if (!still) spoken.textContent = `Stage ${at + 1} of ${stages.length}. ${made.title}. ${say.textContent} ${made.alt}`;
    Object.assign(root.dataset, { stage: state.stage, round: rounds.length - 1, token: state.token, block: `${state.layer}.${state.head}`, tokens: trace().tokens.join(" "), text: trace().text, writing: Boolean(state.writing), width: state.width });
  }

  root.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape" && root.dataset.opened) return close();
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, .all")) return;
    const boxes = [...picture.querySelectorAll("[role=button]")];
    const here = boxes.indexOf(target);
    if (key === "ArrowRight") walk(1);
    else if (key === "ArrowLeft") walk(-1);
    else if (here >= 0 && (key === "ArrowDown" || key === "ArrowUp")) {
      const next = boxes[here + (key === "ArrowDown" ? 1 : -1)];
      if (next) {
        target.setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      }
    } else return;
    event.preventDefault();
  });

  const watcher = new ResizeObserver(() => {
    const width = Math.round(Math.max(NARROWEST, Math.min(WIDEST, picture.clientWidth)));
    if (!picture.clientWidth || Math.abs(width - state.width) < 4) return;
    state.width = width;
    paint({ still: true });
  });
  watcher.observe(picture);
  arrive();
  return { root, stop: () => watcher.disconnect() };
}

// --- the kernel as a backend ------------------------------------------------------------------------

/** A trace as it came from Python, its bytes as numbers. */
function received(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return Array.isArray(value) ? value.map(received) : value;
  if (value.data && value.shape) return { shape: value.shape, data: numbers(value.data, Float32Array) };
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, received(one)]));
}

/** Python, behind `asking`: of several questions only the last one's promise is kept. */
function kernel(model, busy) {
  let pending;
  const question = asking(model, {
    busy,
    answered(reply, own) { if (own && own === pending?.wish) pending.keep(received(reply.found ?? reply.trace)); },
  });
  const ask = (wish) => new Promise((keep) => {
    pending = { wish, keep };
    question.ask(wish);
  });
  return {
    node: question.node, stop: question.stop,
    trace: (text, layer) => ask({ text, layer }),
    next: (ids, layer) => ask({ ids, layer }),
    after: (ids) => ask({ after: ids }),
    named: (ids) => ask({ named: ids }),
  };
}

export default {
  initialize,

  render({ model, el }) {
    const { trace, ...options } = model.get("data");
    let view;
    const backend = kernel(model, (is) => view?.root.toggleAttribute("data-busy", is));
    view = tour(backend, received(model.get("reply").trace ?? trace), options);
    el.append(view.root);
    return () => { backend.stop(); view.stop(); };
  },
};
