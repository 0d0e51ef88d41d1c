"""The experiment that lesson 11 shows as recorded: SmolLM2 translates test sentences when it is asked to.

    python benchmarks/translation.py [SENTENCES]     # writes notebooks/recorded/translation.json

The first SENTENCES (100) of the test sentences are put to SmolLM2 in its chat form, once with the request alone and
once after three examples from the validation sentences. It answers greedily, and the first line of its answer counts.
The file keeps all answers, so that the lesson can score them beside its own translator's. About four minutes on one
core.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

from course import recorded  # noqa: E402
from helpers import checkpoints, corpora  # noqa: E402
from helpers.reference import translation  # noqa: E402

REQUEST = "Translate into French: {}"
SENTENCES, EXAMPLES, NEW, BATCH = 100, 3, 40, 10


def messages(sentence: str, examples: list[tuple[str, list[str]]]) -> list[dict[str, str]]:
    """The conversation that ends with the request for this sentence."""
    told = []
    for english, french in [*examples, (sentence, [""])]:
        told.append({"role": "user", "content": REQUEST.format(english)})
        told.append({"role": "assistant", "content": french[0]})
    return told[:-1]


def answers(chat, sentences: list[str], examples: list[tuple[str, list[str]]]) -> list[str]:
    """The first line of what the model answers to each sentence."""
    import torch

    tokenizer = chat.tokenizer
    tokenizer.padding_side = "left"
    forms = [
        tokenizer.apply_chat_template(messages(sentence, examples), tokenize=False, add_generation_prompt=True)
        for sentence in sentences
    ]
    made = []
    for first in range(0, len(forms), BATCH):
        batch = tokenizer(forms[first : first + BATCH], return_tensors="pt", padding=True, add_special_tokens=False)
        with torch.no_grad():
            ids = chat.model.generate(
                **batch, max_new_tokens=NEW, do_sample=False, pad_token_id=tokenizer.pad_token_id or 0
            )
        texts = tokenizer.batch_decode(ids[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
        made += [text.strip().partition("\n")[0].strip() for text in texts]
        print(f"{len(made)} of {len(forms)}: {made[-1]!r}", flush=True)
    return made


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SENTENCES
    chat = checkpoints.load("chat")
    if not chat.tokenizer.chat_template:
        sys.exit("SmolLM2 is not installed: course fetch smollm2")
    sentences, references = zip(*corpora.translations("test")[:count], strict=True)
    runs = []
    for way, shown in (("asked", 0), ("three examples", EXAMPLES)):
        made = answers(chat, list(sentences), corpora.translations("validation")[:shown])
        first = [known[:1] for known in references]
        bleu, chrf = translation.bleu(made, first), translation.chrf(made, first)
        print(f"{way}: BLEU {bleu:.1f}, chrF {chrf:.1f}")
        runs.append({"way": way, "bleu": round(bleu, 2), "chrf": round(chrf, 2), "answers": made})
    print(
        recorded.write(
            "translation",
            runs,
            about="What SmolLM2 answers when it is asked to translate the first test sentences, greedily; BLEU and "
            "chrF against the first reference of each.",
            command=f"python benchmarks/translation.py {count}".removesuffix(f" {SENTENCES}"),
            packages={"torch", "transformers", "numpy"},
            recipe={"model": chat.label, "request": REQUEST, "examples": EXAMPLES, "new": NEW, "sentences": count},
        )
    )


if __name__ == "__main__":
    main()
