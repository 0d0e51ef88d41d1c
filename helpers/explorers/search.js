// The live view of a search. `data` holds the passages and Python's answer to the first question; `state` asks for
// another question, or for what is found in another passage (`open`).

import { asking, button, frame, initialize, make } from "../show.js";

const CSS = `
.course-search { max-width: 64em; }
.course-search p { margin: 0.3em 0; }
.course-search .foot { color: var(--soft); font-size: 0.875em; }
.course-search .title { font-weight: 650; }
.course-search .field { display: block; }
.course-search input { display: block; width: 100%; padding: 0.4em 0.5em; border: 1px solid var(--ink); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; }
.course-search button { border: 1px solid var(--line); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; cursor: pointer; }
.course-search button[aria-pressed="true"] { border-color: var(--ink); box-shadow: inset 4px 0 var(--focus); background: var(--tint); }
.course-search .examples { display: flex; flex-wrap: wrap; gap: 0.4em; margin: 0.4em 0; }
.course-search .examples button { padding: 0.15em 0.6em; font-size: 0.875em; text-align: left; }
.course-search .said { margin: 0.7em 0 0; }
.course-search .rankings { display: flex; flex-wrap: wrap; gap: 0.4em 1em; margin: 0.4em 0 0.8em; }
.course-search .rankings > div { flex: 1 1 15em; max-width: 21em; }
.course-search ol { margin: 0.2em 0; padding: 0; list-style: none; }
.course-search li { margin: 0 0 0.25em; }
.course-search li button { display: grid; grid-template-columns: 1.4em 1fr auto; gap: 0 0.4em; width: 100%; padding: 0.2em 0.5em; line-height: 1.35; text-align: left; }
.course-search small { font-size: 0.8125em; color: var(--soft); font-variant-numeric: tabular-nums; }
.course-search .beside { grid-column: 2 / -1; }
.course-search .words { display: flex; flex-wrap: wrap; gap: 0.3em; margin: 0.3em 0; padding: 0; list-style: none; }
.course-search .words li { margin: 0; padding: 0.05em 0.45em; border: 1px solid transparent; border-radius: 0.25em; background: var(--tint); font-variant-numeric: tabular-nums; }
.course-search .words .none { color: var(--soft); background: none; border: 1px dashed var(--line); }
.course-search .passage { max-height: 40em; margin: 0.4em 0; padding: 0.5em 0.7em; border: 1px solid var(--line); border-radius: 0.35em; overflow-y: auto; white-space: pre-line; position: relative; }
.course-search .passage b { text-decoration: underline 2px; text-underline-offset: 0.2em; }
.course-search .passage b.weak { font-weight: inherit; text-decoration: underline dotted 1px; }
.course-search .passage mark { padding: 0.05em 0.15em; border-radius: 0.2em; color: inherit; background: color-mix(in srgb, var(--right) 30%, var(--paper)); outline: 1px solid var(--right); }
.course-search .passage mark.other { background: none; outline: 1px dashed var(--right); }
.course-search .spans { display: grid; grid-template-columns: minmax(0, max-content) minmax(3em, 14em) max-content; gap: 0.2em 0.75em; align-items: center; justify-content: start; margin: 0.4em 0; }
.course-search .rail { height: 0.9em; border: 1px solid var(--line); background: var(--tint); }
.course-search .bar { height: 100%; background: var(--right); }
.course-search [hidden] { display: none; }
@media (max-width: 36em) {
  .course-search .rankings > div { max-width: none; }
  .course-search .rankings li:nth-child(n + 4), .course-search .rail { display: none; }
  .course-search .spans { grid-template-columns: minmax(0, 1fr) max-content; }
}
`;

const WEAK = 0.2; // as in search.py
const percent = (value) => (value < 0.001 ? "< 0.1 %" : `${(100 * value).toFixed(1)} %`);
const short = (value, digits) => (Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(digits));

/** A passage as nodes: `matched` words underlined, `answers` marked, the first one more than the others. */
function passage(letters, matched, answers) {
  const spans = answers.map(({ start, end }) => [start, end]);
  const edges = new Set([0, letters.length, ...[...matched, ...spans].flatMap(([first, last]) => [first, last])]);
  const sorted = [...edges].sort((a, b) => a - b);
  const nodes = [];
  let [next, within] = [0, -1]; // of the matched words, which come in order; the answer that the last piece is in
  sorted.slice(0, -1).forEach((from, k) => {
    while (matched[next]?.[1] <= from) next += 1;
    let node = document.createTextNode(letters.slice(from, sorted[k + 1]).join(""));
    if (matched[next]?.[0] <= from) node = make("b", matched[next][2] < WEAK ? { class: "weak" } : {}, node);
    const at = spans.findIndex(([first, last]) => first <= from && from < last);
    if (at >= 0 && at === within) nodes.at(-1).append(node);
    else nodes.push(at < 0 ? node : make("mark", at ? { class: "other" } : {}, node));
    within = at;
  });
  return nodes;
}

export default {
  initialize,

  render({ model, el }) {
    const { texts, titles, examples, first } = model.get("data");
    let answer = "rankings" in model.get("reply") ? model.get("reply") : first;

    const typed = make("input", { type: "text", spellcheck: "false", "aria-label": "A question" });
    const tries = make("div", { class: "examples", role: "group", "aria-label": "Questions to try" });
    const said = make("p", { class: "said" });
    const rankings = make("div", { class: "rankings" });
    const title = make("p", { class: "title" });
    const adds = make("p", { text: "What each word of the question adds to this passage’s BM25 score (underlined below):" });
    const words = make("ul", { class: "words" });
    const text = make("div", { class: "passage", tabindex: 0, role: "group", "aria-label": "The passage" });
    const reads = make("p", { text: "The answers that the reader finds likeliest in this passage, with their probabilities:" });
    const spans = make("div", { class: "spans", role: "group", "aria-label": "Answers" });
    const below = make("div", {}, title, adds, words, text, reads, spans);
    const spoken = make("p", { class: "spoken", role: "status" });
    const question = asking(model, {
      answered(reply, asked) {
        answer = reply;
        if (!asked) typed.value = answer.question; // another view of the same output asked
        redraw();
      },
    });
    const root = frame("course-search", "Search", CSS,
      make("label", { class: "field" }, make("span", { class: "title", text: "A question" }), typed), tries,
      said, rankings, below, spoken, question.node);

    function ranking({ name, places, scores, beside }) {
      const items = places.map((place, k) => {
        const node = button("", () => question.ask({ question: answer.question, open: place }), { "aria-pressed": place === answer.open, "data-place": place });
        node.append(make("span", { text: `${k + 1}.` }), make("span", { text: titles[place] }), make("small", { text: short(scores[k], 3) }));
        if (beside[k]) node.append(make("small", { class: "beside", text: beside[k] }));
        return make("li", {}, node);
      });
      const list = make("ol", { "aria-label": name, "data-name": name }, ...items);
      list.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const all = [...list.querySelectorAll("button")];
        const next = all[all.indexOf(event.target) + step];
        if (!next) return;
        event.preventDefault();
        next.focus();
      });
      return make("div", {}, make("p", { class: "title", text: name }), items.length ? list : make("p", { text: "nothing" }));
    }

    /** The rankings; the focus stays on the passage where it was. */
    function drawRankings() {
      const { activeElement } = el.getRootNode();
      const place = rankings.contains(activeElement) ? activeElement.dataset.place : undefined;
      const list = activeElement?.closest?.("ol")?.dataset.name;
      rankings.replaceChildren(...answer.rankings.map(ranking));
      if (place) rankings.querySelector(`[data-name="${list}"] [data-place="${place}"]`)?.focus();
    }

    function drawPassage() {
      below.hidden = answer.open === null;
      if (below.hidden) return;
      const letters = [...texts[answer.open]]; // Python counts whole characters, JavaScript halves of some
      const found = answer.answers ?? [];
      title.textContent = titles[answer.open];
      words.replaceChildren(...answer.words.map(({ word, part }) => make("li", part ? { text: `${word} +${short(part, 1)}` } : { class: "none", text: `${word} –` })));
      text.replaceChildren(...passage(letters, answer.matched, found));
      text.scrollTop = Math.max(0, (text.querySelector("mark:not(.other)")?.offsetTop ?? 0) - text.clientHeight / 2);
      reads.hidden = !found.length;
      spans.replaceChildren(...found.flatMap(({ start, end, probability }) => {
        const bar = make("div", { class: "bar", "data-p": probability });
        bar.style.width = `${100 * probability}%`;
        return [make("span", { text: letters.slice(start, end).join("") }), make("div", { class: "rail", "aria-hidden": "true" }, bar), make("span", { text: percent(probability) })];
      }));
      const likeliest = found.length ? ` Answer: ${spans.firstChild.textContent}, ${percent(found[0].probability)}.` : "";
      spoken.textContent = `${titles[answer.open]}.${likeliest}`;
    }

    function redraw() {
      tries.replaceChildren(...(examples.length > 1 ? examples : []).map((example) =>
        button(example, () => { typed.value = example; question.ask({ question: example }); }, { "aria-pressed": example === answer.question })));
      said.textContent = answer.said;
      drawRankings();
      drawPassage();
      Object.assign(root.dataset, { question: answer.question, open: answer.open ?? "", ask: answer.ask ?? 0 });
    }

    typed.addEventListener("input", () => question.ask({ question: typed.value }));
    typed.value = answer.question;
    el.append(root);
    redraw();
    return question.stop;
  },
};
