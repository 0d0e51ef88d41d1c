// What every view shares: their modules import it, and LiveView, which has to give a front end one text, joins the two.
// Nothing is fetched from anywhere.

const FRAME = `
.course-view {
  --ink: var(--jp-content-font-color1, var(--vscode-editor-foreground, #1f1f1f));
  --paper: var(--jp-layout-color0, var(--vscode-editor-background, #ffffff));
  --line: color-mix(in srgb, var(--ink) 28%, var(--paper));
  --soft: color-mix(in srgb, var(--ink) 78%, var(--paper));
  --tint: color-mix(in srgb, var(--ink) 5%, var(--paper));
  --right: #009e73;
  --wrong: #d55e00;
  --focus: #0072b2;
  box-sizing: border-box; margin: 0.25em 0; padding: 0.25em;
  color: var(--ink); background: var(--paper);
  font: var(--jp-content-font-size1, 1rem)/1.5 var(--jp-content-font-family, system-ui, sans-serif); overflow-wrap: anywhere;
}
[theme="dark"] .course-view { --ink: #e8eaed; --paper: #202124; --focus: #56b4e9; }
[data-jp-theme-light="false"] .course-view, .vscode-dark .course-view { --focus: #56b4e9; }
.course-view *, .course-view *::before { box-sizing: border-box; }
.course-view :is(input, button, select, textarea, [tabindex]):focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.course-view .spoken { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

/** An element with attributes; `html` is markup that Python escaped, `text` is text. */
export function make(tag, { html, text, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (html !== undefined) node.innerHTML = html;
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

/** An SVG element with attributes. */
export function draw(tag, { text, ...attributes } = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

/** The root of a view: a named region with its style. The notebook's own keys do not act while the focus is inside. */
export function frame(name, label, css, ...children) {
  const root = make("section", { class: `course-view ${name}`, "aria-label": label }, make("style", { text: FRAME + css }), ...children);
  // The notebook would take arrows, Enter and letters for its own: they move cells about. JupyterLab listens after the view, so
  // the event is stopped; Notebook 7 listens before it, but heeds an attribute of the focused node. Ctrl+S and the like may pass.
  for (const type of ["focusin", "keydown", "keyup"]) {
    root.addEventListener(type, (event) => {
      const passes = Boolean(event.ctrlKey || event.metaKey);
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !passes);
      if (type === "keydown" && !passes) event.stopPropagation();
    });
  }
  return root;
}

/** A labelled slider. `show(value)` is what stands beside it and is read aloud; `changed(value)` runs at every move. */
export function slider({ label, min, max, step, value, show = String, ...attributes }, changed) {
  const input = make("input", { type: "range", min, max, step, ...attributes });
  const output = make("output");
  function said() {
    output.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  }
  input.value = value;
  said();
  input.addEventListener("input", () => {
    said();
    changed(Number(input.value));
  });
  const node = make("label", { class: "slider" }, make("span", { text: label }), input, output);
  return { node, input, set: (next) => { input.value = next; said(); } };
}

/** Numbers that Python sent as bytes: `numbers(view, Float32Array)`. Little-endian, as NumPy's are on every machine here. */
export function numbers(view, Type) {
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** Runs once where a front end has received the model, even while the view is out of sight. */
export function initialize({ model }) {
  if (model.get("live")) return;
  model.set("live", true);
  model.save_changes();
}

/** Listen to a model; returns what ends it. */
export function listen(model, handlers) {
  for (const [event, handler] of Object.entries(handlers)) model.on(event, handler);
  return () => {
    for (const [event, handler] of Object.entries(handlers)) model.off(event, handler);
  };
}

/** A button; one that is marked `aria-disabled` keeps the focus and does nothing. */
export function button(text, click, attributes = {}) {
  const node = make("button", { type: "button", text, ...attributes });
  node.addEventListener("click", () => node.getAttribute("aria-disabled") !== "true" && click());
  return node;
}

/** Back, step, play, and a slider that shows where it is; `every` is the pause in milliseconds, `by` the stride. */
export function player({ label, min = 0, max, at = min, every, by = 1, show }, changed) {
  let timer;
  const where = slider({ label, min, max, step: 1, value: at, show }, (value) => { stop(); at = value; changed(at); });
  const play = button("▶ Play", () => (timer ? stop() : start()), { class: "main" });
  const back = button("◀ Back", () => { stop(); move(at - 1); });
  const step = button("Step ▶", () => { stop(); move(at + 1); });
  function move(next) {
    at = Math.min(where.input.max, Math.max(min, next));
    where.set(at);
    changed(at);
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "▶ Play";
  }
  function start() {
    if (at >= where.input.max) move(min);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return move(where.input.max); // nothing moves by itself
    play.textContent = "⏸ Pause";
    timer = setInterval(() => {
      move(at + by);
      if (at >= where.input.max || !play.isConnected) stop();
    }, every);
  }
  return { back, step, play, node: where.node, move, stop, limit: (last) => { where.input.max = last; } };
}

const LATE = 3000, LOST = 5000; // milliseconds without an answer: the view says so; the next question goes out all the same

/**
 * Questions to Python: one is under way at a time, and of those asked meanwhile the last is next. `answered(reply, question)`
 * draws an answer; it has no `question` if another view of this output asked. An older answer never comes after a newer one.
 * `busy(is)` follows; `failed()` runs when Python raised an error, which `node` shows; `pause()` milliseconds pass before the next.
 */
export function asking(model, { answered, busy = () => {}, failed = () => {}, pause = () => 0 }) {
  const node = make("p", { class: "foot", role: "status" });
  let waiting, next, timer;
  let latest = model.get("reply")?.ask ?? 0;

  function send() {
    busy(Boolean(waiting || next));
    if (waiting || !next) return;
    clearTimeout(timer);
    const rest = pause();
    if (rest > 0) { timer = setTimeout(send, rest); return; }
    waiting = { question: next, ask: Math.max(model.get("state").ask ?? 0, latest) + 1, at: Date.now() };
    next = undefined;
    model.set("note", ""); // so that the same complaint twice is heard twice
    model.set("state", { ...waiting.question, ask: waiting.ask });
    model.save_changes();
    timer = setTimeout(() => { node.textContent = model.get("late") ?? "Waiting for Python: is the kernel busy, or gone?"; }, LATE);
  }
  function done() {
    clearTimeout(timer);
    waiting = undefined;
  }
  function heard() {
    const reply = model.get("reply");
    if (reply.ask < latest) return;
    latest = reply.ask;
    const question = reply.ask === waiting?.ask ? waiting.question : undefined;
    if (question) done();
    node.textContent = model.get("note");
    answered(reply, question);
    if (question) send();
  }
  function noted() {
    node.textContent = model.get("note");
    if (!node.textContent || !waiting || model.get("reply").ask === waiting.ask) return; // it comes with its answer
    done();
    failed();
    send();
  }

  node.textContent = model.get("note");
  const end = listen(model, { "change:reply": heard, "change:note": noted });
  return {
    node,
    ask(question) {
      next = question;
      if (waiting && Date.now() - waiting.at > LOST) done();
      send();
    },
    stop() { clearTimeout(timer); end(); },
  };
}
