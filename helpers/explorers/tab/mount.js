// Explorers without a kernel: on a page, the live form of an explorer replaces the static one, and its numbers come
// from the model in the tab. The drawing is the notebook's: it is given a model as anywidget would give it one.
//
// A static form that can become live is an element with the attribute data-explorer, in JSON (`tab.alive` in __init__.py writes it):
//
//   { "view": "model", "checkpoint": "storybook-gpt2", … }      and whatever else the view needs: its *call*
//
// For each view there are two modules. ../NAME.js draws, as in a notebook. NAME.js in this folder replaces ../NAME.py:
//
//   export async function open(engine, call, { files }) → { data, note, answer }
//
//   engine   ../engine/engine.js with the checkpoint loaded: one for each checkpoint and page, shared by all explorers.
//            `engine.loaded` is what `load` found: { config, bytes, special }. A call without a checkpoint gets undefined.
//   files    `await files("storybook-bert")` are the File objects of another checkpoint, for only its tokenizer.json.
//   data     what `view()` in Python gets as `data`; where Python sends bytes, a typed array of the same numbers.
//   note     the line at the foot at first (optional).
//   answer   `answer(state)`, if the view asks: [reply, note] or a promise of them, as Python's; an Error becomes the note.
//            One question is answered at a time. `state.ask` is its number, which is added to the reply automatically.
//
// The model knows get, set, save_changes, on, off and send (which does nothing). `set` fires "change:NAME" at once, as
// Backbone's does. If a page cannot run it, the static form stays, and a line under it says why. An element that has data-asks
// as well has no static form: it waits until its button is pressed.

import { inlined, spelled, start, unzipped } from "../engine/engine.js";

const NEAR = "600px"; // how far below the screen an explorer starts

/** Why this browser cannot run an explorer, or an empty text. */
function missing() {
  const lacking = ["WebAssembly", "Worker", "DecompressionStream", "IntersectionObserver"].filter((name) => !(name in globalThis));
  return lacking.length ? `This stays a picture, because your browser has no ${lacking.join(" and no ")}; a newer one runs the model here.` : "";
}

/** What anywidget calls a model: values by name, and the functions to call when they change. What is saved is answered. */
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
  /** The files of a checkpoint that the page brings: a script, because a page from a disk cannot load anything else. */
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

  /** The live explorer of a call as an element that is not on the page yet, and a function that stops it. */
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
/** Is this still below what the reader sees? */
const below = (node) => node.getBoundingClientRect().top >= innerHeight;

/** On the front page the stage and the sentence of the tour are in the address, so that a link leads there. */
const ADDRESS = /^#tour=/;

/** The call with what the address says. */
function addressed(call) {
  if (!ADDRESS.test(location.hash)) return call;
  const told = new URLSearchParams(location.hash.slice(1));
  return { ...call, text: told.get("text") || call.text, options: { ...call.options, start: told.get("tour") } };
}

/** Writes the stage and the sentence of a live tour into the address, and nothing if it is as it was at first. */
function address(el, text) {
  const root = el.querySelector("[data-stage]"), begun = ADDRESS.test(location.hash);
  if (!root || (location.hash && !begun)) return;
  const told = new URLSearchParams({ tour: root.dataset.stage, ...(root.dataset.text === text ? {} : { text: root.dataset.text }) });
  const first = root.dataset.stage === "text" && root.dataset.text === text;
  if (!first || begun) history.replaceState(null, "", first ? location.pathname + location.search : `#${told}`);
}

/** One static form on the page, and how it comes alive. */
function mounted(host, page) {
  const given = JSON.parse(host.dataset.explorer), front = host.parentElement.id === "tour";
  const call = front ? addressed(given) : given;
  const status = document.createElement("p");
  status.className = "tab-status";
  status.setAttribute("role", "status");
  host.append(status);
  shaded(host);
  let current, latest = 0;

  /** Puts the live form over the static one, invisible, until it is drawn at its width. */
  async function prepared(engine, own) {
    const made = await page.live({ ...call, ...own }, engine);
    made.el.classList.add("tab-hidden");
    host.append(made.el);
    await frame();
    await frame(); // a view measures its width, and draws again
    return made;
  }
  /** The form may become taller while a reader types, but never shorter, so that what is below does not jump. A view with
      stages takes as much room as each of them needs, once the reader has left the first one. */
  let [width, highest, stage] = [0, 0];
  const stageOf = (el) => el.querySelector("[data-stage]")?.dataset.stage;
  const sized = new ResizeObserver(() => {
    if (stageOf(current.el) !== stage) {
      stage = NaN; // unequal to all, from now on
      host.style.minHeight = 0;
      return;
    }
    if (host.clientWidth !== width) {
      [width, highest] = [host.clientWidth, 0];
      host.style.minHeight = "";
    }
    highest = Math.max(highest, host.offsetHeight);
    host.style.minHeight = `${highest}px`;
  });
  function swap(made) {
    current?.end();
    [width, highest] = [host.clientWidth, host.offsetHeight];
    host.style.minHeight = `${highest}px`;
    made.el.classList.remove("tab-hidden");
    host.replaceChildren(made.el, status);
    host.dataset.alive = "";
    status.textContent = "";
    current = made;
    stage = stageOf(made.el);
    sized.disconnect();
    sized.observe(made.el);
    if (!front || made.own) return;
    const tell = new MutationObserver(() => address(made.el, given.text));
    tell.observe(made.el, { subtree: true, attributeFilter: ["data-stage", "data-text"] });
  }
  /** The static form stays, and the line at the foot says why. */
  function remains(why) {
    host.dataset.still = "";
    status.textContent = why;
  }
  /** A button in the line at the foot. */
  function offer(words, label, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", press);
    status.replaceChildren(words, button);
  }
  /** Replaces the static form. A button asks first if that would move what the reader is looking at (but not what a link was
      to), and if the page has no static form, which data-asks says. */
  async function begin(pressed = false) {
    if ("asks" in host.dataset && !pressed) return offer("", `Play with ${call.checkpoint} here`, () => begin(true));
    latest += 1;
    const mine = latest;
    try {
      status.textContent = "The model is starting…";
      const made = await prepared();
      if (mine !== latest) return made.end();
      const start = () => { swap(made); made.el.querySelector("button, textarea")?.focus(); };
      if (pressed) return start();
      const foot = parseFloat(getComputedStyle(host).paddingBottom); // with the line that says how it stands
      if (call !== given || below(host) || made.el.offsetHeight + foot <= host.clientHeight) return swap(made);
      offer("The model is ready. ", "Start", start);
    } catch (error) {
      if (mine === latest) remains(`This stays a picture: ${error.message}`);
    }
  }
  return {
    host, call, begin, remains,
    /** Puts the reader's own model here. If that fails, throws an Error with the reason, and everything stays as it is. */
    async own(files, more) {
      latest += 1;
      const engine = await page.engineOf(files);
      try {
        const made = await prepared(engine, more(engine.loaded.config));
        const { end } = made;
        swap({ ...made, own: true, end() { end(); engine.close(); } });
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

/** Finds the explorers of this page; each starts when it comes near the screen or is touched, but not before the first paint. */
export function begin(options) {
  const found = [...document.querySelectorAll("[data-explorer]")].filter((host) => JSON.parse(host.dataset.explorer).view in options.views);
  const why = missing();
  const page = tab(options);
  const views = found.map((host) => mounted(host, page));
  if (why) {
    for (const view of views) view.remains(why);
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
