"""From books to what a step of `course pretrain` reads: a tokenizer, one row of ids, windows, masks."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.metrics import END_OF_TEXT, TEXT_START

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int

    from course.pretraining import Recipe

BERT_SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

SLURS = re.compile(
    r"\b(nigger\w*|injuns?|redskins?|squaws?|half-breeds?|dark(e?y|e?ys|ies)|coons?|chinam[ae]n|dagos?|wops?|kaffirs?"
    r"|hottentots?|sheen(y|ies)|sambo|japs?|kikes?|pickaninn(y|ies)|blackamoors?|mulatto(es)?)\b",
    re.IGNORECASE,
)
"""Words for people that the books of 1843 to 1930 use and that a model should not learn to write."""


def read_corpus(corpora: str | Sequence[str], held_out: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Training texts and held-out texts, both by name, from folders or tar archives, or from one Hub id.

    A folder or an archive holds one `.txt` file a book; those named in `held_out` are kept apart.
    A Hub id needs a `text` column; its `validation` or `test` split is held out, else its last 2 %.
    A paragraph with a slur is left out of the training texts.

    Raises ValueError when there is nothing to train on or nothing to validate on.
    """
    corpora = [corpora] if isinstance(corpora, str) else corpora
    books: dict[str, str] = {}
    for corpus in corpora:
        path = Path(corpus).expanduser()
        if path.is_dir():
            books |= {f.stem: _decoded(f.read_bytes(), f) for f in sorted(path.rglob("*.txt"))}
        elif path.is_file():
            with tarfile.open(path) as archive:
                for member in sorted(archive.getmembers(), key=lambda m: m.name):
                    if member.isfile() and member.name.endswith(".txt"):
                        books[Path(member.name).stem] = _decoded(archive.extractfile(member).read(), member.name)
        elif len(corpora) == 1:
            return _read_hub_corpus(corpus)
        else:
            raise ValueError(f"There is no folder or archive {corpus}. Several corpora are read from this disk only.")
    missing = [name for name in held_out if name not in books]
    if missing or len(books) <= len(held_out):
        raise ValueError(
            f"{' and '.join(corpora)} hold {len(books)} .txt files and lack the held-out "
            f"{', '.join(missing) or 'rest'}. Name other books to hold out with --held-out."
        )
    training = {name: without_slurs(text) for name, text in books.items() if name not in held_out}
    return training, {name: books[name] for name in held_out}


def without_slurs(text: str) -> str:
    """The paragraphs of `text`, one a line, that have no word of SLURS."""
    return "".join(line for line in text.splitlines(keepends=True) if not SLURS.search(line))


def in_one_pass(texts: dict[str, str], recipe: Recipe) -> list[str]:
    """The texts that a pass reads: `recipe.times` copies of those whose name begins like one in `recipe.often`."""
    return [t for name, t in texts.items() for _ in range(recipe.times if name.startswith(recipe.often) else 1)]


def _decoded(content: bytes, name: str | Path) -> str:
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not in UTF-8 (byte {error.start}): save it as UTF-8.") from None


def _read_hub_corpus(hub_id: str) -> tuple[dict[str, str], dict[str, str]]:
    from datasets import load_dataset

    splits = load_dataset(hub_id)
    train = splits["train"]
    if "text" not in train.column_names:
        raise ValueError(f"{hub_id} has no column `text`; it has {', '.join(train.column_names)}.")
    name = next((n for n in ("validation", "test") if n in splits), None)
    if name is None:
        cut = len(train) - max(1, len(train) // 50)
        return {"train": "\n".join(train[:cut]["text"])}, {"last 2 %": "\n".join(train[cut:]["text"])}
    return {"train": "\n".join(train["text"])}, {name: "\n".join(splits[name]["text"])}


def train_tokenizer(texts: list[str], recipe: Recipe):
    """GPT-2's byte-level BPE or BERT's uncased WordPiece, trained on `texts` with `tokenizers`."""
    from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
    from transformers import BertTokenizer, GPT2Tokenizer

    paragraphs = [line for text in texts for line in text.splitlines(keepends=True)]
    if recipe.architecture == "gpt2":
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(
            paragraphs, vocab_size=recipe.vocabulary, min_frequency=2, special_tokens=[END_OF_TEXT], show_progress=False
        )
        model = json.loads(trained.to_str())["model"]
        return GPT2Tokenizer(
            vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]], model_max_length=recipe.context
        )
    trained = BertWordPieceTokenizer()
    # The trainer numbers the pieces "##a" in the order of a hash table, another one each time. Named ahead, they
    # have fixed numbers, and so has everything that is merged from them.
    inner = set()
    for line in paragraphs:
        for word, _ in trained.pre_tokenizer.pre_tokenize_str(trained.normalizer.normalize_str(line)):
            inner.update(word[1:])
    trained.train_from_iterator(
        paragraphs,
        vocab_size=recipe.vocabulary,
        min_frequency=2,
        show_progress=False,
        special_tokens=[*BERT_SPECIAL_TOKENS, *(f"##{character}" for character in sorted(inner))],
    )
    return BertTokenizer(vocab=trained.get_vocab(), model_max_length=recipe.context)


def encode_books(tokenizer, texts: list[str]) -> Int[np.ndarray, " tokens"]:
    """One long row of ids. Before each book stand GPT-2's end of text and a newline, or BERT's separator.

    The newline makes the first paragraph of a book look like every other one, so a prompt after these two tokens is
    read as the beginning of a paragraph.
    """
    import numpy as np

    start = tokenizer(TEXT_START)["input_ids"] if tokenizer.mask_token_id is None else [tokenizer.sep_token_id]
    rows = [[*start, *tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]] for text in texts]
    return np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])


def windows(ids: Int[np.ndarray, " tokens"], step: int, recipe: Recipe) -> Int[np.ndarray, "batch window"]:
    """The windows of `context` + 1 tokens that optimizer step `step` reads.

    A pass over the text cuts it into windows at a random offset and shuffles them; the next pass
    cuts it elsewhere. Both depend on (seed, pass) alone.
    """
    import numpy as np

    size = recipe.context
    per_pass = (len(ids) - 1 - size) // size
    if per_pass < 1:
        raise ValueError(f"The corpus has {len(ids)} tokens: too few for windows of {size}. Use a smaller context.")
    rows = []
    for position in range(step * recipe.batch, (step + 1) * recipe.batch):
        epoch, index = divmod(position, per_pass)
        rng = np.random.default_rng((recipe.seed, epoch))
        offset = int(rng.integers(size))
        start = offset + int(rng.permutation(per_pass)[index]) * size
        rows.append(ids[start : start + size + 1])
    return np.stack(rows)


def mask_tokens(ids, tokenizer, share: float, generator):
    """BERT's corruption (Devlin et al. 2019, section 3.1): of the chosen tokens 80 % become [MASK],
    10 % a random token, 10 % stay. Returns (input_ids, labels); labels are -100 where nothing is asked.
    """
    import torch

    special = torch.tensor(sorted(tokenizer.all_special_ids))
    chosen = (torch.rand(ids.shape, generator=generator) < share) & ~torch.isin(ids, special)
    labels = torch.where(chosen, ids, -100)
    draw = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(len(special), len(tokenizer), ids.shape, generator=generator)
    inputs = torch.where(chosen & (draw < 0.8), tokenizer.mask_token_id, ids)
    return torch.where(chosen & (draw >= 0.9), random_ids, inputs), labels
