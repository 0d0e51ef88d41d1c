"""From texts to what a step of `course pretrain` reads: a tokenizer, windows of books with masks, batches of pairs."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.metrics import END_OF_TEXT, TEXT_START

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int

    from course.pretraining import Recipe

MARIAN_ALPHABET = 128  # the most frequent characters; others are unknown
PAD, END, UNKNOWN = MARIAN_SPECIAL_TOKENS = ["<pad>", "</s>", "<unk>"]
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
    """GPT-2's byte-level BPE, BERT's uncased WordPiece or Marian's BPE, trained on `texts` with `tokenizers`."""
    from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
    from transformers import BertTokenizer, GPT2Tokenizer

    if recipe.architecture == "marian":
        return train_for_two_languages(texts, recipe)
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


# --- pairs of sentences -------------------------------------------------------------------------


def read_pairs(corpora: str | Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of sentences, without those whose first sentence is one of `corpora.translations`.

    A corpus is a file with a pair a line, separated by a tab, or a zip archive of such .txt or .tsv files. What follows
    a second tab is not read, nor is a line without a tab. Raises ValueError when no pair is left.
    """
    from helpers.corpora import same_text

    corpora = [corpora] if isinstance(corpora, str) else corpora
    pairs: list[tuple[str, str]] = []
    for corpus in corpora:
        path = Path(corpus).expanduser()
        contents = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = sorted(name for name in archive.namelist() if name.endswith((".txt", ".tsv")))
                contents = [archive.read(name) for name in names]
        for line in (line for content in contents for line in _decoded(content, path).splitlines()):
            source, tab, rest = line.partition("\t")
            if tab:
                pairs.append((" ".join(source.split()), " ".join(rest.partition("\t")[0].split())))
    kept = {same_text(source) for split in ("validation", "test") for source, _ in read_held_out(split)}
    pairs = [pair for pair in pairs if all(pair) and same_text(pair[0]) not in kept]
    if not pairs:
        raise ValueError(f"{' and '.join(corpora)} hold no pairs: a pair is a line with a tab between its sentences.")
    return pairs


def read_held_out(split: str) -> list[tuple[str, str]]:
    """The sentences of `corpora.translations(split)`, each with the first of its translations."""
    from helpers import corpora

    return [(source, targets[0]) for source, targets in corpora.translations(split)]


def train_for_two_languages(texts: list[str], recipe: Recipe):
    """A BPE tokenizer with one vocabulary for both languages: `▁` for a space, `</s>` after each sentence.

    Punctuation stands alone, with the space before it, as French writes it; an apostrophe ends the piece before it
    (`l'|eau`, `I'|m`). No piece reaches over two words.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    trained = Tokenizer(models.BPE(unk_token=UNKNOWN))
    trained.normalizer = normalizers.NFKC()
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(),
            pre_tokenizers.Split(Regex(r"▁?[^\w\s▁'’]"), "isolated"),
            pre_tokenizers.Split(Regex(r"['’]"), "merged_with_previous"),
        ]
    )
    trained.decoder = decoders.Metaspace()
    trained.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=recipe.vocabulary,
            special_tokens=MARIAN_SPECIAL_TOKENS,
            limit_alphabet=MARIAN_ALPHABET,
            show_progress=False,
        ),
    )
    trained.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, trained.token_to_id(END))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=trained,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=recipe.context,
        model_input_names=["input_ids", "attention_mask"],
    )


class Pairs:
    """Encoded pairs of sentences, and the batches that the steps read: a function of (seed, step)."""

    def __init__(self, tokenizer, pairs: Sequence[tuple[str, str]]):
        import numpy as np

        options = {"truncation": True, "return_attention_mask": False}
        self.sides = [tokenizer([pair[i] for pair in pairs], **options)["input_ids"] for i in (0, 1)]
        self.lengths = np.array([[len(row) for row in side] for side in self.sides])
        self.tokens = int(self.lengths.sum())
        self.pad = tokenizer.pad_token_id
        self._batches: list[list[int]] = []  # of the passes so far, one after another
        self._passes = 0

    def batch(self, step: int, recipe: Recipe):
        """`input_ids` and `labels` of step `step`: pairs of like length, at most `batch` × `context` tokens padded."""
        while step >= len(self._batches):
            self._batches += self._one_pass(self._passes, recipe)
            self._passes += 1
        return self.padded(self._batches[step])

    def _one_pass(self, epoch: int, recipe: Recipe) -> list[list[int]]:
        """All pairs in batches: drawn in a random order, sorted by length, filled up, and the batches shuffled."""
        import numpy as np

        rng = np.random.default_rng((recipe.seed, epoch))
        order = rng.permutation(len(self.lengths[0]))
        order = order[np.lexsort(self.lengths[:, order])]  # by the target's length, then by the source's
        batches, row, longest = [], [], np.zeros(2, dtype=int)
        for i in order:
            grown = np.maximum(longest, self.lengths[:, i])
            if row and (len(row) + 1) * grown.sum() > recipe.batch * recipe.context:
                batches.append(row)
                row, grown = [], self.lengths[:, i]
            row.append(int(i))
            longest = grown
        batches.append(row)
        return [batches[i] for i in rng.permutation(len(batches))]

    def padded(self, rows: Sequence[int]):
        """`input_ids` and `labels` of these pairs, padded with the pad token and with -100."""
        import torch

        source, target = ([torch.tensor(side[i]) for i in rows] for side in self.sides)
        pad = torch.nn.utils.rnn.pad_sequence
        return pad(source, batch_first=True, padding_value=self.pad), pad(target, batch_first=True, padding_value=-100)
