"""The labs hold together: generated from their sources, leaking nothing, graded by graders that are graded."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from course import authoring, labs
from course.scoring import score
from helpers import checks
from helpers.checks import values
from helpers.checks.parts import Lab, run

ROOT = Path(__file__).resolve().parents[2]
NAMES = labs.names(ROOT)
CHECKED = labs.names(ROOT, gaps=True)  # the gaps of lessons are checked by the same means
SOURCES = {name: authoring.source(labs.files(ROOT, name).folder) for name in CHECKED}
PARTS = [(name, part.name) for name in CHECKED for part in SOURCES[name].authored.parts]
ANSWERS = [(name, answer) for name in CHECKED for answer in SOURCES[name].answers]
SEEDS = (5, 6, 7, 8, 9)


@cache
def compiled(name: str) -> Lab:
    return SOURCES[name].lab()


@cache  # several tests ask about each answer
def tried(name: str, answer: authoring.Answer) -> labs.Trial:
    return labs.trial(compiled(name), SOURCES[name], answer)


def test_there_are_labs():
    assert "lab02_attention" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_labs_are_what_their_sources_give(name):
    assert labs.problems(ROOT, name) == []


def test_so_is_the_tiny_lab_that_the_tests_of_grading_use(monkeypatch):
    monkeypatch.setenv(checks.OWN_LABS, str(ROOT / "tests/grading/tiny"))
    (name,) = labs.own()
    assert labs.problems(ROOT, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_earns_everything_and_the_untouched_lab_nothing(name):
    wrong, _ = labs.run_problems(ROOT, name)
    assert wrong == []


# --- the answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answer"),
    ANSWERS,
    ids=[f"{name.partition('_')[0]}-{a.part}-{a.kind}-{a.path.stem}" for name, a in ANSWERS],
)
def test_answer(name, answer):
    """The check's inputs and those of selfgrade reject every wrong answer and accept every right one."""
    assert labs.answer_problem(answer, *tried(name, answer)) is None


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_no_seed_lets_a_wrong_answer_pass(name, part):
    """What a question stresses is reached by a case with every seed, not by luck."""
    source, wanted = SOURCES[name], compiled(name).part(part)
    wrong = [a for _, a in ANSWERS if a in source.answers and a.part == part and not a.right]
    for seed in SEEDS if not wanted.is_value and part != "predict" else ():
        cases = source.questions(wanted, seed).cases
        for answer in wrong:
            if answer.mistake != "not allowed":
                function = source.function(answer)
                outcomes = ((case, run(function, case)) for case in cases)
                assert any(o.error or wanted.problem(case, o.output) for case, o in outcomes), (answer.path, seed)


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_mistakes_are_named(name, part):
    """At least eight wrong answers and three right ones, of a gap three and one; nine of ten mistakes are called by
    their names."""
    rows = [(a, *tried(name, a)) for a in SOURCES[name].answers if a.part == part]
    assert labs.answers_problems(SOURCES[name].folder / "answers", compiled(name).part(part), rows) == []


def test_nine_of_ten_mistakes_are_named_in_answers_that_the_checks_have_not_seen(capsys):
    """Held-out answers are not compiled into the checks: how often a student's own wrong answer gets its name."""
    counts = {}
    for name in NAMES:
        unseen = [a for a in SOURCES[name].answers if a.kind == "held_out" and a.mistake != "-"]
        counts[name] = (sum(labs.named(a, tried(name, a)[0]) for a in unseen), len(unseen))
    hit, all_of_them = map(sum, zip(*counts.values(), strict=True))
    with capsys.disabled():
        for name, (named, unseen) in counts.items():
            print(f"\n{name}: {named} of {unseen} held-out answers named ({named / unseen:.1%})", end="")
        print(f"\nall labs: {hit} of {all_of_them} ({hit / all_of_them:.1%})")
    assert all(unseen for _, unseen in counts.values()) and hit >= 0.9 * all_of_them, counts


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_cases_are_drawn_at_random_and_mistakes_named_in_steps(name, part):
    assert labs.checks_problems(SOURCES[name], compiled(name).part(part)) == []


# --- what is wrong with a lab's files is named --------------------------------------------------------

SOFTMAX = "def softmax(s):\n    e = np.exp(s - s.max(-1, keepdims=True))\n    return e / e.sum(-1, keepdims=True)"
ATTEND = "def attention(q, k, v):\n    w = softmax(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))\n    return w @ v, w"
ALONE = SOFTMAX.replace("softmax", "shares") + "\n" + ATTEND.replace("softmax", "shares")
TINY = "lab90_tiny"
SHOWN = "def attention(query, key, value):\n    return softmax(scores) @ value"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The tiny lab in a repository of its own, to break."""
    monkeypatch.delenv(checks.OWN_LABS, raising=False)  # of other tests: else the lab itself would be meant
    for folder, to in (("solutions", "solutions"), ("labs", "labs"), ("assets", "helpers/assets/labs")):
        shutil.copytree(ROOT / "tests/grading/tiny" / folder, tmp_path / to)
    return tmp_path


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change({c.id: c for c in notebook.cells}, notebook)
    nbformat.write(notebook, path)


def edit_source(change):
    return lambda root: edit(labs.source(root, TINY), change)


def edit_released(change):
    return lambda root: edit(labs.released(root, TINY), change)


def edit_data(root: Path) -> None:
    path = labs.files(root, TINY).data
    path.write_text(path.read_text("utf-8").replace('"points":{"', '"points":{"more ', 1), "utf-8")


BROKEN = {
    "is not what its source makes": edit_released(lambda c, n: c["title"].update(source="# Mine")),
    "shows a line of a solution": edit_released(lambda c, n: c["attention"].update(source=SHOWN)),
    "holds 'checks.points('": edit_released(lambda c, n: c["softmax-test"].update(source="checks.points(1)")),
    "is next to the notebook": lambda root: (root / f"labs/{TINY}/seeds.txt").write_text("7"),
    "occurs 2 times": edit_source(lambda c, n: c["attention"].metadata.nbgrader.update(grade_id="softmax")),
    "states 9 points": edit_source(lambda c, n: c["softmax-test"].metadata.nbgrader.update(points=9)),
    "the core parts give 11 points, not 12": edit_source(lambda c, n: n.metadata.points.update(core=12)),
    "has no hidden checks.points": edit_source(lambda c, n: c["merge-test"].update(source="check.merge(merge)")),
    "there is no answer cell": edit_source(lambda c, n: n.cells.remove(c["merge"])),
    f"{TINY}.ipynb is missing: course labs build": lambda root: labs.released(root, TINY).unlink(),
    f"{TINY}.json is missing: course labs build": lambda root: labs.files(root, TINY).data.unlink(),
    f"{TINY}.json is not what its source makes": edit_data,
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_is_broken_is_named(copy, words):
    assert labs.problems(copy, TINY) == []
    BROKEN[words](copy)
    assert any(words in problem for problem in labs.problems(copy, TINY))


def test_building_twice_changes_nothing(copy):
    lab = labs.files(copy, TINY)
    made = [lab.released, lab.handed_out, lab.data]
    before = [path.read_bytes() for path in made[:2]]
    for path in made:
        path.unlink()
    assert labs.build(copy) == made
    assert [path.read_bytes() for path in made[:2]] == before
    assert labs.build(copy) == []


# --- scoring ----------------------------------------------------------------------------------------


@pytest.fixture
def submission(tmp_path):
    """A lab with the cells given, by id, in place of the stubs; the written numbers are left out, they need a model."""

    def write(**cells: str) -> Path:
        notebook = nbformat.read(labs.released(ROOT, "lab02_attention"), as_version=4)
        keep = {"start", *cells} | {"softmax", "attention", "masks"}
        notebook.cells = [c for c in notebook.cells if c.id in keep]
        for cell in notebook.cells:
            cell.source = cells.get(cell.id, cell.source)
        nbformat.write(notebook, tmp_path / "lab02_attention.ipynb")
        return tmp_path / "lab02_attention.ipynb"

    return write


def test_a_wrong_part_costs_itself_and_what_calls_it(submission):
    """In selfgrade nothing right is lent to a later part; `course grade` does, see tests/grading."""
    wrong = SOFTMAX.replace("e.sum(-1, keepdims=True)", "e.sum()")
    verdicts = {v.part: v for v in score(submission(softmax=wrong, attention=ALONE)).verdicts}
    assert (verdicts["softmax"].status, verdicts["softmax"].points) == ("wrong", 0)
    assert verdicts["softmax"].mistake.name == "over everything"
    assert (verdicts["attention"].status, verdicts["attention"].points) == ("right", 4)
    assert verdicts["masks"].status == "not written"
    verdicts = {v.part: v for v in score(submission(softmax=wrong, attention=ATTEND)).verdicts}
    assert (verdicts["attention"].status, verdicts["attention"].borrowed) == ("wrong", ())


def test_the_reference_cannot_be_imported_while_scoring(submission):
    found = {
        v.part: v
        for v in score(
            submission(
                softmax="from helpers.reference.attention import softmax",
                attention=ALONE,
                masks="from course.authoring import folder_of, source\n"
                "masks = source(folder_of('lab02_attention')).right('masks')",
            )
        ).verdicts
    }
    assert found["softmax"].points == 0 and found["masks"].points == 0 and found["attention"].points == 4


def test_the_students_kernel_does_not_know_the_judges_secrets(submission, monkeypatch):
    """A softmax that is defined only where the seed and the private sentences cannot be seen."""
    monkeypatch.setenv("COURSE_SEED", "99")
    monkeypatch.setenv("COURSE_PRIVATE", "private")
    spy = "import os\nassert not [n for n in os.environ if n in ('COURSE_SEED', 'COURSE_PRIVATE')]\n" + SOFTMAX
    found = {v.part: v for v in score(submission(softmax=spy)).verdicts}
    assert found["softmax"].status == "right"


def test_a_forged_answer_is_not_believed(submission):
    forged = (
        "from IPython.display import publish_display_data\npublish_display_data({'application/vnd.transformers-by-hand."
        'answers+json\': \'{"nonce": "x", "part": "softmax", "outcomes": []}\'})'
    )
    found = {v.part: v for v in score(submission(softmax=forged)).verdicts}
    assert found["softmax"].points == 0


def test_a_cell_that_never_ends_does_not_take_the_rest(submission):
    result = score(submission(softmax=SOFTMAX, masks="while True:\n    pass"), timeout=90)
    assert {v.part for v in result.verdicts if v.points} == {"softmax"}
    assert any("took too long and was stopped" in flag for flag in result.flags)


def test_scoring_something_else_is_one_clear_error(tmp_path):
    (tmp_path / "lab02_attention.ipynb").write_text("not a notebook")
    with pytest.raises(ValueError, match="cannot be read as a notebook"):
        score(tmp_path / "lab02_attention.ipynb")


# --- what a mark scheme states -----------------------------------------------------------------------


def _scheme(name: str) -> tuple[str, list[str]]:
    """A lab's mark scheme as one line, and the sources of all cells."""
    cells = nbformat.read(labs.source(ROOT, name), as_version=4).cells
    written = next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "written")
    return " ".join(written.source.split()), [cell.source for cell in cells]


def test_lab01s_mark_scheme_states_what_the_bundled_tokenizer_counts():
    scheme, cells = _scheme("lab01_tokenization")
    scope: dict = {}
    exec(next(source for source in cells if source.startswith("texts = {")), scope)
    tokenizer = SOURCES["lab01_tokenization"].judges_scope["_tokenizer"]()
    bytes_of = {name: len(text.encode()) for name, text in scope["texts"].items()}
    tokens = {name: len(tokenizer.encode(text).ids) for name, text in scope["texts"].items()}
    chinese, swahili = (tokens[name] / tokens["English"] for name in ("Chinese", "Swahili"))
    per_token = {name: bytes_of[name] / tokens[name] for name in tokens}
    for stated in (
        f"{tokens['English']} tokens in English and {tokens['Chinese']} in Chinese, {chinese:.1f} times as many",
        f"Chinese has {bytes_of['Chinese']}, fewer than the {bytes_of['English']} of English",
        f"a Chinese token holds {per_token['Chinese']:.0f} byte, an English one {per_token['English']:.0f}",
        f"Swahili needs {tokens['Swahili']} tokens, English {tokens['English']}: {swahili:.2f} times as many",
        f"({bytes_of['Swahili']} bytes, English {bytes_of['English']})",
        f"{per_token['Swahili']:.1f} bytes per token against {per_token['English']:.1f}",
        f"costs {chinese:.1f} times as many tokens as English ({tokens['Chinese']} and {tokens['English']})",
    ):
        assert stated in scheme, stated


def test_lab04s_mark_scheme_states_what_the_bundled_model_writes():
    """Its sample answers quote storybook-gpt2: after other weights they are computed again, not left as they were."""
    import torch

    from helpers.reference import decoding

    lab = SimpleNamespace(
        **{name: value for name, value in SOURCES["lab04_generate_gpt2"].judges_scope.items() if name}
    )
    scheme, _ = _scheme("lab04_generate_gpt2")
    found = lab.prepare()

    def written(*values):
        setting = dict(zip(lab.SETTING, values, strict=True))
        texts = lab.write(found.model, found.tokenizer, setting, lab.PROMPTS, lab.TOKENS)
        return lab.measure(texts), " ".join("".join(found.tokenizer.decode(new) for new, _ in texts).split())

    def left(prompt, cut, bound, temperature=1.0):
        """What the explorer shows: tokens left, and the share of the mass that is cut off, in percent."""
        with torch.no_grad():
            logits = found.model(torch.tensor([found.tokenizer.encode(prompt)])).logits[0, -1].double().numpy()
        warm = decoding.temperature(logits, temperature)
        kept = np.isfinite(cut(warm, bound))
        return int(kept.sum()), 100 * float(1 - np.exp(decoding.log_softmax(warm))[kept].sum())

    chosen, chosen_text = written(0.8, 0, 0.9, 1.1, 1)
    greedy, _ = written(1.0, 1, 1.0, 1.0, 0)
    rival, _ = written(1.0, 0, 0.9, 1.0, 0)
    hot, hot_text = written(1.5, 0, 1.0, 1.0, 0)
    mine, rivals = ({prompt: left(prompt, decoding.top_p, 0.9, t) for prompt in lab.PROMPTS} for t in (0.8, 1.0))
    most, fewest = lab.PROMPTS[0], lab.PROMPTS[2]
    for counts in (mine, rivals):
        assert max(counts, key=counts.get) == most and min(counts, key=counts.get) == fewest
    (one, first), (another, second) = (left(prompt, decoding.top_k, 1) for prompt in (most, fewest))
    assert one == another == 1 and round(mine[most][1]) == round(mine[fewest][1]) == 10  # percent: "a tenth"
    for stated in (
        f"I measured {chosen['distinct_2']:.2f} and {chosen['repeated_3']:.2f}, "
        f"greedy has {greedy['distinct_2']:.2f} and {greedy['repeated_3']:.2f}.",
        f"The price is the log-probability, {chosen['log_probability']:.1f} against {greedy['log_probability']:.1f}.",
        f"After '{most}' my setting leaves {mine[most][0]} tokens, after '{fewest}' {mine[fewest][0]}; "
        "it cuts off a tenth of the mass in both. "
        f"Greedy leaves 1 each time and throws away {first:.0f} % and {second:.0f} %.",
        f"{mine[most][0]} ways seldom meet twice",
        f"My setting leaves {mine[most][0]} tokens after the first prompt",
        f"{greedy['log_probability']:.1f} for greedy, {rival['log_probability']:.1f} for top-p 0.9 at temperature 1.",
        f"distinct_2 is {greedy['distinct_2']:.2f} against {rival['distinct_2']:.2f}, and a quarter of its triples",
        f"the rival leaves {rivals[most][0]} tokens after '{most}' and {rivals[fewest][0]} after '{fewest}'",
        f"I measured {lab.TOKENS}, so",
    ):
        assert stated in scheme, stated
    assert abs(greedy["repeated_3"] - 0.25) < 0.03
    assert hot["distinct_2"] > max(row["distinct_2"] for row in (chosen, greedy, rival))
    quotes = {"I gave her the bash of the ball": chosen_text, "grasped Bekbbettoumed Ben": hot_text}
    for quoted, text in quotes.items():
        assert quoted in scheme and quoted in text


# --- lab 5: its examples, its definitions, its mark scheme ---------------------------------------------

LAB05 = "lab05_search"
EXAMPLES = {  # what a question says: the call, in the names of the lab, and what comes out
    '`idf("cat", texts)` is ln 1.6 = 0.470': ('idf("cat", TEXTS)', 0.470),
    '`idf("fish", texts)` is\nln 8 = 2.079': ('idf("fish", TEXTS)', 2.079),
    "returns `[0.564, 0.353, 0.0]`": (
        'bm25("fox", ["The fox", "A fox and a hen", "A hen"], 1.0, 1.0)',
        [0.564, 0.353, 0.0],
    ),
    "every score is twice that for `fox`": (
        '[a - 2 * b for a, b in zip(bm25("fox, fox", TEXTS, 1.5, 0.75), bm25("fox", TEXTS, 1.5, 0.75))]',
        [0.0, 0.0, 0.0],
    ),
    "the result is `[[2.0, 4.0]]`": (
        "mean_pool(np.array([[[1.0, 3.0], [3.0, 5.0], [9.0, 9.0]]]), np.array([[1, 1, 0]]))",
        [[2.0, 4.0]],
    ),
    "`rank(np.array([2.0, 5.0, 3.0]), [2])` is 2": ("rank(np.array([2.0, 5.0, 3.0]), [2])", 2),
    "`rank(np.array([4.0, 4.0, 4.0]), [0])` is 3": ("rank(np.array([4.0, 4.0, 4.0]), [0])", 3),
    "`rank(np.array([4.0, 4.0, 4.0]), [0, 1])` is 2": ("rank(np.array([4.0, 4.0, 4.0]), [0, 1])", 2),
    "returns `(0.4167, 0.3333)`": ("mrr_and_hit([1, 4, None], 3)", (0.4167, 0.3333)),
    'returns `"foxs den"`': ('normalized(" The fox\'s  (A) DEN.")', "foxs den"),
    "returns `(0.0, 0.6667)`": ('em_and_f1("the golden hair", ["Hair!", "golden locks"])', (0.0, 0.6667)),
    "with `hair` is 2/3 and with `golden locks` 1/2": (
        '[em_and_f1("the golden hair", [a])[1] for a in ("Hair!", "golden locks")]',
        [0.6667, 0.5],
    ),
    "`best_span(start, end, 2)` is `(2, 3)`, with the score 9": ("best_span(START, END, 2)", (2, 3)),
    "`best_span(start, end, 1)` is `(2, 2)`, with the score 6": ("best_span(START, END, 1)", (2, 2)),
    "second\nresult would be `None`": ("best_span(START + [7, 0, 0, 0], END, 1)", None),
    "returns `[0.25, 0.5, 0.3333]`": ("fusion([np.array([2.0, 5.0, 3.0])], 1)", [0.25, 0.5, 0.3333]),
    "the places are 2, 3, 2": ("[1 / x - 9 for x in fusion([np.array([3.0, 1.0, 3.0])], 9)]", [2.0, 3.0, 2.0]),
}


def lab05(source=SOURCES[LAB05]) -> dict:
    start, end = np.array([0.0, 1.0, 4.0, 0.0]), np.array([0.0, 3.0, 2.0, 5.0])
    return source.scope | {"TEXTS": ["The cat sat.", "A cat, a hat", "Fishes"], "START": start, "END": end}


@pytest.mark.parametrize("stated", EXAMPLES, ids=lambda words: words.replace("\n", " "))
def test_lab05s_examples_are_what_its_solutions_return(stated):
    call, value = EXAMPLES[stated]
    questions = [c.source for c in nbformat.read(labs.source(ROOT, LAB05), as_version=4).cells]
    assert any(stated in question for question in questions)
    assert values.difference(value, values.plain(eval(call, lab05())), rtol=0, atol=6e-4) is None


def test_lab05s_solutions_agree_with_the_reference():
    from helpers.reference import answers, search

    own, rng = SimpleNamespace(**{k: v for k, v in lab05().items() if k.isidentifier()}), np.random.default_rng(5)
    for _ in range(50):
        scores, right = rng.integers(0, 5, size=8).astype(float), [int(i) for i in rng.permutation(8)[:2]]
        assert own.rank(scores, right) == search.rank_of(scores, right)
        both = [scores, rng.normal(size=8)]
        assert np.allclose(own.fusion(both, 60), search.reciprocal_rank_fusion(both, 60))
        texts = [" ".join(rng.choice(["A", "b.", "c", "D,"], size=rng.integers(1, 9))) for _ in range(4)]
        query = " ".join(rng.choice(["a", "B", "c?", "e"], size=3))
        assert np.allclose(own.bm25(query, texts, 1.2, 0.4), search.BM25(texts, 1.2, 0.4).scores(query))
        hidden, mask = rng.normal(size=(3, 4, 5)), np.c_[rng.integers(0, 2, size=(3, 3)), [1, 1, 1]]
        assert np.allclose(own.mean_pool(hidden, mask), search.mean_pool(hidden, mask))
        said, one = (" ".join(rng.choice(["The", "a", "fox's", "(an)", "Hen,", "hen"], size=4)) for _ in range(2))
        assert own.normalized(said) == answers.normalized(said)
        best = [answers.best_of(metric, said, [one, "hen"]) for metric in (answers.exact_match, answers.f1)]
        assert np.allclose(own.em_and_f1(said, [one, "hen"]), best)
        (start, end), longest = rng.normal(size=(2, 7)), int(rng.integers(1, 6))
        span = answers.best_span(start, end, np.arange(7) > 0, longest)
        expected = (span.first, span.last) if span.score > start[0] + end[0] else None
        assert own.best_span(start, end, longest) == expected
    places = [1, 3, 2, 7]
    expected = search.reciprocal_ranks(places).mean(), search.hits_at(places, 2).mean()
    assert np.allclose(own.mrr_and_hit(places, 2), expected)


def test_lab05s_mark_scheme_states_what_the_bundled_tales_give():
    """Its sample answers quote three tales and the search in them: after other tales they are computed again."""
    from helpers import corpora
    from helpers.reference import search

    tales, chosen = corpora.fairytales(), SOURCES[LAB05].judges_scope["CHOSEN"]
    kept = [i for i, section in enumerate(tales.sections) if section.tale in chosen]
    sections = [tales.sections[i].text for i in kept]
    asked = [question for question in tales.questions if question.sections[0] in kept]
    right = [[kept.index(i) for i in question.sections] for question in asked]
    mine = (8, 35, 105)
    cells = {c.id: c.source for c in nbformat.read(labs.source(ROOT, LAB05), as_version=4).cells}
    assert all(f'"{tale}"' in cells["tales"] for tale in chosen)
    scheme = " ".join(cells["written"].split())

    def measured(k1=1.5, b=0.75, leave_out=()):
        index = search.BM25(sections, k1, b)
        queries = [" ".join(w for w in search.words(q.text) if w not in leave_out) for q in asked]
        places = [search.rank_of(index.scores(query), known) for query, known in zip(queries, right)]
        return [places[i] for i in mine], f"{search.reciprocal_ranks(places).mean():.3f}"

    asking = ("what", "why", "who", "where", "how", "when", "did", "does", "do", "was", "were", "will", "is")
    (plain, before), (without, after), (low, lower_b) = measured(), measured(leave_out=asking), measured(b=0.25)
    index = search.BM25(sections)
    added = [
        {word: (part[scores.argmax()], part[right[i]].max()) for word, part in index.parts(asked[i].text).items()}
        for i in mine
        for scores in [index.scores(asked[i].text)]
    ]
    for stated in (
        f"'happen' adds {added[0]['happen'][0]:.2f} to the wolf's section and {added[0]['happen'][1]:.0f} to the right",
        f"'princess' adds {added[1]['princess'][0]:.2f} and {added[1]['princess'][1]:.0f};",
        f"'tailors' {added[2]['tailors'][0]:.2f} and {added[2]['tailors'][1]:.0f};",
        f"the MRR goes from {before} to {after}, and the ranks go from "
        f"{', '.join(map(str, plain))} to {', '.join(map(str, without))}.",
        f"With b = 0.25 the MRR is {lower_b} in place of {before}, and the ranks are {low[0]}, {low[1]} and {low[2]} "
        f"in place of {plain[0]}, {plain[1]} and {plain[2]}.",
        f"the MRR of {len(asked)} questions fell",
    ):
        assert stated in scheme, stated
    quoted = (
        "when I die her husband shall be king",
        "everyone stepped out of her way",
        "ran on until it came to a tiny cottage",
    )
    for i, words in zip(mine, quoted):
        assert words in scheme and any(words in sections[place] for place in right[i])
    assert {word for word in ("everybody", "step", "princess") if word not in index.postings} == {"everybody", "step"}
