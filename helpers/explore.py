"""The interactive views: `from helpers import explore`, then `explore.attention(model, tokenizer, "text")`.

Each shows a live view where a front end can draw one, and in the same output a static one for pages, GitHub and
notebooks that were not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from helpers.runtime import QUIET


def _not_while_scored(function: Callable[..., Any]) -> Callable[..., Any]:
    """A lab that is scored has nobody to play, and what a view is made of may be blocked: it shows nothing then."""

    @wraps(function)
    def shown(*arguments: Any, **options: Any) -> Any:
        return None if os.environ.get(QUIET) else function(*arguments, **options)

    return shown


@_not_while_scored
def tokens(text: str, tokenizers=None, price: float | None = None):
    """Tokens, ids, bytes and places of a text that can be changed by typing, and every step that leads to them.

    `tokenizers`: one or several fast tokenizers (transformers' or `tokenizers.Tokenizer`) or names of checkpoints, or a
    dictionary that gives each a name of its own: shown side by side, cuts compared. Left out: GPT-2's BPE, `bert`'s
    WordPiece, and a Unigram trained on the course's reviews. All three kinds can be stepped through, word by word.
    Special tokens such as [CLS] are left out; `price` is that of a million tokens; at most 400 characters are used.

    Raises ValueError for a tokenizer that is not a fast one, and for text that is not valid Unicode.
    """
    from helpers.explorers import tokens as explorer

    return explorer.show(text, tokenizers, price)


@_not_while_scored
def decoding(
    model: Any,
    tokenizer: Any,
    text: str,
    *,
    show: Literal["sampling", "beams", "cache"] = "sampling",
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    min_p: float = 0.0,
    seed: int = 0,
    beams: int = 3,
    steps: int = 5,
) -> Any:
    """How a model goes on after `text`: any decoder of transformers with a fast tokenizer, GPT-2 for instance.

    "sampling": the next token's probabilities, what temperature, top-k (0: all), top-p and min-p make of them in this
    order, and a text drawn token by token. "beams": a beam search step by step. "cache": the bytes of keys and values.
    A text longer than the model's context is cut at its beginning, with a notice. Raises ValueError for a setting out
    of its range, a text without a token or with one that the model has no embedding for, a model that does not write,
    and for "cache" one that keeps no keys and values.
    """
    from helpers.explorers.decoding import explore

    cuts = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    return explore(model, tokenizer, text, show, beams, steps, seed, cuts)


def training(log: Any = None, title: str = "Training", **options: Any) -> Any:
    """Loss, validation and learning rate of a training: live while it runs, and step by step when it is over.

        with explore.training(title="Fine-tuning", reference=(0.69, "a coin's loss")) as curve:
            curve.add("training", step, loss)                  # "validation" and "learning rate" as well
        Trainer(..., callbacks=[curve.callback()])             # the same from what Trainer logs

    One output, whose last frame stays: after an interrupt, when the notebook is opened again, on the page. Afterwards
    `explore.training(curve)`, or `explore.training(trainer.state.log_history)`, shows a cursor that reads the numbers
    of a step. `options`: `ylabel`, `xlabel`, `reference`, `smooth`, `seconds` and `below` of
    `helpers.explorers.training.Curve`. Raises ValueError for a log without numbers or of another kind.
    """
    from helpers.explorers.training import show

    return show(log, title, **options)


@_not_while_scored
def model(
    model: Any,
    tokenizer: Any,
    text: str,
    *,
    start: str = "text",
    layer: int | None = None,
    head: int | None = None,
    temperature: float = 0.8,
    top_k: int = 20,
    top_p: float = 0.95,
    seed: int = 0,
) -> Any:
    """The tour: one sentence goes through the whole model, stage by stage, with the numbers that it computes there.

    `start` is the stage at which it opens: "text", "tokens", "embedding", "positions", "attention", "feed_forward" (of
    block `layer` and `head`), "stream", "norm", "logits", and then "cuts" and "draw" for a model that writes, or
    "probabilities". If you give no block or head, it is one in which the token that the model reads in the end looks
    hardest at another token. A drawn token joins the text, and the tour goes on with it. At most 24 tokens are shown.

    `model`: transformers' GPT2LMHeadModel, BertForMaskedLM (the text should hold its [MASK]) or
    BertForSequenceClassification. Raises ValueError for another one, for an empty text, for an unknown stage, block or
    head, and for a setting of the cuts that is out of its range.
    """
    from helpers.explorers.model import show

    cuts = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    return show(model, tokenizer, text, start, layer, head, seed, cuts)


@_not_while_scored
def confidence(
    model: Any, tokenizer: Any, texts: Any, labels: Any, sentence: str, *, names: Any = None, watch: str | None = None
) -> Any:
    """What a classifier says of a sentence that can be changed by typing, and how far its confidence can be trusted.

    The sentence: a bar per label, and what each token adds to the log-odds of the label `watch` (default: the last), by
    gradient × input. Over `texts` with their `labels`, whole numbers: what a threshold on p(watch) flags, with
    precision and recall, and a reliability diagram with its ECE, while logits are divided by a temperature. Choose both
    on validation texts. `names` of the labels: the model's, unless given.

    `model`: transformers' `AutoModelForSequenceClassification`, in eval mode, with a fast tokenizer. Texts that are too
    long are cut, with a notice. Raises ValueError for another model, and for labels that do not fit the texts.
    """
    from helpers.explorers.confidence import show

    return show(model, tokenizer, texts, labels, sentence, names, watch)


@_not_while_scored
def search(
    passages: Any, question: str, *, encoder: Any = None, reader: Any = None, titles: Any = None, examples: Any = ()
) -> Any:
    """Which of `passages` a question finds: by its words, by its vector and by both, and the answer that stands there.

    The question can be changed by typing. A passage of a ranking can be opened: the words that matched are marked, each
    with what it adds to the BM25 score, and so are the spans that the reader finds likeliest, with their probabilities.
    `encoder`: a BERT as `checkpoints.load("bert")` gives it, for the vectors; `reader`: one with a span head, as
    `checkpoints.load("reader")`. Without them the view ranks by words alone, or shows no answers. `titles`: a name for
    each passage; `examples`: questions to try. `corpora.passages(folder)` cuts texts of your own.

    Raises ValueError for no passages, an empty one, a question without a word, and a model of another kind.
    """
    from helpers.explorers.search import show

    return show(passages, question, encoder, reader, titles, examples)


@_not_while_scored
def attention(
    model: Any, tokenizer: Any, text: str, *, layer: int = 0, head: int = 0, pads: int = 0, mask: Any = None
) -> Any:
    """Who looks at whom in `text`: all heads of a BERT- or GPT-2-like model of transformers, one of them in detail.

    The text can be rewritten, masks can be switched and a head switched off; the model then runs again, and its
    prediction before and after is compared. `pads`: the number of padding tokens after the text. `mask`: one of your
    own for this text, booleans of queries by keys, True where a query may look. A row that may look nowhere shows what
    the model makes of it. The weights are the model's own, whatever its attention implementation (it is put back). A
    long text is cut at its end, with a notice.
    Raises ValueError for a model without attention weights, a head that is not there, and a mask of another shape.
    """
    from helpers.explorers.attention import show

    return show(model, tokenizer, text, layer, head, pads, mask)
