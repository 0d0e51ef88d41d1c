// The live view of a search. `data` holds the passages and Python's answer to the first question; `state` asks for
// another question, or for what is found in another passage (`open`).

import { asking, button, frame, initialize, make } from "../show.js";

const CSS = `
.course-search { max-width: 62em; }
.course-search p { margin: 0.3em 0; }
.course-search .foot { color: var(--soft); font-size: 0.875em; }
.course-search .title { font-weight: 650; }
.course-search input { display: block; width: 100%; padding: 0.4em 0.5em; border: 1px solid var(--ink); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; }
.course-search .examples { display: flex; flex-wrap: wrap; gap: 0.4em; margin: 0.4em 0; }
.course-search button { border: 1px solid var(--line); border-radius: 0.35em; color: inherit; background: var(--paper); font: inherit; cursor: pointer; }
.course-search .examples button { padding: 0.15em 0.5em; font-size: 0.875em; text-align: left; }
.course-search .rankings { display: grid; grid-template-columns: repeat(auto-fit, minmax(15em, 1fr)); gap: 0.4em 1.5em; margin: 0.6em 0; }
.course-search ol { margin: 0.2em 0; padding: 0; list-style: none; }
.course-search li { margin: 0 0 0.25em; }
.course-search li button { display: grid; grid-template-columns: 1.6em 1fr auto; gap: 0 0.4em; width: 100%; min-height: 1.9em; padding: 0.15em 0.45em; text-align: left; align-items: center; }
.course-search li button[aria-pressed="true"] { border-color: var(--ink); box-shadow: inset 4px 0 var(--focus); background: var(--tint); }
.course-search li small { font-variant-numeric: tabular-nums; }
.course-search .words { display: flex; flex-wrap: wrap; gap: 0.3em; margin: 0.3em 0; padding: 0; list-style: none; }
.course-search .words li { margin: 0; padding: 0.05em 0.4em; border-radius: 0.25em; background: var(--tint); font-variant-numeric: tabular-nums; }
.course-search .words .none { color: var(--soft); background: none; border: 1px dashed var(--line); }
.course-search .passage { padding: 0.5em 0.7em; border: 1px solid var(--line); border-radius: 0.35em; white-space: pre-line; }
.course-search .passage b { text-decoration: underline; text-decoration-thickness: 2px; }
.course-search .passage mark { padding: 0 0.1em; color: inherit; background: color-mix(in srgb, var(--right) 35%, var(--paper)); outline: 1px solid var(--right); }
.course-search .passage mark.other { background: none; outline: 1px dashed var(--right); }
.course-search .spans { display: grid; grid-template-columns: auto minmax(3em, 14em) max-content; gap: 0.2em 0.75em; align-items: center; justify-content: start; margin: 0.4em 0; }
.course-search .rail { height: 0.9em; border: 1px solid var(--line); background: var(--tint); }
.course-search .bar { height: 100%; background: var(--right); }
@media (max-width: 36em) { .course-search .spans { grid-template-columns: 1fr max-content; } .course-search .rail { display: none; } }
`;

const percent = (value) => (value < 0.001 ? "< 0.1 %" : `${(100 * value).toFixed(1)} %`);
const three = (value) => (Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toFixed(4));

/** A passage as nodes: `matched` words in bold, `answers` marked, the first one more than the others. */
export function passage(text, matched, answers) {
  const letters = [...text]; // Python counts characters, JavaScript halves of some
  const edges = [...new Set([0, letters.length, ...matched.flat(), ...answers.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, k) => {
    const to = edges[k + 1];
    const within = ([first, last]) => from >= first && to <= last;
    let node = document.createTextNode(letters.slice(from, to).join(""));
    if (matched.some(within)) node = make("b", {}, node);
    const at = answers.findIndex(({ start, end }) => within([start, end]));
    return at < 0 ? node : make("mark", at ? { class: "other" } : {}, node);
  });
}

export default {
  initialize,

  render({ model, el }) {
    const { texts, titles, examples, first } = model.get("data");
    let answer = "rankings" in model.get("reply") ? model.get("reply") : first;

    const typed = make("input", { type: "text", spellcheck: "false", "aria-label": "A question" });
    const tries = make("div", { class: "examples", role: "group", "aria-label": "Questions to try" });
    const rankings = make("div", { class: "rankings" });
    const title = make("p", { class: "title" });
    const words = make("ul", { class: "words", "aria-label": "What each word adds to this passage's score" });
    const text = make("div", { class: "passage" });
    const spans = make("div", { class: "spans", role: "group", "aria-label": "Answers that the reader finds" });
    const spoken = make("p", { class: "spoken", role: "status" });
    const question = asking(model, { answered: (reply) => { answer = reply; redraw(); } });
    const root = frame("course-search", "Search", CSS,
      make("label", {}, make("span", { class: "title", text: "A question" }), typed), tries,
      rankings, title, words, text, spans, spoken, question.node);

    function ranking({ name, places, scores }) {
      const items = places.map((place, k) => {
        const chosen = place === answer.open;
        const node = button("", () => question.ask({ question: answer.question, open: place }), { "aria-pressed": chosen, "data-place": place });
        node.append(make("span", { text: `${k + 1}.` }), make("span", { text: titles[place] }), make("small", { text: three(scores[k]) }));
        return make("li", {}, node);
      });
      const list = make("ol", { "aria-label": name, "data-name": name }, ...items);
      list.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const all = [...list.querySelectorAll("button")];
        const next = all[all.indexOf(event.target.closest("button")) + step];
        if (!step || !next) return;
        event.preventDefault();
        next.focus();
      });
      return make("div", {}, make("p", { class: "title", text: name }), list);
    }

    function redraw() {
      const focused = document.activeElement?.closest?.("ol");
      const kept = root.contains(focused) ? [focused.dataset.name, document.activeElement.dataset.place] : undefined;
      rankings.replaceChildren(...answer.rankings.map(ranking));
      if (kept) [...rankings.querySelectorAll("ol")].find((list) => list.dataset.name === kept[0])?.querySelector(`[data-place="${kept[1]}"]`)?.focus();
      title.textContent = titles[answer.open];
      words.replaceChildren(...answer.words.map(({ word, part }) =>
        make("li", part ? {} : { class: "none" }, make("span", { text: part ? `${word} +${three(part)}` : `${word} –` }))));
      const found = answer.answers ?? [];
      text.replaceChildren(...passage(texts[answer.open], answer.matched, found));
      const letters = [...texts[answer.open]];
      const said = found.map(({ start, end }) => letters.slice(start, end).join(""));
      spans.replaceChildren(...found.flatMap(({ probability }, k) => {
        const bar = make("div", { class: "bar", "data-p": probability });
        bar.style.width = `${100 * probability}%`;
        return [make("span", { text: said[k] }), make("div", { class: "rail", "aria-hidden": "true" }, bar), make("span", { text: percent(probability) })];
      }));
      spoken.textContent = `${titles[answer.open]}. ${found.length ? `Answer: ${said[0]}, ${percent(found[0].probability)}.` : ""}`;
      Object.assign(root.dataset, { question: answer.question, open: answer.open, ask: answer.ask ?? 0 });
    }

    tries.replaceChildren(...(examples.length > 1 ? examples : []).map((example) =>
      button(example, () => { typed.value = example; question.ask({ question: example }); })));
    typed.addEventListener("input", () => question.ask({ question: typed.value }));
    typed.value = answer.question;
    redraw();
    el.append(root);
    return question.stop;
  },
};
