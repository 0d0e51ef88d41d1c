// The live view of a quiz. `data` holds the questions, as helpers/quiz.py made them (texts are HTML, already escaped);
// `state` holds the options that were tried, in order, by question id. Nothing is fetched from anywhere.

import { frame, initialize, listen, make } from "./show.js";

const CSS = `
.course-quiz { max-width: 48em; }
.course-quiz p { margin: 0; }
.course-quiz .title { font-size: 1.15em; font-weight: 650; }
.course-quiz .lead, .course-quiz .foot { color: color-mix(in srgb, var(--ink) 78%, var(--paper)); }
.course-quiz .foot { font-size: 0.875em; }
.course-quiz form { margin: 0.85em 0; padding: 0.9em 1em; border: 1px solid var(--line); border-radius: 0.6em; }
.course-quiz fieldset { min-inline-size: 0; margin: 0; padding: 0; border: 0; }
.course-quiz legend { float: left; width: 100%; margin: 0 0 0.5em; padding: 0; font-weight: 600; color: inherit; font-size: 1em; line-height: 1.45; border: 0; }
.course-quiz legend + * { clear: both; }
.course-quiz legend .number { margin-right: 0.4em; }
.course-quiz .option { margin: 0 0 0.3em; border-left: 0.25em solid transparent; border-radius: 0.35em; }
.course-quiz .option.right { border-left-color: var(--right); background: var(--tint); }
.course-quiz .option.wrong { border-left-color: var(--wrong); background: var(--tint); }
.course-quiz label { display: flex; gap: 0.6em; align-items: baseline; margin: 0; padding: 0.3em 0.5em; border-radius: 0.35em; cursor: pointer; }
.course-quiz label:hover { background: var(--tint); }
.course-quiz input { flex: none; width: 1.05em; height: 1.05em; margin: 0; accent-color: var(--focus); transform: translateY(0.15em); }
.course-quiz .why { padding: 0 0.6em 0.5em calc(1.05em + 1.1em); }
.course-quiz .why::before { font-weight: 700; }
.course-quiz .right .why::before { content: "\\2713\\00a0Right. "; }
.course-quiz .wrong .why::before { content: "\\2717\\00a0Not this one. "; }
.course-quiz code { padding: 0 0.25em; border-radius: 0.25em; color: inherit; background: color-mix(in srgb, var(--ink) 9%, var(--paper)); font: 0.92em var(--jp-code-font-family, monospace); }
.course-quiz .row { display: flex; flex-wrap: wrap; gap: 0.4em 0.9em; align-items: center; margin-top: 0.6em; }
.course-quiz button { padding: 0.3em 1em; border: 1px solid var(--ink); border-radius: 0.4em; color: var(--paper); background: var(--ink); font: inherit; font-weight: 600; cursor: pointer; }
.course-quiz button:hover { color: var(--ink); background: var(--paper); }
.course-quiz .sum { font-weight: 600; }
@media (prefers-reduced-motion: no-preference) {
  .course-quiz .why.fresh { animation: course-quiz-show 160ms ease-out; }
  @keyframes course-quiz-show { from { opacity: 0; transform: translateY(-0.2em); } }
}
`;

let views = 0; // radio buttons of two views on one page must not share a name

/** One question: a form whose answers go to `answer(index)`; returns its node and `show(tried, spoken)`. */
function drawQuestion(question, number, prefix, answer) {
  const options = question.options.map((option, index) => {
    const why = make("div", { class: "why", id: `${prefix}-why-${index}`, html: option.why, hidden: "" });
    const input = make("input", { type: "radio", name: prefix, value: index, "aria-describedby": why.id });
    const label = make("label", {}, input, make("span", { html: option.text }));
    return { ...option, input, why, row: make("div", { class: "option" }, label, why) };
  });
  const said = make("span", { class: "said" });
  const spoken = make("span", { class: "spoken" });
  const legend = make("legend", {}, make("span", { class: "number", text: `${number}.` }), make("span", { html: question.ask }));
  const form = make(
    "form", { "data-question": question.id, novalidate: "" },
    make("fieldset", {}, legend, make("div", {}, ...options.map((option) => option.row))),
    make("div", { class: "row" }, make("button", { type: "submit", text: "Check" }),
      make("div", { role: "status", "aria-live": "polite" }, said, spoken)),
  );

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = options.findIndex((option) => option.input.checked);
    if (chosen >= 0) return answer(chosen);
    said.textContent = "Choose an answer first.";
    spoken.textContent = "";
  });

  /** Show what is to say about each option tried; `fresh` is the one just checked, to be read aloud. */
  function show(tried, fresh) {
    for (const index of tried) {
      const { row, why, right } = options[index];
      row.classList.add(right ? "right" : "wrong");
      why.hidden = false;
      why.classList.toggle("fresh", index === fresh);
    }
    if (!tried.length) return;
    const found = tried.findIndex((index) => options[index].right) + 1;
    const last = options[fresh ?? tried.at(-1)];
    last.input.checked = true;
    if (last.right) said.textContent = found === 1 ? "✓ Right at the first try." : `✓ Right at try ${found}.`;
    else said.textContent = "✗ Not this one: try again.";
    spoken.textContent = fresh === undefined ? "" : last.why.textContent;
  }
  return { node: form, show };
}

export default {
  initialize,

  render({ model, el }) {
    const { title, lead, kept, questions } = model.get("data");
    const view = `course-quiz-${(views += 1)}-${Math.random().toString(36).slice(2, 8)}`;
    const sum = make("p", { class: "sum", role: "status" });
    const note = make("p", { class: "foot", role: "status" });

    const drawn = questions.map((question, number) =>
      drawQuestion(question, number + 1, `${view}-${number}`, (chosen) => {
        const state = model.get("state");
        const tried = state[question.id] ?? [];
        if (!tried.includes(chosen)) {
          model.set("state", { ...state, [question.id]: [...tried, chosen] });
          model.save_changes();
        }
        refresh(question.id, chosen);
      }));

    function refresh(id, chosen) {
      const state = model.get("state");
      questions.forEach((question, i) => drawn[i].show(state[question.id] ?? [], question.id === id ? chosen : undefined));
      const first = questions.filter((question) => question.options[state[question.id]?.[0]]?.right).length;
      const answered = questions.filter((question) => state[question.id]?.length).length;
      sum.textContent = answered === questions.length ? `${first} of ${questions.length} right at the first try.` : "";
      note.textContent = model.get("note");
    }

    const root = frame(
      "course-quiz", title, CSS,
      make("p", { class: "title", text: title }), make("p", { class: "lead", text: lead }),
      ...drawn.map((question) => question.node), sum, note, make("p", { class: "foot", html: kept }),
    );
    refresh();
    el.append(root);
    return listen(model, { "change:state": () => refresh(), "change:note": () => refresh() });
  },
};
