"""`course finetune --task tokens|qa|pairs`: figures that others compute too, wrong files, runs that were killed."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course import cli, examples, finetuning, tasks
from course.finetuning import Recipe
from helpers import checkpoints

TINY = Recipe(epochs=2, batch=8, learning_rate=1e-2, precision="float32", max_length=32, overlap=8)
PEOPLE, PLACES = ["Ada", "Tom", "Rosa", "Jim"], ["London", "Paris", "the river", "an island"]
VERBS = ["went to", "came from", "saw", "left", "dreamed of"]
THINGS = ["a lamp", "the old map", "some bread", "a wooden box", "two keys", "his best coat"]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    """A random BERT of two layers, 32 wide, that reads 64 tokens, with storybook-bert's tokenizer."""
    from families import tiny as family
    from transformers import AutoModel, AutoTokenizer

    folder = tmp_path_factory.mktemp("tiny") / "bert"
    words = AutoTokenizer.from_pretrained(checkpoints.ASSETS / "storybook-bert")
    family("bert", AutoModel, len(words), max_position_embeddings=64, initializer_range=0.2).save_pretrained(folder)
    words.save_pretrained(folder)
    return str(folder)


def stories(count: int = 60) -> list[tuple[str, str, str, str, str]]:
    """Person, what they do, place, thing, and a text that says so."""
    draw, made = random.Random(0), []
    for k in range(count):
        parts = [draw.choice(some) for some in (PEOPLE, VERBS, PLACES, THINGS)]
        text = f"On day {k} {parts[0]} {parts[1]} {parts[2]} with {parts[3]}."
        made.append((*parts, text))
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    lines = []
    for person, verb, place, thing, _ in stories():
        spelled = [(person, "B-PER"), *((word, "O") for word in verb.split())]
        spelled += [(word, "BI"[k > 0] + "-LOC") for k, word in enumerate(place.split())]
        spelled += [(word, "O") for word in f"with {thing} .".split()]
        lines.append("\r\n".join("\t".join(pair) for pair in spelled) + "\r\n")
    (folder / "names.conll").write_text("# made\r\n" + "\r\n".join(lines), encoding="utf-8", newline="")
    paragraphs = [
        {
            "context": text * 3,  # does not fit into one window
            "qas": [
                {"question": "Who was it?", "answers": [{"text": person, "answer_start": text.index(person)}]},
                {"question": "With what?", "answers": [{"text": thing, "answer_start": len(text) + text.index(thing)}]},
            ],
        }
        for person, _, _, thing, text in stories()
    ]
    (folder / "asked.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    with (folder / "pairs.jsonl").open("w", encoding="utf-8") as file:
        for k, (_, verb, *_, text) in enumerate(stories()):
            file.write(json.dumps({"question": f"Who {verb} it on day {k}?", "passage": text}) + "\n")
    return {"tokens": folder / "names.conll", "qa": folder / "asked.json", "pairs": folder / "pairs.jsonl"}


@pytest.fixture(scope="module", params=["tokens", "qa", "pairs"])
def run(request, files, tiny, tmp_path_factory):
    """An undisturbed run of a task with LoRA: its name, folder and metrics."""
    out = tmp_path_factory.mktemp(request.param) / "out"
    recipe = replace(TINY, lora=4)
    return request.param, out, finetuning.finetune(str(files[request.param]), out, tiny, recipe, task=request.param)


# --- the run ------------------------------------------------------------------------------------------


def test_what_a_run_leaves(run):
    task, out, metrics = run
    assert json.loads((out / "metrics.json").read_text("utf-8")) == metrics
    assert {path.name for path in out.iterdir()} == {
        *("README.md", "recipe.json", "metrics.json", "curve.png", "tensorboard", "adapter"),
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"),
    }
    card = (out / "README.md").read_text("utf-8")
    assert "{" not in card and "LoRA of rank 4" in card and "Dropout 0." in card and "== " not in card
    test, best = metrics["test"], tasks.TASKS[task].best
    low, high = test[f"{best}_interval"]
    assert low <= test[best] <= high and f"{test[best]:.3f} ({low:.3f} to {high:.3f})" in card
    assert 0 < metrics["sizes"]["test"] == test["examples"] < metrics["sizes"]["train"]


def test_the_adapter_alone_gives_the_same_model(run, tiny):
    """It is float16, has no path of this machine, and is merged as it was saved."""
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file

    task, out, _ = run
    auto_class = tasks.TASKS[task].auto_class()
    whole = auto_class.from_pretrained(out)
    base = auto_class.from_pretrained(tiny, **({"num_labels": 5} if task == "tokens" else {}))
    both = PeftModel.from_pretrained(base, out / "adapter").merge_and_unload()
    named = dict(both.named_parameters())
    for name, weight in whole.named_parameters():
        assert torch.allclose(weight, named[name], atol=1e-6), name
    stored = load_file(out / "adapter" / "adapter_model.safetensors")
    assert {weight.dtype for weight in stored.values()} == {torch.float16}
    config = json.loads((out / "adapter" / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == "bert" and str(Path(tiny).parent) not in json.dumps(config)
    assert config["r"] == 4 and not (out / "adapter" / "README.md").exists()
    assert any("lora_B" in name and weight.any() for name, weight in stored.items()), "it has learned"


@pytest.mark.parametrize(
    ("task", "lora", "batch"), [("tokens", 0, 8), ("qa", 4, 48), ("pairs", 4, 8), ("classification", 4, 200)]
)
def test_a_run_that_was_stopped_and_resumed_gives_the_same_weights(
    task, lora, batch, files, tiny, tmp_path, monkeypatch
):
    """It is stopped in its second epoch, and does not begin again."""
    import torch
    from safetensors.torch import load_file
    from transformers import Trainer

    data, recipe = str(files.get(task, "reviews")), replace(TINY, lora=lora, dropout=0.1, batch=batch, keep="last")
    steps, stop, real = [0], [True], Trainer.training_step

    def counted(self, *arguments, **options):
        if stop[0] and self.state.epoch > 1.1:
            raise KeyboardInterrupt
        steps[0] += 1
        return real(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "training_step", counted)
        with pytest.raises(KeyboardInterrupt):
            finetuning.finetune(data, tmp_path / "out", tiny, recipe, task=task, save_every=0)
        stop[0] = False
        finetuning.finetune(data, tmp_path / "out", tiny, recipe, task=task, resume=True, save_every=0)
        together, steps[0] = steps[0], 0
        finetuning.finetune(data, tmp_path / "whole", tiny, recipe, task=task, save_every=1e9)
    assert together == steps[0], "no step was taken twice"
    one, other = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "out"))
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_lora_stands_at_every_matrix_of_the_layers_and_the_head_learns(tiny):
    from transformers import AutoModelForQuestionAnswering

    model = finetuning.with_lora(AutoModelForQuestionAnswering.from_pretrained(tiny), 4)
    learns = {name for name, weight in model.named_parameters() if weight.requires_grad}
    matrices = {name.rpartition(".lora_")[0] for name in learns if ".lora_" in name}
    assert len(matrices) == 2 * 6 and all(".layer." in name for name in matrices)
    rest = {name for name in learns if ".lora_" not in name}
    assert {name.rpartition(".")[2] for name in rest} == {"weight", "bias"} and all("qa_outputs" in n for n in rest)
    groups = finetuning.parameter_groups(model, replace(TINY, layer_decay=0.5))
    assert sum(len(group["params"]) for group in groups) == len(learns)


def test_a_task_refuses_options_that_it_does_not_read(files, tiny, tmp_path):
    for given, words in (
        ({"task": "names"}, "--task is 'names'; it can be classification, tokens, qa, pairs"),
        ({"task": "tokens", "merge_labels": True}, "--merge-labels says nothing to --task tokens, which reads --text"),
        (
            {"task": "qa", "label": "x"},
            "--label says nothing to --task qa, which reads --question, --passage, --answer",
        ),
        ({"answer": "x"}, "--answer says nothing to --task classification"),
        (
            {"task": "pairs", "recipe": replace(TINY, label_smoothing=0.1)},
            "--label-smoothing says nothing to --task pa",
        ),
    ):
        with pytest.raises(ValueError, match=words):
            finetuning.finetune("x", tmp_path / "out", tiny, **given)


# --- figures -----------------------------------------------------------------------------------------


def test_entity_figures_are_those_of_seqeval(files, tiny, tmp_path):
    from seqeval.metrics import f1_score, precision_score, recall_score
    from transformers import pipeline

    metrics = finetuning.finetune(str(files["tokens"]), tmp_path / "out", tiny, replace(TINY, epochs=12), task="tokens")
    splits, notes = examples.sentences(str(files["tokens"]), {"text": "tokens", "label": "labels"})
    assert notes == []
    find = pipeline("token-classification", model=str(tmp_path / "out"), device="cpu")
    predicted = []
    for one in splits["test"]:
        text, labels = " ".join(one.words), []
        guesses = {piece["start"]: piece["entity"] for piece in find(text, ignore_labels=[])}
        for k in range(len(one.words)):
            labels.append(guesses[len(" ".join([*one.words[:k], ""]))])
        predicted.append(labels)
    actual = [list(one.labels) for one in splits["test"]]
    for name, metric in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        assert metrics["test"][name] == pytest.approx(metric(actual, predicted)), name
    assert metrics["test"]["f1"] > 0.5 and metrics["kinds"] == ["LOC", "PER"]
    usual = tasks.usual_labels(splits["train"])
    always = [[usual.get(word, "O") for word in one.words] for one in splits["test"]]
    assert metrics["test"]["usual"]["f1"] == pytest.approx(f1_score(actual, always))


def test_the_interval_of_entity_f1_is_that_of_resampled_sentences():
    from helpers.reference.entities import entity_scores

    draw = random.Random(0)
    actual = [[draw.choice(["O", "B-PER", "B-LOC", "I-LOC"]) for _ in range(8)] for _ in range(40)]
    predicted = [[draw.choice([label, label, "O"]) for label in one] for one in actual]
    found = tasks.entity_figures(actual, predicted)
    assert {kind: {**f, "f1_interval": 0} for kind, f in found.items()} == {
        kind: {**score._asdict(), "f1_interval": 0} for kind, score in entity_scores(actual, predicted).items()
    }
    for kind in ("all", "PER"):
        values = []
        for _ in range(400):
            rows = [draw.randrange(40) for _ in range(40)]
            values.append(entity_scores([actual[i] for i in rows], [predicted[i] for i in rows])[kind].f1)
        assert found[kind]["f1_interval"] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)


def test_answers_are_the_best_spans_of_all_windows(files, tiny, tmp_path):
    """Each window is read by itself, without padding, by the reference's functions."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    from helpers.reference import answers

    metrics = finetuning.finetune(str(files["qa"]), tmp_path / "out", tiny, replace(TINY, epochs=1), task="qa")
    assert metrics["cut"] == 120, "all texts need several windows"
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "out").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    splits, _ = examples.questions(str(files["qa"]), dict(tasks.Answers.columns))
    values = []
    for one in splits["test"]:
        question = tokenizer(one.question)["input_ids"]
        text = tokenizer(one.text, add_special_tokens=False, return_offsets_mapping=True)
        size = 32 - len(question) - 1
        best, said = -np.inf, ""
        for window in answers.windows(len(text["input_ids"]), size, size - min(8, (size - 1) // 2)):
            ids = [*question, *text["input_ids"][window.start : window.stop], tokenizer.sep_token_id]
            types = [0] * len(question) + [1] * (len(ids) - len(question))
            with torch.no_grad():
                output = model(torch.tensor([ids]), token_type_ids=torch.tensor([types]))
            allowed = [False] * len(question) + [True] * len(window) + [False]
            span = answers.best_span(output.start_logits[0].numpy(), output.end_logits[0].numpy(), allowed)
            if span.score > best:
                first, last = (text["offset_mapping"][window.start + k - len(question)] for k in span[:2])
                best, said = span.score, one.text[first[0] : last[1]]
        values.append([answers.best_of(m, said, one.answers) for m in (answers.exact_match, answers.f1)])
    exact, f1 = np.mean(values, axis=0)
    assert metrics["test"]["exact_match"] == pytest.approx(exact) and metrics["test"]["f1"] == pytest.approx(f1)


def test_the_labels_of_windows_are_the_answer(tiny):
    """Where a window has the whole answer, its tokens give it back; elsewhere it points at the first token."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    text = " ".join(one[-1] for one in stories(12))
    told, ends = set(), [match.end() for match in re.finditer(r"\S+", text)]
    for k in range(0, len(ends) - 5, 3):
        start, end = (ends[k - 1] + 1 if k else 0), ends[k + k % 6]
        one = examples.Asked("Who?", text, (text[start:end],), start, end, "line 1")
        rows, cut = tasks.Answers().encode(tokenizer, {"train": [one]}, TINY)
        assert cut == 1 and len(rows["train"]) > 3
        for row in rows["train"]:
            offsets, first, last = row["about"]["offsets"], row["start_positions"], row["end_positions"]
            inside = [offsets[k] for k, of_text in enumerate(row["about"]["inside"]) if of_text]
            if (first, last) != (0, 0):
                assert text[offsets[first][0] : offsets[last][1]] == text[start:end]
            has_it = inside[0][0] <= start and end <= inside[-1][1]
            assert has_it == ((first, last) != (0, 0))
            told.add((has_it, start < inside[0][0] < end, start < inside[-1][1] < end))
    assert told == {(True, False, False), (False, False, False), (False, True, False), (False, False, True)}


def test_vectors_are_the_references_and_ranks_its_ranks(files, tiny, tmp_path):
    import torch
    from transformers import AutoModel, AutoTokenizer

    from helpers.reference import search

    metrics = finetuning.finetune(str(files["pairs"]), tmp_path / "out", tiny, TINY, task="pairs")
    splits, _ = examples.pairs(str(files["pairs"]), dict(tasks.Search.columns))
    tokenizer, part = AutoTokenizer.from_pretrained(tiny), splits["test"]

    def ranked(folder):
        model = AutoModel.from_pretrained(folder).eval()

        def vectors(texts):
            inputs = tokenizer(texts, padding=True, truncation=True, max_length=32, return_tensors="pt")
            with torch.no_grad():
                hidden = model(**inputs).last_hidden_state.numpy()
            by_torch = tasks.embed(model, inputs["input_ids"], inputs["attention_mask"]).detach().numpy()
            pooled = search.mean_pool(hidden, inputs["attention_mask"].numpy())
            assert by_torch == pytest.approx(pooled / np.linalg.norm(pooled, axis=-1, keepdims=True), abs=1e-5)
            return pooled

        scores = search.cosine(vectors([one.question for one in part.questions]), vectors(part.passages))
        places = [search.rank_of(row, one.passages) for row, one in zip(scores, part.questions)]
        return {"hit_1": search.hits_at(places, 1).mean(), "mrr": search.reciprocal_ranks(places).mean()}

    after, before = ranked(tmp_path / "out"), ranked(tiny)
    for name in after:
        assert metrics["test"][name] == pytest.approx(after[name])
        assert metrics["test"]["before"][name] == pytest.approx(before[name])
        assert metrics["test"]["gain"][name] == pytest.approx(after[name] - before[name])


def test_the_loss_of_pairs_leaves_out_equal_passages(tiny):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(tiny), AutoModel.from_pretrained(tiny).eval()
    search = tasks.Search()
    part = examples.Pairs(["a lamp", "two keys"], [examples.Pair(q, (k,)) for q, k in (("x", 0), ("y", 1), ("z", 0))])
    rows, _ = search.encode(tokenizer, {"train": part}, TINY)
    loss, outputs = search.loss(model, search.collate(tokenizer, None)(rows["train"]))
    cosines = (outputs["question"] @ outputs["passage"].T).detach().numpy() / tasks.TEMPERATURE
    rivals = [[0, 1], [0, 1, 2], [1, 2]]
    expected = [np.log(np.exp(cosines[i][those] - cosines[i][i]).sum()) for i, those in enumerate(rivals)]
    assert loss.item() == pytest.approx(np.mean(expected), rel=1e-4)
    assert torch.allclose(outputs["passage"][0], outputs["passage"][2], atol=1e-6)


# --- the examples ------------------------------------------------------------------------------------


def test_which_questions_of_the_fairytales_are_used():
    from helpers import corpora

    for split, count in (("train", 4241), ("validation", 648), ("test", 656)):
        found = examples.fairytale_questions(split)
        assert len(found) == count
        texts = {section.text for section in corpora.fairytales(split).sections}
        for one in found:
            assert one.text in texts
            assert one.text[one.start : one.end].casefold().split() in [a.casefold().split() for a in one.answers]


def test_an_answer_is_found_word_for_word():
    assert examples.find("the fox", "A rule: The\n Fox ran.") == (8, 16)
    assert examples.find("fox", "Foxes and a firefox.") is None
    assert examples.find("ran.", "The fox ran.") == (8, 12)
    assert examples.find("a+b", "so a+b is") == (3, 6) and examples.find(" ", "x y") is None


@pytest.mark.parametrize(
    ("labels", "repaired"),
    [
        ("I-PER I-PER O", "B-PER I-PER O"),
        ("B-PER I-LOC I-LOC", "B-PER B-LOC I-LOC"),
        ("O I-LOC B-LOC I-LOC", "O B-LOC B-LOC I-LOC"),
        ("I-PER I-LOC I-PER", "B-PER B-LOC B-PER"),
        ("B-PER I-PER B-PER", "B-PER I-PER B-PER"),
    ],
)
def test_repaired_labels_mean_the_same_entities(labels, repaired):
    from helpers.reference.entities import entities

    assert examples.repair(labels.split()) == repaired.split()
    assert entities(labels.split()) == entities(repaired.split())


def test_splits_share_no_text_and_do_not_depend_on_punctuation():
    rows = [(f"Text {k % 20}!", k) for k in range(60)]
    splits = examples.cut(rows, lambda row: row[0], Path("x"), "text")
    assert {name: len(part) for name, part in splits.items()} == {"train": 36, "validation": 12, "test": 12}
    keys = [{text for text, _ in part} for part in splits.values()]
    assert len(set.union(*keys)) == sum(map(len, keys)) == 20
    again = examples.cut([(text.replace("!", " "), k) for text, k in rows], lambda row: row[0], Path("x"), "text")
    assert {name: [k for _, k in part] for name, part in again.items()} == {
        name: [k for _, k in part] for name, part in splits.items()
    }


def test_readers_of_the_same_sentences_agree(files, tmp_path):
    columns = dict(tasks.Names.columns)
    expected, _ = examples.sentences(str(files["tokens"]), columns)
    text = files["tokens"].read_bytes().decode("utf-8").replace("\r\n", "\n")
    (tmp_path / "spaces.txt").write_text(text.replace("\t", " _ _ "), encoding="utf-8")
    rows = [one for part in expected.values() for one in part]
    (tmp_path / "LOUD.CONLL.GZ").write_bytes(gzip.compress(text.encode("utf-8")))
    (tmp_path / "rows.jsonl").write_text(
        "\n".join(json.dumps({"tokens": one.words, "labels": one.labels}) for one in rows), encoding="utf-8"
    )
    for name in ("spaces.txt", "LOUD.CONLL.GZ", "rows.jsonl"):
        found, _ = examples.sentences(str(tmp_path / name), columns)
        assert found["train"] and {one for part in found.values() for one in part} == set(rows)
    (tmp_path / "latin.conll").write_bytes(text.replace("Ada", "Zoë").encode("cp1252"))
    found, notes = examples.sentences(str(tmp_path / "latin.conll"), columns)
    assert "Western European" in notes[0] and any("Zoë" in one.words for one in found["train"])


def test_a_table_of_questions_may_say_where_the_answer_is(tmp_path):
    rows = [("question", "context", "answer", "start"), ("Who?", "Tom saw Tom.", "Tom", "8")]
    rows += [(f"Who {k}?", f"Ada saw number {k}.", "ada", "") for k in range(20)]
    with (tmp_path / "mine.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    splits, _ = examples.questions(str(tmp_path / "mine.csv"), dict(tasks.Answers.columns))
    found = {one.question: (one.start, one.end) for part in splits.values() for one in part}
    assert found["Who?"] == (8, 11) and found["Who 3?"] == (0, 3) and len(found) == 21


GOOD = "Ada\tB-PER\nsaw\tO\n\n"


@pytest.mark.parametrize(
    ("task", "name", "content", "message"),
    [
        ("tokens", "gone.conll", None, "There is no file"),
        ("tokens", "empty.conll", "  \n", "empty.conll is empty"),
        ("tokens", "comment.conll", "# nothing\n", "holds no sentences"),
        ("tokens", "bare.conll", GOOD + "Tom\n", "line 4: 'Tom' is not a word with a label after it"),
        ("tokens", "pos.conll", GOOD + "Tom\tNOUN\n", "line 4: the label 'NOUN' is not BIO"),
        ("tokens", "old.conll", "Ada\tB-PER\r\n\r\nsaw\tO\r\n\r\n" * 9, "each of its 18 sentences has one word"),
        ("tokens", "none.conll", "so\tO\nso\tO\n\n" * 9, "all labels are O"),
        ("tokens", "few.conll", GOOD * 9, "1 different sentence, too few"),
        ("tokens", "table.csv", "text,label\nso,O\n", "has no column 'tokens'; it has text, label. Say which one"),
        ("tokens", "text.jsonl", '{"tokens": "so so", "labels": ["O"]}\n', "line 1: tokens is not a list of words"),
        ("tokens", "short.jsonl", '{"tokens": ["so"], "labels": ["O", "O"]}\n' * 2, "line 1: 1 words have 2 labels"),
        ("tokens", "utf8.conll", GOOD.encode() * 90 + b"Zo\xff\xfe\x81 \tO\n", "utf8.conll is not UTF-8"),
        ("qa", "a.csv", "question,context,answer\nWho?,Tom ran.,Ada\n", "line 2: the answer 'Ada' is not in the text"),
        ("qa", "b.csv", "question,context,answer\nWho?,Tom ran.,\n", "line 2: the question has no answer (1 such"),
        ("qa", "c.csv", "question,context,answer\nWho?,,Ada\n", "line 2 has no context"),
        ("qa", "d.csv", "question,text,answer\nWho?,x,Ada\n", "no column 'context'; it has question, text, ans"),
        ("qa", "e.json", '{"data": [{"paragraphs": [{"qas": []}, {"context": "x"}]}]}', "SQuAD's format needs data"),
        (
            "qa",
            "f.json",
            '{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "?", "is_impossible": true}]}]}]}',
            "data[0].paragraphs[0].qas[0]: the question has no answer",
        ),
        ("qa", "g.csv", "question,context,answer\nWho?,Tom ran.,Tom\n", "1 different text, too few"),
        ("pairs", "a.csv", "question,passage\nWho?,\n", "line 2 has no passage"),
        ("pairs", "b.csv", "question,text\nWho?,x\n", "no column 'passage'; it has question, text. Say"),
        ("pairs", "c.csv", "question,passage\n", "holds no rows"),
    ],
)  # fmt: skip
def test_mistakes_in_files_are_one_line(task, name, content, message, tiny, tmp_path, monkeypatch, capsys):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    monkeypatch.delenv("COURSE_TRACEBACK", raising=False)
    words = ["--data", str(tmp_path / name), "--checkpoint", tiny, "--out", str(tmp_path / "out"), "--task", task]
    monkeypatch.setattr(sys, "argv", ["course", "finetune", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and message in lines[0], lines
    assert not (tmp_path / "out").exists()


def test_questions_without_an_answer_are_left_out_when_asked(tmp_path):
    rows = "".join(f"Who {k}?,Tom saw {k}.,{'Tom' * (k > 0)}\n" for k in range(20))
    (tmp_path / "mine.csv").write_text("question,context,answer\n" + rows, encoding="utf-8")
    splits, notes = examples.questions(str(tmp_path / "mine.csv"), dict(tasks.Answers.columns), drop_missing=True)
    assert sum(map(len, splits.values())) == 19 and "1 question without an answer left out, line 2 first" in notes[0]
