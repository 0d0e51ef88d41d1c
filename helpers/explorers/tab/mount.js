// Explorers without a kernel: on a page, the static form of an explorer gives its place to the live one, whose numbers come
// from the model in the tab. The drawing is the notebook's own: it is handed a model as anywidget would hand it one.
//
// A static form that can live is an element with the attribute data-explorer, in JSON (`tab.marked` in __init__.py writes it):
//
//   { "view": "model", "checkpoint": "storybook-gpt2", … }      whatever else the view needs: its *call*
//
// For each view there are two modules. ../NAME.js draws, as in a notebook. NAME.js in this folder stands for ../NAME.py:
//
//   export async function open(engine, call, { files }) → { data, note, answer }
//
//   engine   ../engine/engine.js with the checkpoint loaded: one for each checkpoint and page, shared by all explorers.
//            `engine.loaded` is what `load` found: { config, bytes, special }. A call without a checkpoint gets undefined.
//   files    `await files("storybook-bert")` are the File objects of another checkpoint, for its tokenizer.json alone.
//   data     what `view()` in Python gets as `data`; where Python sends bytes, a typed array of the same numbers.
//   note     the line at the foot at first (optional).
//   answer   `answer(state)`, if the view asks: [reply, note] or a promise of them, as Python's; an Error becomes the note.
//            One question is answered at a time. `state.ask` is its number, which the reply gets by itself.
//
// The model knows get, set, save_changes, on, off and send (which does nothing). `set` fires "change:NAME" at once, as
// Backbone's does. In a page that nothing can live in, the static form stays, and a line under it says why.

import { inlined, spelled, start, unzipped } from "../engine/engine.js";

const NEAR = "600px"; // as far below the screen an explorer starts

/** Why nothing can live in this browser, or an empty text. */
function missing() {
  const lacking = ["WebAssembly", "Worker", "DecompressionStream", "IntersectionObserver"].filter((name) => !(name in globalThis));
  return lacking.length ? `This stays a picture, because your browser has no ${lacking.join(" and no ")}; a newer one runs the model here.` : "";
}

/** What anywidget calls a model: values by name, and who is told of changes. What is saved is answered. */
export function tabModel({ data, note = "", answer }) {
  const values = { data, note, state: {}, reply: {}, live: true, late: "The model is still computing." };
  const listeners = new Map();
  let asked = false, queue = Promise.resolve();

  function fire(names) {
    for (const name of names) for (const handler of [...(listeners.get(`change:${name}`) ?? [])]) handler();
  }
  function set(changes) {
    const changed = Object.keys(changes).filter((name) => values[name] !== changes[name]);
    Object.assign(values, changes);
    if (changed.includes("state")) asked = true;
    fire(changed);
  }
  async function reply(state) {
    try {
      const [found, line] = await answer(state);
      set({ reply: { ask: state.ask, ...found }, note: line ?? "" });
    } catch (error) {
      set({ note: error.message });
    }
  }
  return {
    get: (name) => values[name],
    set: (name, value) => set(typeof name === "string" ? { [name]: value } : name),
    save_changes() {
      if (!asked || !answer) return;
      asked = false;
      const { state } = values;
      queue = queue.then(() => reply(state));
    },
    on: (event, handler) => listeners.set(event, [...(listeners.get(event) ?? []), handler]),
    off: (event, handler) => listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== handler)),
    send() {},
  };
}

/** What a page's explorers share. `views` has, by name, { draw, open }; `base` is the address of the folder with the checkpoints. */
export function tab({ views, worker, base }) {
  const [scripts, engines] = [new Map(), new Map()];

  function once(map, name, make) {
    if (!map.has(name)) map.set(name, make());
    return map.get(name);
  }
  /** The files of a checkpoint that the page brings: a script, because a page from a disk may load nothing else. */
  const files = (name) => once(scripts, name, () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${base}${name}.js`;
    script.onload = () => resolve(unzipped(spelled(globalThis.courseFiles[name])));
    script.onerror = () => reject(new Error(`The file ${name}.js could not be read.`));
    document.head.append(script);
  }));
  /** An engine of its own for these files. */
  async function engineOf(found) {
    const engine = start(inlined(worker));
    try {
      engine.loaded = await engine.load(found);
    } catch (error) {
      engine.close();
      throw error;
    }
    return engine;
  }
  const bundled = (name) => once(engines, name, async () => engineOf(await files(name)));

  /** The live explorer of a call as an element that is not on the page yet, and what ends it. */
  async function live(call, engine) {
    const { draw, open } = views[call.view];
    const model = tabModel(await open(engine ?? (call.checkpoint && await bundled(call.checkpoint)), call, { files }));
    const el = document.createElement("div");
    el.className = "tab-live";
    const end = await draw.render({ model, el });
    return { el, end: end ?? (() => {}) };
  }
  return { files, engineOf, live };
}

/** Views look for JupyterLab's mark of a dark theme; here it follows the page's background. */
function shaded(host) {
  function mark() {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    host.dataset.jpThemeLight = String(r + g + b > 384);
  }
  mark();
  new MutationObserver(mark).observe(document.body, { attributes: true, attributeFilter: ["data-theme", "class"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", mark);
}

const frame = () => new Promise((done) => requestAnimationFrame(done));
const seen = (node) => { const { top, bottom } = node.getBoundingClientRect(); return bottom > 0 && top < innerHeight; };

/** One static form on the page, and how it comes alive. */
function mounted(host, page) {
  const call = JSON.parse(host.dataset.explorer);
  const status = document.createElement("p");
  status.className = "tab-status";
  status.setAttribute("role", "status");
  host.append(status);
  shaded(host);
  let current, latest = 0;

  /** Lays the live form over the static one, unseen, until it is drawn at its width. */
  async function prepared(engine, own) {
    const made = await page.live({ ...call, ...own }, engine);
    made.el.classList.add("tab-hidden");
    host.append(made.el);
    await frame();
    await frame(); // a view measures its width, and draws again
    return made;
  }
  /** The live form is as high as what it shows, but at this width never lower than what was there at first. */
  let width = 0;
  const sized = new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    host.style.minHeight = "";
  });
  function swap(made) {
    current?.end();
    width = host.clientWidth;
    const before = host.offsetHeight;
    made.el.classList.remove("tab-hidden");
    host.replaceChildren(made.el, status);
    host.style.minHeight = `${Math.max(before, host.offsetHeight)}px`;
    host.dataset.alive = "";
    status.textContent = "";
    sized.disconnect();
    sized.observe(made.el);
    current = made;
  }
  /** Takes the static form's place. Where that would move what the reader is looking at, a button asks first. */
  async function begin() {
    latest += 1;
    const mine = latest;
    try {
      status.textContent = "The model is starting…";
      const made = await prepared();
      if (mine !== latest) return made.end();
      if (!seen(host) || made.el.offsetHeight <= host.clientHeight) return swap(made);
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Start";
      button.addEventListener("click", () => { swap(made); made.el.querySelector("button")?.focus(); });
      status.replaceChildren("The model is ready. ", button);
    } catch (error) {
      if (mine === latest) status.textContent = `This stays a picture: ${error.message}`;
    }
  }
  return {
    host, call, status, begin,
    /** The reader's own model in this place. Throws the Error that says why not; then all stays as it is. */
    async own(files, more) {
      latest += 1;
      const engine = await page.engineOf(files);
      try {
        const made = await prepared(engine, more(engine.loaded.config));
        const { end } = made;
        swap({ ...made, end() { end(); engine.close(); } });
      } catch (error) {
        engine.close();
        throw error;
      }
    },
  };
}

/** The files of a drop: those of a folder, and of the folders in it. */
async function dropped({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...files];
  const read = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));
  async function inside(entry, depth = 0) {
    if (entry.isFile) return [await read(entry)];
    if (depth > 1) return [];
    const reader = entry.createReader(), found = [];
    for (let more = true; more;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      found.push(...some);
      more = some.length > 0;
    }
    return (await Promise.all(found.map((one) => inside(one, depth + 1)))).flat();
  }
  const folder = entries.find((entry) => entry.isDirectory);
  return (await Promise.all((folder ? [folder] : entries).map((entry) => inside(entry)))).flat();
}

/** A place where a reader's own model can be dropped or chosen, for the explorer `view`. */
function ownModel(zone, view) {
  const says = zone.querySelector("[role=status]");
  async function take(files) {
    const [config] = files.filter((file) => file.name === "config.json");
    says.textContent = "Your model is being read…";
    try {
      const path = config?.webkitRelativePath.split("/").at(-2);
      await view.own(files, ({ model_type }) => ({
        checkpoint: path || "your model",
        text: model_type === "bert" ? "The old woman opened the [MASK], and the cat ran out." : view.call.text,
      }));
      says.textContent = "Your model runs in the tour above. Nothing of it has left this page.";
      view.host.scrollIntoView({ block: "nearest" });
    } catch (error) {
      says.textContent = error.message;
    }
  }
  for (const input of zone.querySelectorAll("input")) input.addEventListener("change", () => input.files.length && take([...input.files]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(await dropped(event.dataTransfer));
  });
}

/** Finds the explorers of this page; each starts when it comes near the screen, or is touched, and not before the first paint. */
export function begin(options) {
  const found = [...document.querySelectorAll("[data-explorer]")].filter((host) => JSON.parse(host.dataset.explorer).view in options.views);
  const why = missing();
  const page = tab(options);
  const views = found.map((host) => mounted(host, page));
  if (why) {
    for (const { status } of views) status.textContent = why;
    return page;
  }
  const started = new Set();
  function wake(view) {
    if (started.has(view)) return;
    started.add(view);
    view.begin();
  }
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) wake(views.find(({ host }) => host === entry.target));
  }, { rootMargin: NEAR });
  for (const view of views) for (const touch of ["pointerdown", "focusin"]) view.host.addEventListener(touch, () => wake(view), { once: true });
  const watch = () => frame().then(() => setTimeout(() => { for (const { host } of views) watcher.observe(host); }, 50));
  if (document.readyState === "complete") watch();
  else addEventListener("load", watch);
  const zone = document.querySelector("[data-own-model]");
  if (zone) ownModel(zone, views.find(({ call }) => call.view === "model"));
  return page;
}
