// What every view shares; LiveView puts it in front of the view's own module. Nothing is fetched from anywhere.

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
function make(tag, { html, text, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (html !== undefined) node.innerHTML = html;
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

/** An SVG element with attributes. */
function draw(tag, { text, ...attributes } = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

/** The root of a view: a named region with its style. The notebook's own keys do not act while the focus is inside. */
function frame(name, label, css, ...children) {
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
function slider({ label, min, max, step, value, show = String, ...attributes }, changed) {
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
function numbers(view, Type) {
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** Runs once where a front end has received the model, even while the view is out of sight. */
function initialize({ model }) {
  if (model.get("live")) return;
  model.set("live", true);
  model.save_changes();
}

/** Listen to a model; returns what ends it. */
function listen(model, handlers) {
  for (const [event, handler] of Object.entries(handlers)) model.on(event, handler);
  return () => {
    for (const [event, handler] of Object.entries(handlers)) model.off(event, handler);
  };
}

