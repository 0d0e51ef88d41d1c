"""What `course finetune` can be asked for: a task says how data are read, which head learns, and what is measured.

    classification  a text → one of the labels
    tokens          the words of a sentence → names in it, by BIO labels
    qa              a question and a text → the words of the text that answer it
    pairs           a question → the passage that answers it, by a vector of each

`course.finetuning` has what they share: the recipe, the loop, saving, resuming, the card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from course import examples

if TYPE_CHECKING:
    import numpy as np

Row = dict[str, Any]
"""What the model reads of one example, and under "about" what only the metrics need."""
Outputs = list[tuple["np.ndarray", ...]]
"""For each row what the model gave; positions that filled a batch may follow."""

Words = Mapping[str, str]
READ = ("input_ids", "attention_mask", "token_type_ids")
TEMPERATURE = 0.05  # of the softmax over the passages of a batch
LONGEST_ANSWER = 30  # tokens


@dataclass
class Data:
    """What was read: the parts of each split, names of labels, sentences on oddities, and what metrics.json gets."""

    splits: Mapping[str, Any]
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


class Task:
    """A task. Its class attributes are words for the command, the console and the card."""

    name = ""
    noun = "texts"
    columns: ClassVar[Words] = {}  # options that name columns, and their defaults
    options: tuple[str, ...] = ("encoding",)  # further options that it reads
    longest = 512  # tokens of a text, where nothing says less
    best = ""  # which value of `score` chooses the epoch
    told_as: ClassVar[Words] = {}  # how the values of `score` are called
    model_class = ""
    gives: tuple[str, ...] = ("logits",)  # which of the model's outputs are looked at
    pipeline = ""
    label_names: ClassVar[list[str] | None] = None  # in a batch, where transformers cannot tell
    pooler = True  # whether the model's own pooler is used, where it has one
    loss: Callable[..., Any] | None = None  # where the model has none of its own

    def auto_class(self) -> Any:
        import transformers

        return getattr(transformers, self.model_class)

    def named(self, columns: Mapping[str, str | None]) -> dict[str, str]:
        """The columns to read: those that are given, else the usual ones."""
        return {name: columns.get(name) or usual for name, usual in self.columns.items()}

    def read(self, data: Any, columns: Mapping[str, str | None], reading: Mapping[str, Any], track: Any) -> Data:
        """The splits of `data`. Raises ValueError, naming file and line, for what cannot serve."""
        raise NotImplementedError

    def head(self, data: Data) -> dict[str, Any]:
        """What `auto_class` is told beside the checkpoint."""
        return {}

    def encode(self, tokenizer: Any, splits: Mapping[str, Any], recipe: Any) -> tuple[dict[str, list[Row]], int]:
        """Rows of each split, and how many texts were longer than `recipe.max_length`."""
        raise NotImplementedError

    def collate(self, tokenizer: Any, multiple: int | None) -> Callable[[list[Row]], Any]:
        from transformers import DataCollatorWithPadding

        return _without_about(DataCollatorWithPadding(tokenizer, pad_to_multiple_of=multiple))

    def length(self, row: Row) -> int:
        """By which rows that are read together are chosen."""
        return len(row["input_ids"])

    def aim(self, data: Data) -> str:
        return f"{len(data.names)} labels"

    def was_cut(self, cut: int, total: int, recipe: Any) -> str:
        return f"{cut:,} of {total:,} texts are longer than {recipe.max_length} tokens, so they are cut"

    def score(self, outputs: Outputs, rows: Sequence[Row]) -> dict[str, float]:
        """What is told of validation after each epoch."""
        raise NotImplementedError

    def before(self, model: Any, data: Data, rows: Mapping[str, list[Row]], collate: Any) -> Any:
        """What `figures` needs to know of the checkpoint as it was."""
        return None

    def figures(self, model: Any, split: str, data: Data, rows: Mapping[str, list[Row]], collate: Any, before: Any):
        """What metrics.json says of a split: figures with intervals, beside those of a baseline."""
        raise NotImplementedError

    def told(self, test: Mapping[str, Any]) -> str:
        """The figures of the test in a sentence."""
        raise NotImplementedError

    def beside(self, test: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Further figures of the test for the card's table, by their names."""
        raise NotImplementedError


def _without_about(collate: Any) -> Callable[[list[Row]], Any]:
    return lambda rows: collate([{name: value for name, value in row.items() if name != "about"} for row in rows])


def predict(
    model: Any,
    rows: Sequence[Row],
    collate: Any,
    gives: Sequence[str],
    keep: Callable[..., Any] = lambda row, *arrays: arrays,
    batch: int = 64,
) -> Outputs:
    """What `keep` makes of what `model` gives for each row; long rows are read together with long ones."""
    import numpy as np
    import torch

    order = np.argsort([len(row["input_ids"]) for row in rows], kind="stable")
    found: Outputs = [()] * len(rows)
    with torch.inference_mode():
        for first in range(0, len(rows), batch):
            these = order[first : first + batch]
            inputs = collate([rows[i] for i in these]).to(model.device)
            inputs = {name: value for name, value in inputs.items() if name in READ}
            output = model(**inputs)
            arrays = [output[name].float().cpu().numpy() for name in gives]
            for k, i in enumerate(these):
                found[i] = keep(rows[i], *(part[k] for part in arrays))
    return found


def _means(values: Mapping[str, Any]) -> dict[str, Any]:
    from helpers.metrics import bootstrap_interval

    means = {name: float(each.mean()) for name, each in values.items()}
    return means | {f"{name}_interval": list(bootstrap_interval(each)) for name, each in values.items()}


def _with_interval(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_interval"]
    return f"{figures[name]:.3f} (95 % interval {low:.3f} to {high:.3f})"


# --- a text gets a label --------------------------------------------------------------------------


class Classification(Task):
    name = "classification"
    columns: ClassVar[Words] = {"text": "text", "label": "label"}
    options = ("encoding", "merge_labels", "drop_missing", "label_smoothing")
    best = "macro_f1"
    told_as: ClassVar[Words] = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
    model_class = "AutoModelForSequenceClassification"
    pipeline = "text-classification"

    def read(self, data, columns, reading, track):
        from course.leaks import absent_labels, without_leaks
        from helpers import corpora

        given = columns | reading
        splits, notes = corpora.read(data, **given) if isinstance(data, str) else (data, [])
        splits, leaks, leak_notes = without_leaks(splits, partial(track, sum(map(len, splits.values()))))
        absent, absent_notes = absent_labels(splits)
        names = splits["train"].features["label"].names
        facts = {"labels": names, "absent": absent, "leaks": leaks}
        return Data(splits, names, [*notes, *leak_notes, *absent_notes], facts)

    def head(self, data):
        one_each = {"problem_type": "single_label_classification"}
        return labels_of(data.names) | one_each | {"ignore_mismatched_sizes": True}

    def encode(self, tokenizer, splits, recipe):
        rows: dict[str, list[Row]] = {}
        cut = 0
        for split, part in splits.items():
            texts = list(part["text"])
            whole = tokenizer(texts, verbose=False)["input_ids"]
            cut += sum(len(ids) > recipe.max_length for ids in whole)
            encoded = tokenizer(texts, truncation=True, max_length=recipe.max_length)
            rows[split] = [
                {name: column[i] for name, column in encoded.items()} | {"labels": label}
                for i, label in enumerate(part["label"])
            ]
        return rows, cut

    def score(self, outputs, rows):
        from helpers.metrics import accuracy_and_f1

        return dict(zip(("accuracy", "macro_f1"), accuracy_and_f1(self._table(outputs, rows)), strict=True))

    def _table(self, outputs, rows):
        import numpy as np

        from helpers.metrics import confusion

        logits = np.array([one[0] for one in outputs])
        return confusion(np.array([row["labels"] for row in rows]), logits.argmax(-1), logits.shape[-1])

    def figures(self, model, split, data, rows, collate, before):
        import numpy as np

        from helpers.metrics import accuracy_and_f1, confusion, figures

        table = self._table(predict(model, rows[split], collate, self.gives), rows[split])
        majority = Counter(row["labels"] for row in rows["train"]).most_common(1)[0][0]
        actual = np.array([row["labels"] for row in rows[split]])
        always = accuracy_and_f1(confusion(actual, np.full_like(actual, majority), len(table)))
        return figures(table) | {
            "majority": dict(zip(("accuracy", "macro_f1"), always, strict=True)),
            "confusion": table.tolist(),
        }

    def told(self, test):
        return (
            f"accuracy {_with_interval(test, 'accuracy')}, macro-F1 {test['macro_f1']:.3f}; "
            f"always the most frequent label: {test['majority']['accuracy']:.3f}"
        )

    def beside(self, test):
        return {"always the most frequent label": test["majority"]}


def labels_of(names: Sequence[str]) -> dict[str, Any]:
    return {
        "num_labels": len(names),
        "id2label": dict(enumerate(names)),
        "label2id": {name: i for i, name in enumerate(names)},
    }


# --- an answer that is in the text ----------------------------------------------------------------


class Answers(Task):
    name = "qa"
    noun = "questions"
    columns: ClassVar[Words] = {"question": "question", "passage": "context", "answer": "answer"}
    options = ("encoding", "drop_missing")
    longest = 384
    best = "f1"
    told_as: ClassVar[Words] = {"exact_match": "exact match", "f1": "F1"}
    model_class = "AutoModelForQuestionAnswering"
    gives = ("start_logits", "end_logits")

    def read(self, data, columns, reading, track):
        splits, notes = examples.questions(data, self.named(columns), reading["encoding"], reading["drop_missing"])
        return Data(splits, [], notes)

    def head(self, data):
        return {"num_labels": 2, "ignore_mismatched_sizes": True}  # the checkpoint may have been a classifier

    def encode(self, tokenizer, splits, recipe):
        """Windows over each text; where the answer is not whole in one, that one's span is its first token."""
        rows: dict[str, list[Row]] = {}
        cut = 0
        for split, part in splits.items():
            rows[split] = []
            for number, one in enumerate(part):
                asked = len(tokenizer(one.question, verbose=False)["input_ids"])
                room = recipe.max_length - asked - 2
                if room < recipe.max_length // 4:
                    raise ValueError(
                        f"{one.place}: the question has {asked} tokens, which leaves too few of the "
                        f"{recipe.max_length} of --max-length for the text. Shorten it."
                    )
                encoded = tokenizer(
                    one.question,
                    one.text,
                    truncation="only_second",
                    max_length=recipe.max_length,
                    stride=min(recipe.overlap, room // 2),
                    return_overflowing_tokens=True,
                    return_offsets_mapping=True,
                    verbose=False,
                )
                cut += len(encoded["input_ids"]) > 1
                for k, offsets in enumerate(encoded["offset_mapping"]):
                    row = {name: encoded[name][k] for name in tokenizer.model_input_names if name in encoded}
                    inside = [part == 1 for part in encoded.sequence_ids(k)]
                    first, last = _covering(offsets, inside, one.start, one.end)
                    about = {"question": number, "offsets": offsets, "inside": inside, "asked": one}
                    rows[split].append(row | {"start_positions": first, "end_positions": last, "about": about})
        return rows, cut

    def aim(self, data):
        return "answers that are in the text"

    def was_cut(self, cut, total, recipe):
        return f"{cut:,} of {total:,} texts are longer than {recipe.max_length} tokens, so they are read in windows"

    def answers(self, outputs: Outputs, rows: Sequence[Row]) -> dict[int, str]:
        """For each question the text of the best span in any of its windows."""
        from helpers.reference.answers import best_span

        best: dict[int, tuple[float, str]] = {}
        for (start, end, *_), row in zip(outputs, rows, strict=True):
            about, length = row["about"], len(row["input_ids"])
            span = best_span(start[:length], end[:length], about["inside"], LONGEST_ANSWER)
            if span and span.score > best.get(about["question"], (float("-inf"), ""))[0]:
                first, last = about["offsets"][span.first][0], about["offsets"][span.last][1]
                best[about["question"]] = span.score, about["asked"].text[first:last]
        return {question: text for question, (_, text) in sorted(best.items())}

    def _scores(self, answers: Mapping[int, str], asked: Mapping[int, Any]) -> dict[str, Any]:
        import numpy as np

        from helpers.reference.answers import best_of, exact_match, f1

        return {
            name: np.array([best_of(metric, answers.get(k, ""), one.answers) for k, one in asked.items()])
            for name, metric in (("exact_match", exact_match), ("f1", f1))
        }

    def score(self, outputs, rows):
        asked = {row["about"]["question"]: row["about"]["asked"] for row in rows}
        return {name: float(values.mean()) for name, values in self._scores(self.answers(outputs, rows), asked).items()}

    def figures(self, model, split, data, rows, collate, before):
        asked = dict(enumerate(data.splits[split]))
        nearest = {k: examples.nearest_sentence(one.question, one.text) for k, one in asked.items()}
        return {
            **_means(self._scores(self.answers(predict(model, rows[split], collate, self.gives), rows[split]), asked)),
            "sentence": {name: float(v.mean()) for name, v in self._scores(nearest, asked).items()},
            "examples": len(asked),
        }

    def beside(self, test):
        return {"the sentence that shares most words with the question": test["sentence"]}

    def told(self, test):
        return (
            f"exact match {_with_interval(test, 'exact_match')}, F1 {_with_interval(test, 'f1')}; the sentence that "
            f"shares most words with the question: F1 {test['sentence']['f1']:.3f}"
        )


def _covering(offsets, inside: Sequence[bool], start: int, end: int) -> tuple[int, int]:
    """The tokens in which the characters `start` to `end` lie; (0, 0) where this window does not hold all of them."""
    text = [k for k, of_text in enumerate(inside) if of_text and offsets[k][1] > offsets[k][0]]
    if not text or offsets[text[0]][0] > start or offsets[text[-1]][1] < end:
        return 0, 0
    touched = [k for k in text if offsets[k][0] < end and offsets[k][1] > start]
    return (touched[0], touched[-1]) if touched else (0, 0)


# --- names in a sentence ------------------------------------------------------------------------------


class Names(Task):
    name = "tokens"
    noun = "sentences"
    columns: ClassVar[Words] = {"text": "tokens", "label": "labels"}
    options = ("encoding", "label_smoothing")
    best = "f1"
    told_as: ClassVar[Words] = {"precision": "precision", "recall": "recall", "f1": "F1"}
    model_class = "AutoModelForTokenClassification"
    pipeline = "token-classification"

    def read(self, data, columns, reading, track):
        splits, notes = examples.sentences(data, self.named(columns), reading["encoding"])
        kinds = {split: {label[2:] for one in part for label in one.labels} - {""} for split, part in splits.items()}
        for split in ("validation", "test"):
            if unknown := sorted(kinds[split] - kinds["train"]):
                notes.append(f"No sentence to train on has {', '.join(unknown)}, which {split} has: they are missed.")
        return Data(splits, names_in(splits), notes, {"kinds": sorted(set().union(*kinds.values()))})

    def head(self, data):
        return labels_of(data.names) | {"ignore_mismatched_sizes": True}

    def aim(self, data):
        return f"{len(data.facts['kinds'])} kinds of names"

    def encode(self, tokenizer, splits, recipe):
        from helpers.reference.entities import on_pieces

        names = names_in(splits)
        rows: dict[str, list[Row]] = {}
        cut = 0
        for split, part in splits.items():
            spelled = [list(one.words) for one in part]
            whole = tokenizer(spelled, is_split_into_words=True, verbose=False)
            encoded = tokenizer(spelled, is_split_into_words=True, truncation=True, max_length=recipe.max_length)
            cut += sum(len(ids) > recipe.max_length for ids in whole["input_ids"])
            rows[split] = []
            for i, one in enumerate(part):
                word_of_piece = encoded.word_ids(i)
                labels = on_pieces([names.index(label) for label in one.labels], word_of_piece)
                row = {name: column[i] for name, column in encoded.items()}
                about = {"sentence": one, "word_of_piece": word_of_piece, "names": names}
                rows[split].append(row | {"labels": labels, "about": about})
        return rows, cut

    def collate(self, tokenizer, multiple):
        from transformers import DataCollatorForTokenClassification

        return _without_about(DataCollatorForTokenClassification(tokenizer, pad_to_multiple_of=multiple))

    def labels(self, outputs: Outputs, rows: Sequence[Row]) -> list[list[str]]:
        """The label of each word: that of its first piece, and O where it was cut off."""
        found = []
        for (logits, *_), row in zip(outputs, rows, strict=True):
            about, guesses = row["about"], logits.argmax(-1)
            labels = ["O"] * len(about["sentence"].words)
            for k in reversed(range(len(about["word_of_piece"]))):  # the first piece comes last, and stays
                if (word := about["word_of_piece"][k]) is not None:
                    labels[word] = about["names"][guesses[k]]
            found.append(labels)
        return found

    def score(self, outputs, rows):
        from helpers.reference.entities import entity_scores

        actual = [list(row["about"]["sentence"].labels) for row in rows]
        return entity_scores(actual, self.labels(outputs, rows))["all"]._asdict()

    def figures(self, model, split, data, rows, collate, before):
        actual = [list(one.labels) for one in data.splits[split]]
        usual = usual_labels(data.splits["train"])
        always = [[usual.get(word, "O") for word in one.words] for one in data.splits[split]]
        found = entity_figures(actual, self.labels(predict(model, rows[split], collate, self.gives), rows[split]))
        baseline = entity_figures(actual, always)
        return found.pop("all") | {"kinds": found, "usual": baseline["all"], "examples": len(actual)}

    def told(self, test):
        return (
            f"F1 {_with_interval(test, 'f1')}, precision {test['precision']:.3f}, recall {test['recall']:.3f}; "
            f"the label that each word had most often: F1 {test['usual']['f1']:.3f}"
        )

    def beside(self, test):
        kinds = {f"{kind} ({values['support']:,})": values for kind, values in test["kinds"].items()}
        return kinds | {"the label that each word had most often in training": test["usual"]}


def names_in(splits: Mapping[str, Sequence[examples.Sentence]]) -> list[str]:
    """O, and B- and I- of each kind that there is."""
    kinds = sorted({label[2:] for part in splits.values() for one in part for label in one.labels} - {""})
    return ["O", *(f"{mark}-{kind}" for kind in kinds for mark in "BI")]


def usual_labels(train: Sequence[examples.Sentence]) -> dict[str, str]:
    """The label that each word has most often; of equally frequent ones the first in the alphabet."""
    counts: dict[str, Counter[str]] = {}
    for one in train:
        for word, label in zip(one.words, one.labels, strict=True):
            counts.setdefault(word, Counter())[label] += 1
    return {word: min(labels, key=lambda label: (-labels[label], label)) for word, labels in counts.items()}


def entity_figures(
    actual: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], resamples: int = 2000
) -> dict[str, dict[str, Any]]:
    """`entity_scores` with a 95 % interval of each F1: the percentile bootstrap over sentences (Efron 1979)."""
    import numpy as np

    from helpers.reference.entities import entities, entity_scores

    scores = entity_scores(actual, predicted)
    kinds = [kind for kind in scores if kind != "all"]
    counts = np.zeros((len(actual), len(scores), 2))  # the right ones, and those that are said or there
    for i, (truth, guess) in enumerate(zip(actual, predicted, strict=True)):
        wanted, found = {*entities(truth)}, {*entities(guess)}
        for which, these in ((0, wanted & found), (1, wanted), (1, found)):
            for entity in these:
                counts[i, kinds.index(entity.kind), which] += 1
    counts[:, -1] = counts.sum(axis=1)
    draws = np.random.default_rng(0).multinomial(len(actual), [1 / len(actual)] * len(actual), size=resamples)
    right, both = np.moveaxis(np.einsum("ds,skw->dkw", draws, counts, optimize=True), -1, 0)
    f1 = np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0)
    low, high = np.quantile(f1, [0.025, 0.975], axis=0)
    intervals = {kind: [float(low[k]), float(high[k])] for k, kind in enumerate([*kinds, "all"])}
    return {kind: score._asdict() | {"f1_interval": intervals[kind]} for kind, score in scores.items()}


# --- the passage that answers a question ------------------------------------------------------------


class Search(Task):
    name = "pairs"
    noun = "questions"
    columns: ClassVar[Words] = {"question": "question", "passage": "passage"}
    longest = 256
    best = "mrr"
    told_as: ClassVar[Words] = {"hit_1": "hit@1", "hit_5": "hit@5", "mrr": "MRR"}
    model_class = "AutoModel"
    gives = ("last_hidden_state",)
    label_names: ClassVar[list[str] | None] = ["labels"]
    pooler = False

    def read(self, data, columns, reading, track):
        splits, notes = examples.pairs(data, self.named(columns), reading["encoding"])
        passages = {split: len(part.passages) for split, part in splits.items()}
        return Data(splits, [], notes, {"passages": passages, "temperature": TEMPERATURE})

    def aim(self, data):
        return f"{data.facts['passages']['train']:,} passages"

    def encode(self, tokenizer, splits, recipe):
        def ids(texts: Sequence[str]) -> list[Row]:
            encoded = tokenizer(list(texts), truncation=True, max_length=recipe.max_length)
            return [{name: encoded[name][i] for name in READ[:2]} for i in range(len(texts))]

        rows: dict[str, list[Row]] = {}
        cut = 0
        for split, part in splits.items():
            passages = ids(part.passages)
            rows[f"passages of {split}"] = passages
            whole = tokenizer([*part.passages, *(one.question for one in part.questions)], verbose=False)
            cut += sum(len(one) > recipe.max_length for one in whole["input_ids"])
            rows[split] = [
                row | {f"passage_{name}": passages[one.passages[0]][name] for name in row} | {"labels": one.passages[0]}
                for row, one in zip(ids([one.question for one in part.questions]), part.questions, strict=True)
            ]
        return rows, cut

    def length(self, row):
        return len(row["passage_input_ids"])

    def collate(self, tokenizer, multiple):
        from transformers import BatchEncoding

        def batch(rows: list[Row]) -> BatchEncoding:
            import torch

            made: Row = {}
            for before in ("", "passage_") if "labels" in rows[0] else ("",):
                part = [{name: row[before + name] for name in READ[:2]} for row in rows]
                padded = tokenizer.pad(part, return_tensors="pt", pad_to_multiple_of=multiple)
                made |= {before + name: value for name, value in padded.items()}
            if "labels" in rows[0]:
                made["labels"] = torch.tensor([row["labels"] for row in rows])
            return BatchEncoding(made)

        return batch

    @staticmethod
    def loss(model, inputs):
        """Cross-entropy of the right passage among those of the batch, by cosine / TEMPERATURE (Henderson et al. 2017).

        Another question's passage is no wrong answer where it is the same one.
        """
        import torch

        question, passage = (
            embed(model, inputs[f"{before}input_ids"], inputs[f"{before}attention_mask"]) for before in ("", "passage_")
        )
        scores = question @ passage.T / TEMPERATURE
        labels, own = inputs["labels"], torch.eye(len(scores), dtype=torch.bool, device=scores.device)
        scores = scores.masked_fill((labels[:, None] == labels[None, :]) & ~own, float("-inf"))
        loss = torch.nn.functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))
        return loss, {"loss": loss, "question": question, "passage": passage, "number": labels}

    def score(self, outputs, rows):
        """Among the passages that are right for some row."""
        import numpy as np

        questions, passages, numbers = (np.array(part) for part in zip(*outputs))
        kept, place = np.unique(numbers, return_index=True)
        relevant = [{int(np.searchsorted(kept, number))} for number in numbers]
        return {name: float(v.mean()) for name, v in _ranked(questions @ passages[place].T, relevant).items()}

    def before(self, model, data, rows, collate):
        return {split: self._ranked(model.eval(), split, data, rows, collate) for split in ("validation", "test")}

    def _ranked(self, model, split, data, rows, collate):
        from helpers.reference.search import cosine

        asked = [{name: row[name] for name in READ[:2]} for row in rows[split]]
        questions, passages = (
            predict(model, part, collate, self.gives, _mean) for part in (asked, rows[f"passages of {split}"])
        )
        return _ranked(cosine(questions, passages), [one.passages for one in data.splits[split].questions])

    def figures(self, model, split, data, rows, collate, before):
        from helpers.reference.search import BM25

        part, old = data.splits[split], before[split]
        new = self._ranked(model, split, data, rows, collate)
        index = BM25(part.passages)
        by_words = _ranked(
            [index.scores(one.question) for one in part.questions], [one.passages for one in part.questions]
        )
        return {
            **_means(new),
            "before": _means(old),
            "gain": _means({name: new[name] - old[name] for name in new}),
            "words": _means(by_words),
            "examples": len(part),
        }

    def told(self, test):
        low, high = test["gain"]["mrr_interval"]
        return (
            f"hit@1 {_with_interval(test, 'hit_1')}, MRR {_with_interval(test, 'mrr')}; before MRR "
            f"{test['before']['mrr']:.3f}, a gain of {test['gain']['mrr']:.3f} ({low:.3f} to {high:.3f}); by words "
            f"(BM25) {test['words']['mrr']:.3f}"
        )

    def beside(self, test):
        return {
            "the checkpoint before": test["before"],
            "the gain, question by question": test["gain"],
            "by words (BM25)": test["words"],
        }


def embed(model: Any, input_ids: Any, attention_mask: Any) -> Any:
    """A vector of length 1 for each text: the mean of its tokens' hidden states, as `mean_pool` in the reference."""
    import torch

    hidden = model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
    mask = attention_mask[..., None].float()
    return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def _mean(row: Row, hidden: Any) -> Any:
    """Of the tokens, without those that filled the batch."""
    return hidden[: len(row["input_ids"])].mean(0)


def _ranked(scores: Sequence[Any], relevant: Sequence[Any]) -> dict[str, Any]:
    """hit@1, hit@5 and reciprocal rank of each question."""
    from helpers.reference.search import hits_at, rank_of, reciprocal_ranks

    places = [rank_of(one, right) for one, right in zip(scores, relevant, strict=True)]
    return {"hit_1": hits_at(places, 1), "hit_5": hits_at(places, 5), "mrr": reciprocal_ranks(places)}


TASKS: dict[str, Task] = {task.name: task for task in (Classification(), Names(), Answers(), Search())}
