"""The experiment that lesson 10 shows as recorded: SmolLM2 answers with and without a section to read.

    python benchmarks/retrieval.py    # prints a table, writes notebooks/recorded/retrieval.json

Fifty test questions of FairytaleQA are drawn among those whose answer stands word for word in a section. The model
answers each three times, greedily: without anything to read ("alone"), with the section that the lesson's search puts
first among those of all 23 tales ("found"), and with the section that holds the answer ("right"). The replies are
written down as they are; the lesson scores them. It needs MiniLM and SmolLM2, and takes about five minutes on one core.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This folder holds a tokenizers.py, which is not the library that transformers needs.
sys.path[:] = [str(ROOT), *(place for place in sys.path if Path(place or ".").resolve() != ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402

from course import recorded  # noqa: E402
from helpers import checkpoints, corpora  # noqa: E402
from helpers.reference import answers, search  # noqa: E402

QUESTIONS, NEW, LONGEST, SEED = 50, 24, 256, 0
ASK = "Answer the question in a few words.\n\nQuestion: {question}"
READ = "{section}\n\nAnswer the question in a few words, from the text above.\n\nQuestion: {question}"


def vectors(encoder: checkpoints.Checkpoint, texts: list[str], size: int = 32) -> np.ndarray:
    """MiniLM's vector of each text: the mean of its hidden states, of texts of similar length together."""
    import torch

    ids = encoder.tokenizer(texts, truncation=True, max_length=LONGEST)["input_ids"]
    order = sorted(range(len(texts)), key=lambda place: len(ids[place]))
    found = np.zeros((len(texts), encoder.model.config.hidden_size))
    for first in range(0, len(order), size):
        part = order[first : first + size]
        batch = encoder.tokenizer.pad({"input_ids": [ids[place] for place in part]}, return_tensors="pt")
        with torch.no_grad():
            hidden = encoder.model(**batch).last_hidden_state.numpy()
        found[part] = search.mean_pool(hidden, batch["attention_mask"].numpy())
    return found


def drawn(tales: corpora.Tales) -> list[int]:
    """Questions that one section answers in words that stand in it."""
    fitting = [
        place
        for place, question in enumerate(tales.questions)
        if len(question.sections) == 1
        and any(answers.normalized(a) in answers.normalized(tales.sections[question.sections[0]].text)
                for a in question.answers)
    ]  # fmt: skip
    return sorted(np.random.default_rng(SEED).permutation(fitting)[:QUESTIONS].tolist())


def prompt_of(question: str, section: str | None) -> str:
    return ASK.format(question=question) if section is None else READ.format(section=section, question=question)


def replies(chat: checkpoints.Checkpoint, prompts: list[str], size: int = 10) -> list[str]:
    """What the model answers to each prompt, greedily; prompts of similar length are read together."""
    import torch

    texts = [
        chat.tokenizer.apply_chat_template([{"role": "user", "content": p}], tokenize=False, add_generation_prompt=True)
        for p in prompts
    ]
    order, said = sorted(range(len(texts)), key=lambda place: len(texts[place])), [""] * len(texts)
    chat.tokenizer.padding_side = "left"
    chat.tokenizer.pad_token = chat.tokenizer.pad_token or chat.tokenizer.eos_token
    for first in range(0, len(order), size):
        part = order[first : first + size]
        batch = chat.tokenizer([texts[place] for place in part], return_tensors="pt", padding=True)
        with torch.no_grad():
            out = chat.model.generate(**batch, max_new_tokens=NEW, do_sample=False)
        written = chat.tokenizer.batch_decode(out[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
        for place, text in zip(part, written, strict=True):
            said[place] = text.strip()
        print(f"{first + len(part)} of {len(order)} replies", flush=True)
    return said


def main() -> int:
    if checkpoints.minilm_folder() is None or checkpoints.smollm2_file() is None:
        print("This needs MiniLM and SmolLM2: course fetch minilm smollm2. Nothing was measured.")
        return 0
    encoder, chat, tales = checkpoints.load("bert"), checkpoints.load("chat"), corpora.fairytales("test")
    chosen, texts = drawn(tales), [section.text for section in tales.sections]
    by_words = search.BM25(texts)
    asked = [tales.questions[place].text for place in chosen]
    by_vector = search.cosine(vectors(encoder, asked), vectors(encoder, texts))
    runs, prompts = [], []
    for place, cosines in zip(chosen, by_vector, strict=True):
        question = tales.questions[place]
        found = int(search.z_sum([by_words.scores(question.text), cosines]).argmax())
        for way, section in (("alone", None), ("found", found), ("right", question.sections[0])):
            runs.append({"question": place, "way": way, "section": section})
            prompts.append(prompt_of(question.text, None if section is None else texts[section]))
    different = list(dict.fromkeys(prompts))  # what is found is often what is right
    said = dict(zip(different, replies(chat, different), strict=True))
    for run, prompt in zip(runs, prompts, strict=True):
        run["reply"], question = said[prompt], tales.questions[run["question"]]
        f1 = answers.best_of(answers.f1, run["reply"], question.answers)
        print(f"{run['way']:6} {f1:.2f}  {question.text} → {run['reply']!r} ({question.answers[0]})")
    file = recorded.write(
        "retrieval",
        runs,
        about="Replies of SmolLM2 to test questions of FairytaleQA (their places in corpora.fairytales('test')), with "
        "nothing to read, with the section that search found, and with the section that holds the answer.",
        command="python benchmarks/retrieval.py",
        packages={"torch", "transformers", "numpy"},
        recipe={"questions": QUESTIONS, "new": NEW, "seed": SEED, "ask": ASK, "read": READ,
                "weights": checkpoints.SMOLLM2_SHA256, "search": "sum of z-scores of BM25 and MiniLM"},
    )  # fmt: skip
    print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
