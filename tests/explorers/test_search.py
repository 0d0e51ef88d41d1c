"""The search explorer: its numbers against the reference functions and the models; its forms; what it refuses."""

from __future__ import annotations

import html
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from families import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from markup import Tags
from transformers import AutoModel, AutoModelForMaskedLM, AutoModelForQuestionAnswering, AutoTokenizer

from helpers import explore, show
from helpers.checkpoints import ASSETS
from helpers.explorers import search as explorer
from helpers.reference import answers as reading
from helpers.reference.search import BM25

TEXTS = [
    "The fox 🦊 ran to the river and drank.",
    "A queen gave the old miller a golden ring.",
    "The fox & the wolf had <b>nothing</b> to eat.",
    "Nobody knew where the children had gone that night.",
    "The queen of the foxes slept.",
    "The fox 🦊 ran to the river and drank.",  # the first again
    "It rained.",
]
UNIQUE = [*TEXTS[:4], TEXTS[6]]
QUESTION = "What did the Queen give the miller?"
LONG = "The old king walked on. " * 35 + "The fox 🦊 hid the crown in a hollow tree. " + "Then it rained again. " * 35


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(ASSETS / "storybook-bert")


def checkpoint(tokenizer, auto_class=AutoModel, family="bert", **options):
    """A random model with weights far from the usual 0.02, so that its numbers differ from text to text."""
    options = {"initializer_range": 0.3} | options
    return SimpleNamespace(model=tiny(family, auto_class, len(tokenizer), **options), tokenizer=tokenizer)


@pytest.fixture(scope="module")
def encoder(tokenizer):
    return checkpoint(tokenizer)


@pytest.fixture(scope="module")
def reader(tokenizer):
    return checkpoint(tokenizer, AutoModelForQuestionAnswering)


@pytest.fixture(scope="module")
def search(encoder, reader):
    return explorer.Search(TEXTS, encoder, reader)


def vector(one, text: str) -> torch.Tensor:
    """A text by itself, so without padding: the mean of the last hidden states."""
    with torch.no_grad():
        return one.model(**one.tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0)


# --- rankings -----------------------------------------------------------------------------------------


def test_the_rankings_are_the_reference_functions_and_the_models(encoder):
    """Planted faults: padding counts in the mean; places begin at 0; a passage without a shared word has a place."""
    reply = explorer.Search(UNIQUE, encoder).reply(QUESTION)
    by_words = BM25(UNIQUE).scores(QUESTION)
    by_vectors = torch.cosine_similarity(
        vector(encoder, QUESTION)[None], torch.stack([vector(encoder, one) for one in UNIQUE])
    ).numpy()
    worst = [[sum(other >= one for other in scores) for one in scores] for scores in (by_words, by_vectors)]
    fused = np.array([1 / (60 + a) + 1 / (60 + b) for a, b in zip(*worst, strict=True)])
    orders = [sorted(range(len(UNIQUE)), key=lambda k: (-s[k], k)) for s in (by_words, by_vectors, fused)]
    named = [one["name"] for one in reply["rankings"]]
    assert named == ["By words (BM25)", "By vectors (cosine)", "By both (ranks fused)"]
    for one, scores, order in zip(reply["rankings"], (by_words, by_vectors, fused), orders, strict=True):
        shown = [k for k in order[:5] if scores is not by_words or by_words[k]]
        assert one["places"] == shown and len(shown) > 3
        assert np.allclose(one["scores"], scores[shown], atol=1e-5)
    for one, (kind, theirs) in zip(reply["rankings"], [("vectors", 1), ("words", 0)], strict=False):
        told = [f"{explorer.ordinal(orders[theirs].index(k) + 1)} by {kind}" for k in one["places"]]
        silent = [kind == "words" and not by_words[k] for k in one["places"]]
        wanted = ["shares no word" if none else line for none, line in zip(silent, told, strict=True)]
        assert one["beside"] == wanted
    assert reply["open"] == orders[2][0] and {len(one["places"]) for one in reply["rankings"][1:]} == {5}
    assert "shares no word" in " ".join(reply["rankings"][1]["beside"])


def test_the_sentence_says_where_the_two_disagree(tokenizer):
    """Planted fault: the two are compared by their scores, not by their passages."""
    search = explorer.Search(TEXTS[:4], SimpleNamespace(model=Fake(tokenizer), tokenizer=tokenizer))

    def said(question, *order):
        search.encoder.model.order = order
        return search.reply(question)["said"]

    assert said("a golden ring", 1, 0, 2, 3) == "Words and vectors agree on the first passage."
    line = "Words and vectors disagree: the first by words is 4th by vectors, and the first by vectors "
    assert said("a golden ring", 3, 0, 2, 1) == f"{line}shares no word."
    assert said("the golden ring", 3, 0, 2, 1) == f"{line}is 3rd by words."
    assert said("zebra", 3, 0, 2, 1) == "No passage shares a word with the question."


class Fake:
    """An encoder whose first four texts point four ways; the next one, a question, lies nearest to those in `order`."""

    training, device = False, "cpu"

    def __init__(self, tokenizer):
        self.base_model = self
        self.order: tuple[int, ...] = ()
        self.config = SimpleNamespace(max_position_embeddings=40, vocab_size=len(tokenizer))
        self.config.get_text_config = lambda: self.config

    def named_modules(self):
        return []

    def get_input_embeddings(self):
        raise NotImplementedError

    def __call__(self, input_ids, attention_mask, **_):
        rows = torch.zeros(len(input_ids), 4)
        if not self.order:
            rows[range(4), np.argsort([len(text) for text in TEXTS[:4]], kind="stable")] = 1  # as they are sorted
        for k, place in enumerate(self.order):
            rows[:, place] = 4 - k
        return SimpleNamespace(last_hidden_state=rows[:, None].expand(-1, input_ids.shape[1], -1))


def test_what_each_word_adds_and_where_it_stands(search):
    """Planted faults: a word's place is counted in bytes; the share is of the sum and not of the most."""
    reply = search.reply("the FOX 🦊 drank what?", 0)
    parts = BM25(TEXTS).parts("the FOX 🦊 drank what?")
    assert {one["word"]: one["part"] for one in reply["words"]} == {word: part[0] for word, part in parts.items()}
    assert sum(one["part"] for one in reply["words"]) == pytest.approx(BM25(TEXTS).scores("the fox drank what?")[0])
    found = [(TEXTS[0][first:last], share) for first, last, share in reply["matched"]]
    assert [word for word, _ in found] == ["The", "fox", "the", "drank"]
    most = parts["drank"][0]
    for word, share in found:
        assert share == pytest.approx(parts[word.lower()][0] / most)
    assert reply["notice"] == "No passage has the word “what”."


def test_letters_whose_lower_case_is_two():
    texts = ["In İstanbul it rained.", "a"]
    reply = explorer.Search(texts).reply("istanbul İSTANBUL")  # i, a dot above and stanbul: the dot cuts a word in two
    assert [texts[0][first:last] for first, last, _ in reply["matched"]] == ["İstanbul"]


@pytest.mark.parametrize("question", ["", " ", "?", "🦊 …"])
def test_a_question_without_a_word_finds_nothing_and_is_no_error(search, question):
    """Planted fault: an error, which the view would show while somebody types."""
    reply = search.reply(question)
    assert reply["rankings"] == [] and reply["open"] is None and reply["notice"] == "Type a word to search."
    assert search.stored(question)["opened"] == [{"open": None, "words": [], "matched": [], "answers": None}]


def test_only_stop_words_and_only_unknown_words(search):
    places = search.reply("to the")["rankings"][0]["places"]
    assert places[:2] == [0, 5] and all(score > 0 for score in search.reply("to the")["rankings"][0]["scores"])
    reply = search.reply("zebra xylophone")
    assert reply["rankings"][0]["places"] == [] and len(reply["rankings"][1]["places"]) == 5
    assert reply["notice"] == "No passage has the word “zebra” or “xylophone”."
    assert explorer.Search(TEXTS).reply("zebra")["open"] is None  # and without vectors nothing at all
    assert explorer.Search(TEXTS).reply("zebra", 2)["open"] == 2


def test_one_passage_and_many_equal_ones(encoder, reader):
    reply = explorer.Search(["It rained."], encoder, reader).reply("rained")
    assert [one["places"] for one in reply["rankings"]] == [[0]] * 3
    reply = explorer.Search(["It rained."] * 20, encoder, reader).reply("rained")
    assert reply["rankings"][0]["places"] == [0, 1, 2, 3, 4]  # of equals the earlier
    assert np.ptp(reply["rankings"][1]["scores"]) < 1e-6


def test_a_head_on_the_encoder_does_not_matter(tokenizer):
    with_head = checkpoint(tokenizer, AutoModelForMaskedLM)
    vectors, cut = explorer.Search(TEXTS, with_head).encode(["The fox.", "so " * 60])
    assert cut == 1
    with torch.no_grad():
        states = with_head.model(**tokenizer("The fox.", return_tensors="pt"), output_hidden_states=True).hidden_states
    assert np.allclose(vectors[0], states[-1][0].mean(0), atol=1e-5)


# --- the reader ---------------------------------------------------------------------------------------


def brute(start, end, allowed, longest=explorer.LONGEST):
    """The best span that holds allowed tokens only, among all there are."""
    spans = [
        reading.Span(i, j, float(start[i] + end[j]))
        for i in range(len(start))
        for j in range(i, min(len(start), i + longest))
        if all(allowed[i : j + 1])
    ]
    return max(spans, key=lambda span: (span.score, -span.first, -span.last), default=None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 40), st.integers(0, 12))
def test_the_best_spans_do_not_overlap(seed, tokens, question):
    """Planted fault: only a span's two ends must be free."""
    rng = np.random.default_rng(seed)
    start, end = rng.normal(size=(2, tokens))
    free = np.arange(tokens) >= question
    found = explorer.best_spans(start, end, free)
    for span in found:
        assert span == brute(start, end, free)
        free[span.first : span.last + 1] = False
    assert len(found) == 3 or not free.any()


def by_model(reader, question: str, text: str) -> list[tuple[float, list]]:
    """What transformers' model says of each window of a passage: its highest sum, and spans with text and p."""
    model, tokenizer = reader.model, reader.tokenizer
    asked = tokenizer(question, add_special_tokens=False)["input_ids"]
    passage = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = passage["input_ids"], passage["offset_mapping"]
    room = 40 - len(asked) - 3
    stride = (40 - 3) // 2 // 2
    found, at = [], 0
    while True:
        part = ids[at : at + room]
        row = [tokenizer.cls_token_id, *asked, tokenizer.sep_token_id, *part, tokenizer.sep_token_id]
        kinds = [0] * (len(asked) + 2) + [1] * (len(part) + 1)
        with torch.no_grad():
            output = model(torch.tensor([row]), token_type_ids=torch.tensor([kinds]))
        first = len(asked) + 2
        start, end = (one[0, first : first + len(part)] for one in (output.start_logits, output.end_logits))
        p, q = start.softmax(0), end.softmax(0)
        free, spans = np.ones(len(part), bool), []
        while len(spans) < 3 and (span := brute(start.numpy(), end.numpy(), free)):
            free[span.first : span.last + 1] = False
            place = (offsets[at + span.first][0], offsets[at + span.last][1])
            spans.append((place, float(p[span.first] * q[span.last])))
        found.append((brute(start.numpy(), end.numpy(), free | True).score, spans))
        if at + room >= len(ids):
            return found
        at += room - stride


def same(found, wanted):
    assert [(one["start"], one["end"]) for one in found] == [place for place, _ in wanted]
    assert np.allclose([one["probability"] for one in found], [p for _, p in wanted], atol=1e-5)


def test_answers_are_the_models(search, reader):
    """Planted faults: a softmax over the question's tokens, too; the end logits for both."""
    for text in TEXTS:
        ((_, wanted),) = by_model(reader, QUESTION, text)
        found = search.read(QUESTION, text)
        same(found, wanted)
        assert 0 < found[0]["probability"] < 1


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_a_long_passage_is_read_in_windows(search, reader, batch, monkeypatch):
    """Planted faults: the first window counts; windows of the later batches get the places of the first."""
    monkeypatch.setattr(explorer, "BATCH", batch)
    windows = by_model(reader, "Where is the crown?", LONG)
    best = max(range(len(windows)), key=lambda k: windows[k][0])
    assert len(windows) > 16 and best > 3
    same(search.read("Where is the crown?", LONG), windows[best][1])


def test_a_very_long_question_leaves_room_for_the_passage(search):
    found = search.read("where is " * 60, LONG)
    cut = search.read("where is " * 9, LONG)  # 18 tokens are half of what there is besides 3 special ones
    assert len(found) == 3 and found == cut
    assert search.read("w", "\u200b") == []  # a passage without a token


@pytest.mark.parametrize(("places", "message"), [(4, "4 tokens, which leaves no room"), (5, None), (6, None)])
def test_a_reader_with_hardly_any_room(tokenizer, places, message):
    reader = checkpoint(tokenizer, AutoModelForQuestionAnswering, max_position_embeddings=places)
    search = explorer.Search(TEXTS, None, reader)
    if message:
        with pytest.raises(ValueError, match=message):
            search.read(QUESTION, TEXTS[0])
    else:
        assert len(search.read(QUESTION, TEXTS[0])) >= 1


def test_a_reader_of_another_family(tokenizer):
    for family in ("roberta", "distilbert"):
        reader = checkpoint(tokenizer, AutoModelForQuestionAnswering, family)
        if family == "distilbert":
            reader.tokenizer = AutoTokenizer.from_pretrained(ASSETS / "storybook-bert")
            reader.tokenizer.model_input_names = ["input_ids", "attention_mask"]
        found = explorer.Search([LONG], None, reader).read(QUESTION, LONG)
        assert len(found) == 3 and all(0 <= one["start"] < one["end"] <= len(LONG) for one in found)


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passages": []}, "at least one and none empty"),
        ({"passages": "The fox ran."}, "must be a list of texts"),
        ({"passages": None}, "must be a list of texts"),
        ({"passages": ["The fox.", " \n"]}, "none empty"),
        ({"passages": (["The fox."], ["fox · 1"])}, "corpora.passages.folder. gives such a list and a list of titles"),
        ({"passages": ["a \ud83d"]}, "lone surrogate"),
        ({"question": "a \ud83d"}, "lone surrogate"),
        ({"titles": ["a \ud83d"] * 7}, "lone surrogate"),
        ({"question": "?"}, r"at least one word, not '\?'"),
        ({"question": 3}, "at least one word, not 3"),
        ({"examples": ["Who?", ""]}, "at least one word, not ''"),
        ({"titles": ["one"]}, "7 passages and 1 titles: give one title per passage"),
        ({"encoder": "bert"}, "encoder must be a checkpoint, such as checkpoints.load gives, not 'bert'"),
        ({"reader": 1}, "reader must be a checkpoint"),
        ({"reader": "encoder"}, r"BertModel has no span head: load one with checkpoints.load.'reader'."),
        ({"encoder": "training"}, "encoder is in training mode"),
        ({"encoder": "small"}, "resize_token_embeddings"),
        ({"reader": "small"}, "resize_token_embeddings"),
    ],
)
def test_bad_input_is_one_clear_error(tokenizer, change, message):
    class_of = {"encoder": AutoModel, "reader": AutoModelForQuestionAnswering}
    for what in class_of.keys() & change:
        kind = change[what]
        one = checkpoint(tokenizer, AutoModel if kind == "encoder" else class_of[what])
        if kind == "training":
            one.model.train()
        if kind == "small":
            one.model.resize_token_embeddings(8)
            one.model.config.vocab_size = len(tokenizer)
        if kind in ("encoder", "training", "small"):
            change = {what: one}
    asked = {"passages": TEXTS, "question": QUESTION} | change
    with pytest.raises(ValueError, match=message) as raised:
        explore.search(asked.pop("passages"), asked.pop("question"), **asked)
    assert "\n" not in str(raised.value)


def test_a_passage_that_is_not_there(search):
    for place in (-1, 7):
        with pytest.raises(ValueError, match=f"no passage {place}: they go from 0 to 6"):
            search.reply(QUESTION, place)
    with pytest.raises(ValueError, match="must be a string, not int"):
        search.reply(3)
    with pytest.raises(ValueError, match="lone surrogate"):
        search.reply("fox \udcff")


# --- the three forms ------------------------------------------------------------------------------------


def shown(monkeypatch, encoder, reader, passages=TEXTS, **options):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1))
    return explore.search(passages, QUESTION, encoder=encoder, reader=reader, **options)


def test_live_and_static_in_one_output(monkeypatch, encoder, reader, search):
    """Planted fault: a title or a passage is not escaped."""
    titles = [f"<i>{k}</i>" for k in range(7)]
    one, two = (shown(monkeypatch, encoder, reader, titles=titles, examples=["fox", QUESTION]) for _ in range(2))
    data, _ = one._repr_mimebundle_()
    assert set(data) == {show.LIVE_VIEW, "text/html", "text/plain"}
    assert repr(one) == data["text/plain"] and data["text/html"] == two._repr_mimebundle_()[0]["text/html"]
    tags = Tags(data["text/html"])
    assert tags.open == [] and {"mark", "small"} <= {*tags.seen}
    assert {*tags.seen} <= {"div", "p", "table", "tr", "td", "b", "ol", "li", "br", "small", "mark"}
    reply = search.reply(QUESTION)
    assert one.data["first"] == reply and one.data["examples"] == [QUESTION, "fox"] and one.data["titles"] == titles
    (line,) = [line for line in data["text/plain"].splitlines() if line.startswith("By both")]
    best = reply["rankings"][2]
    first = f"<i>{best['places'][0]}</i> {best['scores'][0]:.3g} ({best['beside'][0]})"
    assert line.startswith(f"By both (ranks fused): {first}")
    answer, text = reply["answers"][0], TEXTS[reply["open"]]
    said = f"Answer: “{text[answer['start'] : answer['end']]}”, {answer['probability']:.1%}."
    assert said in data["text/plain"] and html.escape(said) in data["text/html"]
    third = explorer.static(one.data | {"first": search.reply("the wolf", 2)}, "").html
    assert "&lt;b&gt;nothing&lt;/b&gt;" in third.replace("<mark>", "").replace("</mark>", "")
    assert "<b>wolf</b>" in third and "<b>The</b>" not in third  # what nearly all passages have is not marked


def test_without_models_and_without_a_match(monkeypatch):
    view = shown(monkeypatch, None, None, ["It rained.", "It snowed."])
    assert [one["name"] for one in view.data["first"]["rankings"]] == ["By words (BM25)"]
    lines = repr(view).splitlines()
    assert lines[1:3] == ["No passage shares a word with the question.", "By words (BM25): nothing"]
    assert lines[3].startswith("No passage has the word “what” or “did” or")
    text = repr(shown(monkeypatch, None, None, ["The queen.", "It snowed."]))
    assert "By words (BM25): Passage 1 " in text and "Answer" not in text and "vectors" not in text


def test_a_long_passage_shows_the_part_around_its_answer():
    """Planted fault: the beginning is always shown."""
    text, at = "so it goes " * 300, 2000
    answer = {"start": at, "end": at + 3, "probability": 1.0}
    out = explorer.marked(text, [(0, 2, 1.0)], answer)
    assert out.startswith("… ") and out.endswith(" …") and "<b>" not in out
    assert f"<mark>{text[at : at + 3]}</mark>" in out
    assert abs(len(out) - explorer.STATIC) < 40
    assert explorer.marked(text, [(0, 2, 1.0)], None).startswith("<b>so</b> it")
    assert explorer.marked("a\nb & <b>c</b>", [], None) == "a<br>b &amp; &lt;b&gt;c&lt;/b&gt;"


def test_what_a_stored_notebook_carries(monkeypatch, encoder, reader, search):
    """Planted faults: only the opened passage is stored; the size of the passages does not matter."""
    page = shown(monkeypatch, encoder, reader, examples=["Where is the fox?"])._repr_mimebundle_()[0]["text/html"]
    call = json.loads(html.unescape(page.split('data-explorer="')[1].split('"')[0]))
    assert [one["ranked"]["question"] for one in call["answers"]] == [QUESTION, "Where is the fox?"]
    for one in call["answers"]:
        question, places = one["ranked"]["question"], [each["open"] for each in one["opened"]]
        assert {*places} == {k for ranking in one["ranked"]["rankings"] for k in ranking["places"]}
        assert one["ranked"] | one["opened"][0] == json.loads(json.dumps(search.reply(question)))
        for each in one["opened"]:
            assert one["ranked"] | each == json.loads(json.dumps(search.reply(question, each["open"])))
    monkeypatch.setattr(explorer, "ALIVE_UP_TO", sum(map(len, TEXTS)) - 1)
    assert "data-explorer" not in shown(monkeypatch, encoder, reader)._repr_mimebundle_()[0]["text/html"]


def test_what_is_typed_is_answered_and_a_mistake_is_shown(monkeypatch, encoder, reader, search):
    view = shown(monkeypatch, encoder, reader, [*TEXTS, "so " * 60])
    assert view.note.endswith(" 1 of the 8 passages is too long for the encoder, which reads only its beginning.")
    view = shown(monkeypatch, encoder, reader)
    view.state = {"question": "a golden ring", "ask": 1}
    assert view.note == "" and {one["places"][0] for one in view.reply["rankings"][:1]} == {1}
    assert view.reply == {"ask": 1, **search.reply("a golden ring")}
    view.state = {"question": "a golden ring", "open": 4, "ask": 2}
    assert view.reply["open"] == 4
    view.state = {"question": "", "ask": 3}
    assert view.reply["rankings"] == [] and view.note == "Type a word to search."
    view.state = {"question": "a golden ring", "open": 7, "ask": 4}
    assert view.note == "ValueError: There is no passage 7: they go from 0 to 6."


def test_places_are_spoken():
    wanted = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th", "113th"]
    assert [explorer.ordinal(int(one[:-2])) for one in wanted] == wanted


ON_COLAB = """
from helpers.explorers import search
view = search.show(["The fox ran.", "It rained."], "Where is the fox?", None, None, None, ())
data = formatted(view)
view.state = {"question": "rained", "ask": 1}
print(data["text/plain"] == repr(view), view.reply["open"])
"""


def test_all_three_forms_with_colabs_versions(on_colab):
    assert on_colab(ON_COLAB) == "True 1"
