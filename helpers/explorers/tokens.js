// The tokens explorer. `data` holds what helpers/explorers/tokens.py made of the first text; a text that is typed goes out
// as `state` ({text, ask}) and comes back as `reply`. Choosing tokens and stepping need no kernel.

import { asking, draw, frame, initialize, make, player } from "../show.js";

const CSS = `
.course-tokens { max-width: 62em; }
.course-tokens p { margin: 0.3em 0; }
.course-tokens textarea { display: block; width: 100%; min-height: 3.2em; padding: 0.4em 0.6em; border: 1px solid var(--soft); border-radius: 0.4em; color: var(--ink); background: var(--paper); font: inherit; resize: vertical; }
.course-tokens .foot { color: var(--soft); font-size: 0.875em; }
.course-tokens .row { margin: 0.7em 0; }
.course-tokens .head { display: flex; flex-wrap: wrap; gap: 0 1em; align-items: baseline; }
.course-tokens .head strong { font-size: 1.05em; }
.course-tokens .chips { display: flex; flex-wrap: wrap; gap: 0.3em 0.15em; align-items: end; padding: 0.2em 0; max-height: 24em; overflow: auto; direction: ltr; }
.course-tokens .group { display: inline-flex; flex-direction: column; align-items: center; max-width: 100%; padding: 0 0.15em; border: 1px solid var(--soft); border-bottom: 0; border-radius: 0.4em 0.4em 0 0; }
.course-tokens .group > span { display: flex; flex-wrap: wrap; gap: 0.15em; align-items: end; }
.course-tokens .chip { --c: #0072b2; display: inline-flex; flex-direction: column; align-items: center; min-width: 1.5em; max-width: 100%; margin: 0; padding: 0 0.3em; border: 1px solid var(--line); border-bottom: 3px solid var(--c); border-radius: 0.25em; color: var(--ink); background: color-mix(in srgb, var(--c) 16%, var(--paper)); font: 0.95em/1.45 var(--jp-code-font-family, monospace); white-space: pre-wrap; }
.course-tokens button.chip { cursor: pointer; }
.course-tokens .chip small { color: var(--ink); font-size: 0.75em; line-height: 1.3; }
.course-tokens .chip.raw { font-style: italic; }
.course-tokens .c1 { --c: #e69f00; }
.course-tokens .c2 { --c: #009e73; }
.course-tokens .c3 { --c: #d55e00; }
.course-tokens .chip.alone { border-left: 3px dashed var(--ink); }
.course-tokens .chip[aria-pressed="true"] { border-color: var(--ink); box-shadow: 0 0 0 2px var(--ink); font-weight: 700; }
.course-tokens .word { text-decoration: underline; }
.course-tokens .steps { margin: 0.6em 0; padding: 0.6em 0.9em; border: 1px solid var(--line); border-radius: 0.6em; }
.course-tokens .controls { display: flex; flex-wrap: wrap; gap: 0.4em 0.6em; align-items: center; }
.course-tokens .controls button { min-width: 5em; padding: 0.2em 0.8em; border: 1px solid var(--ink); border-radius: 0.4em; color: var(--ink); background: var(--paper); font: inherit; font-weight: 600; cursor: pointer; }
.course-tokens .controls button.main { color: var(--paper); background: var(--ink); }
.course-tokens .controls button:disabled { opacity: 0.55; cursor: default; }
.course-tokens .slider { display: flex; flex: 1 1 14em; gap: 0.5em; align-items: center; min-width: 0; }
.course-tokens .slider input { flex: 1; min-width: 4em; accent-color: var(--focus); }
.course-tokens .stage { padding: 0.5em 0.1em; overflow-x: auto; direction: ltr; }
.course-tokens .line { display: flex; flex-wrap: wrap; gap: 0.5em 0.1em; align-items: center; }
.course-tokens .pair { min-width: 1.2em; padding-top: 0.1em; text-align: center; color: var(--soft); font-size: 0.75em; }
.course-tokens .pair.next { color: var(--ink); font-weight: 700; text-decoration: underline; }
.course-tokens .fresh, .course-tokens .tried { outline: 2px solid var(--ink); outline-offset: 1px; }
.course-tokens .tried { outline-style: dashed; }
.course-tokens .plain { --c: var(--line); background: var(--paper); }
.course-tokens ol.done { columns: 15em auto; margin: 0.3em 0 0; padding: 0; list-style: none; font: 0.85em/1.5 var(--jp-code-font-family, monospace); }
.course-tokens svg { display: block; max-width: none; font-family: var(--jp-code-font-family, monospace); }
.course-tokens svg text { fill: var(--ink); font-size: 13px; text-anchor: middle; }
.course-tokens svg .small { font-size: 11px; }
.course-tokens svg .halo { stroke: var(--paper); stroke-width: 5px; paint-order: stroke; font-weight: 700; }
.course-tokens svg path { fill: none; stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 3; }
.course-tokens svg .seen { stroke: var(--soft); stroke-dasharray: none; }
.course-tokens svg .best { stroke: #0072b2; stroke: var(--focus); stroke-width: 2.5; stroke-dasharray: none; }
.course-tokens svg .now { stroke: var(--wrong); stroke-width: 4; stroke-dasharray: none; }
.course-tokens svg circle { fill: var(--ink); }
@media (prefers-reduced-motion: no-preference) {
  .course-tokens .fresh { animation: course-tokens-join 250ms ease-out; }
  @keyframes course-tokens-join { from { transform: scale(1.25); } }
}
`;

const MILLISECONDS = 900; // between two steps while it plays
const PLACE = 46; // pixels between two places of the lattice

const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

/** A token as a box: what can be read of it, and below it its id or nothing. */
function chip(tag, shown, below, classes, attributes = {}) {
  const box = make(tag, { class: `chip ${classes}`, ...attributes }, make("bdi", { text: shown, dir: "ltr" })); // else the ## of ##ל would stand on the right
  if (below !== undefined) box.append(make("small", { text: below }));
  return box;
}

/** The steps of a byte-pair encoding: `say(step)` is a sentence, `paint(step)` what to show. */
function merging({ start, merges, ranks, shown }) {
  const rank = new Map(ranks.map(([left, right, number]) => [JSON.stringify([left, right]), number]));
  const states = [start];
  for (const [at] of merges) {
    const last = states.at(-1);
    states.push([...last.slice(0, at), last[at] + last[at + 1], ...last.slice(at + 2)]);
  }
  const joined = (step) => {
    const [at, number] = merges[step];
    const before = states[step];
    return `rank ${number.toLocaleString("en")}: ${shown[before[at]]} + ${shown[before[at + 1]]} → ${shown[before[at] + before[at + 1]]}`;
  };
  return {
    steps: merges.length,
    say(step) {
      const did = step ? `Merged ${joined(step - 1)}. ` : `${count(start.length, "symbol")} to start with. `;
      return did + (step < merges.length ? `Next, the lowest: ${joined(step)}.` : `No pair is on the list of merges: ${count(states[step].length, "token")}.`);
    },
    paint(step) {
      const line = make("div", { class: "line" });
      states[step].forEach((symbol, at) => {
        if (at) {
          const number = rank.get(JSON.stringify([states[step][at - 1], symbol]));
          const next = step < merges.length && merges[step][0] === at - 1;
          line.append(make("span", { class: next ? "pair next" : "pair", text: number === undefined ? "" : `${next ? "▸" : ""}${number}` }));
        }
        const fresh = step && merges[step - 1][0] === at;
        line.append(chip("span", shown[symbol], undefined, `c${at % 4}${fresh ? " fresh" : ""}`));
      });
      return [line, make("ol", { class: "done" }, ...merges.slice(0, step).map((_, at) => make("li", { text: joined(at) })))];
    },
    end: () => states.at(-1).map((symbol) => shown[symbol]),
  };
}

/** The steps of a longest match: each is one try. */
function matching({ word, cells, matches, end }) {
  const tries = matches.flatMap(([from, to, token]) => {
    const list = [];
    for (let stop = word.length; stop > (token === null ? from : to - 1); stop -= 1) {
      list.push({ from, to: stop, text: (from ? "##" : "") + word.slice(from, stop).join(""), fits: token !== null && stop === to });
    }
    return list;
  });
  const told = ({ text, fits }) => `${fits ? "✓" : "✗"} ${text}`;
  return {
    steps: tries.length,
    say(step) {
      if (!tries.length) return `${count(word.length, "character")}: too long a word, it becomes ${end[0]}.`;
      if (!step) return "Is the whole word in the vocabulary? If not, take away its last character, and look again.";
      const { text, fits } = tries[step - 1];
      if (fits) return `${text} is in the vocabulary: taken.${step === tries.length ? ` The word is ${count(end.length, "token")}.` : " On from its end."}`;
      return step === tries.length ? `Nothing fits here, so the whole word becomes ${end[0]}.` : `${text} is not in the vocabulary: one character less.`;
    },
    paint(step) {
      const done = tries.slice(0, step);
      const taken = done.filter((one) => one.fits);
      const now = done.at(-1);
      const line = make("div", { class: "line" }, ...cells.map((cell, at) => {
        const token = taken.findIndex(({ from, to }) => from <= at && at < to);
        const tried = now && !now.fits && now.from <= at && at < now.to;
        return chip("span", cell, undefined, `${token < 0 ? "plain" : `c${token % 4}`}${tried ? " tried" : ""}`);
      }));
      return [line, make("ol", { class: "done" }, ...done.map((one) => make("li", { text: told(one) })))];
    },
    end: () => end,
  };
}

/** The steps of Viterbi: each looks at one arc; the last walks back along the best. */
function walking({ word, cells, edges, path, end }) {
  const token = ([from, to]) => cells.slice(from, to).join("");
  const tall = Math.max(...edges.map(([from, to]) => to - from), 1);
  const height = (span) => 24 + (150 * span) / tall;
  const base = height(tall) * 0.75 + 22;
  return {
    steps: edges.length + 1,
    say(step) {
      if (!step) return `${count(edges.length, "token")} of the vocabulary fit somewhere; each costs −log₂ of its probability, in bits. Which way through costs least?`;
      if (step > edges.length) return `Walked back from the end: ${path.map((at) => token(edges[at])).join(" + ")}, ${edges[path.at(-1)][3].toFixed(2)} bits.`;
      const [from, to, cost, total, best] = edges[step - 1];
      return `${token(edges[step - 1])} costs ${cost.toFixed(2)} bits, ${total.toFixed(2)} in all from the start to place ${to}: ${best ? "the cheapest so far" : "not cheaper, so forgotten"}.`;
    },
    paint(step) {
      const best = new Map();
      edges.slice(0, step).forEach(([, to, , , better], at) => better && best.set(to, at));
      const finished = step > edges.length;
      const picture = draw("svg", { width: PLACE * word.length + 40, height: base + 52, role: "img", "aria-label": this.say(step) });
      const labels = [];
      edges.forEach(([from, to, cost], at) => {
        const [a, b, up] = [20 + PLACE * from, 20 + PLACE * to, height(to - from)];
        const now = finished ? path.includes(at) : at === step - 1;
        const kind = now ? "now" : best.get(to) === at && !finished ? "best" : at < step ? "seen" : "ahead";
        picture.append(draw("path", { class: kind, d: `M${a} ${base} C${a} ${base - up} ${b} ${base - up} ${b} ${base}` }));
        if (now) labels.push(draw("text", { class: "halo", x: (a + b) / 2, y: base - up * 0.75 - 6, text: cost.toFixed(1) }));
      });
      for (let place = 0; place <= word.length; place += 1) {
        const x = 20 + PLACE * place;
        picture.append(draw("circle", { cx: x, cy: base, r: 4 }));
        if (place < word.length) picture.append(draw("text", { x: x + PLACE / 2, y: base + 18, text: cells[place] }));
        const found = place ? best.get(place) : undefined;
        if (found !== undefined) picture.append(draw("text", { class: "small", "data-place": place, x, y: base + 38, text: edges[found][3].toFixed(1) }));
      }
      picture.append(...labels);
      return [picture];
    },
    end: () => end,
  };
}

/** How a word's steps are told, by its tokenizer's kind; undefined where they are not known. */
function story(word) {
  if (!word) return undefined;
  return word.steps.merges ? merging(word.steps) : word.steps.matches ? matching(word.steps) : word.steps.edges ? walking(word.steps) : undefined;
}

export default {
  initialize,

  render({ model, el }) {
    let shown; // what Python made of the last text
    let at = { row: 0, token: 0 };
    let told; // the steps of the chosen word
    let boxes = [];

    const text = make("textarea", { rows: 2, spellcheck: "false", "aria-label": "Text to cut into tokens", dir: "auto" });
    const rows = make("div", {});
    const detail = make("p", { class: "detail", role: "status" });
    const notice = make("p", { class: "foot", role: "status" });
    const title = make("p", { class: "title" });
    const stage = make("div", { class: "stage", tabindex: "0", role: "group", "aria-label": "The picture of this step" });
    const line = make("p", { class: "say", role: "status" });
    const bar = player({ label: "Step", max: 1, every: MILLISECONDS, show: (k) => `${k} of ${told?.steps ?? 0}` }, go);
    const question = asking(model, { answered: (reply) => draws(reply, Math.max([...text.value.slice(0, text.selectionStart)].length - 1, 0)) });
    const panel = make("div", { class: "steps", role: "group", "aria-label": "Step through a word" }, title, make("div", { class: "controls" }, bar.back, bar.play, bar.step, bar.node), stage, line);
    const root = frame("course-tokens", "Tokens", CSS, text, notice, question.node, rows, detail, panel);

    function go(step) {
      stage.replaceChildren(...told.paint(step));
      line.textContent = told.say(step);
      bar.back.disabled = step === 0;
      bar.step.disabled = step === told.steps;
      bar.play.disabled = told.steps === 0;
      Object.assign(root.dataset, { step, steps: told.steps });
    }

    /** Choose a token; its word is stepped through. */
    function choose(row, token, focus = false) {
      const word = shown.rows[row].tokens[token]?.word;
      const other = row !== at.row || word !== shown.rows[at.row].tokens[at.token]?.word;
      boxes[at.row]?.[at.token]?.setAttribute("aria-pressed", "false");
      boxes[at.row]?.[at.token]?.setAttribute("tabindex", "-1");
      at = { row, token };
      const box = boxes[row][token];
      box?.setAttribute("aria-pressed", "true");
      box?.setAttribute("tabindex", "0");
      if (focus) box?.focus();
      describe();
      if (other || !told) follow();
    }

    /** The chosen token in words. */
    function describe() {
      const { tokens, groups } = shown.rows[at.row];
      const token = tokens[at.token];
      detail.replaceChildren();
      if (!token) return;
      const group = groups.find(([first, last]) => first <= at.token && at.token <= last);
      const covered = [...shown.used].slice(token.start, token.end).join("");
      const parts = [`Token ${at.token + 1} of ${tokens.length}: `, make("code", {}, make("bdi", { text: token.token })), ` · id ${token.id} · `];
      parts.push(token.bytes ? `${count(token.bytes.split(" ").length, "byte")} ${token.bytes} · ` : "no byte of the text · ");
      parts.push(`from character ${token.start} to ${token.end}: “`, make("bdi", { text: covered.replaceAll(" ", "␣") }), "”");
      if (group) parts.push(` · one of ${count(group[1] - group[0] + 1, "token")} that make `, make("bdi", { text: group[2] }));
      detail.append(...parts);
    }

    /** Begin the chosen word's steps. */
    function follow() {
      bar.stop();
      const row = shown.rows[at.row];
      const token = row.tokens[at.token];
      const word = token && row.words[token.word];
      told = story(word);
      panel.hidden = !told;
      if (!told) {
        const why = !token ? "" : word ? "This token was cut out of the text before the algorithm began." : `No steps for ${row.name}: its algorithm or its settings are not among those shown here.`;
        detail.append(why ? ` · ${why}` : "");
        return Object.assign(root.dataset, { step: "", steps: "" });
      }
      const name = [...shown.used].slice(word.start, word.end).join("").replaceAll(" ", "␣");
      title.replaceChildren(make("strong", { text: `${row.name}: ` }), make("bdi", { text: `“${name}”` }), { BPE: ": merge the pair with the lowest rank", WordPiece: ": the longest piece that fits", Unigram: ": the cheapest way through" }[row.kind]);
      bar.limit(told.steps);
      bar.move(0);
    }

    /** The token of a row that covers a place of the text. */
    function covering(row, place) {
      const found = shown.rows[row].tokens.findIndex((token) => token.end > place);
      return found < 0 ? Math.max(shown.rows[row].tokens.length - 1, 0) : found;
    }

    function drawRow(row, number) {
      const { cost } = row;
      const price = "price" in cost ? ` · ${cost.price.toPrecision(3)} per 1,000 characters` : "";
      const cuts = number ? ` · ${row.shared} of its ${count(row.cuts, "cut")} shared with ${shown.rows[0].name}` : "";
      const head = make("div", { class: "head" }, make("strong", { text: row.name }),
        make("span", { class: "foot", text: `${row.kind === row.name ? "" : `${row.kind}, `}${row.size.toLocaleString("en")} tokens in the vocabulary` }),
        make("span", { class: "cost", text: `${count(row.cost.tokens, "token")} · ${cost.per_character.toFixed(2)} per character · ${Math.round(1000 * cost.per_character).toLocaleString("en")} per 1,000 characters${price}${cuts}` }));
      boxes[number] = row.tokens.map((token, i) => chip("button", token.shown, token.id, `c${i % 4}${token.alone ? " alone" : ""}`, {
        type: "button", tabindex: "-1", "aria-pressed": "false", "data-row": number, "data-token": i, "aria-label": `${token.shown}, id ${token.id}${token.alone ? ", only this tokenizer cuts before it" : ""}`,
      }));
      const chips = make("div", { class: "chips", role: "group", "aria-label": `Tokens of ${row.name}` });
      const first = new Map(row.groups.map((group) => [group[0], group]));
      for (let i = 0; i < boxes[number].length; i += 1) {
        const group = first.get(i);
        if (!group) { chips.append(boxes[number][i]); continue; }
        chips.append(make("span", { class: "group" }, make("bdi", { text: group[2] }), make("span", {}, ...boxes[number].slice(i, group[1] + 1))));
        i = group[1];
      }
      return make("div", { class: "row" }, head, chips);
    }

    /** Show an answer of Python's, with the token at `place` chosen. */
    function draws(answer, place) {
      shown = answer;
      boxes = [];
      rows.replaceChildren(...shown.rows.map(drawRow));
      const row = Math.min(at.row, shown.rows.length - 1);
      at = { row, token: covering(row, place) };
      told = undefined;
      choose(row, at.token);
      root.dataset.text = shown.used;
      root.dataset.tokens = shown.rows.map((one) => one.tokens.length).join(" ");
      told?.end && (root.dataset.end = told.end().join("|"));
      const dashed = shown.rows.length > 1 ? "A dashed left edge: only this tokenizer cuts here." : "";
      notice.textContent = [shown.notice, dashed].filter(Boolean).join(" ");
    }

    rows.addEventListener("click", ({ target }) => {
      const box = target.closest("button.chip");
      if (box) choose(Number(box.dataset.row), Number(box.dataset.token), true);
    });
    rows.addEventListener("keydown", (event) => {
      const { row, token } = at;
      const last = shown.rows[row].tokens.length - 1;
      const sideways = { ArrowRight: token + 1, ArrowLeft: token - 1, Home: 0, End: last }[event.key];
      const other = { ArrowDown: row + 1, ArrowUp: row - 1 }[event.key];
      if (sideways !== undefined) choose(row, Math.max(0, Math.min(sideways, last)), true);
      else if (other !== undefined && shown.rows[other]?.tokens.length) choose(other, covering(other, shown.rows[row].tokens[token].end - 1), true);
      else return;
      event.preventDefault();
    });
    text.addEventListener("input", () => question.ask({ text: text.value }));

    const latest = model.get("reply").rows ? model.get("reply") : model.get("data");
    text.value = latest.text;
    draws(latest, latest.focus);
    el.append(root);
    return () => { bar.stop(); question.stop(); };
  },
};
