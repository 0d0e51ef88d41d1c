"""What lesson 06 opens with: how counting words and the fine-tuned model read the validation reviews.

    python benchmarks/first_look.py                  # a minute or two; writes notebooks/recorded/first_look.json

The recipe is the lesson's own: `Trainer` on MiniLM, and logistic regression on TF-IDF of words and pairs of words.
The test reviews have no part in it, because the lesson opens them once, at its end.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Started as a file, Python looks into this folder first, where another file has the name of a library.
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]

os.environ.setdefault("OMP_NUM_THREADS", "1")

from course import recorded  # noqa: E402
from helpers import checkpoints, corpora, runtime  # noqa: E402

ABOUT = (
    "How likely each validation review is to be positive, in the order of the file: by counting words, and by MiniLM "
    "after the fine-tuning of lesson 06. One training with one seed."
)
RECIPE = {"epochs": 2, "batch": 16, "learning_rate": 1e-4, "warmup": 0.1, "seed": 0, "kept": "lowest validation loss"}


def counted(data) -> list[float]:
    """By counting words: the probability of positive for each validation review."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    baseline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10))
    baseline.fit(list(data["train"]["text"]), list(data["train"]["label"]))
    return baseline.predict_proba(list(data["validation"]["text"]))[:, 1].tolist()


def fine_tuned(data, folder: str) -> list[float]:
    """By the fine-tuned model: the probability of positive for each validation review."""
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    if (checkpoint := checkpoints.minilm_folder()) is None:
        sys.exit("MiniLM is not installed. Run: course fetch minilm")
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    encoded = data.map(lambda part: tokenizer(part["text"], truncation=True), batched=True)
    torch.manual_seed(RECIPE["seed"])
    arguments = TrainingArguments(
        folder,
        num_train_epochs=RECIPE["epochs"],
        learning_rate=RECIPE["learning_rate"],
        warmup_steps=RECIPE["warmup"],
        per_device_train_batch_size=RECIPE["batch"],
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_only_model=True,
        load_best_model_at_end=True,
        metric_for_best_model="loss",
        seed=RECIPE["seed"],
        report_to="none",
        use_cpu=True,
    )
    trainer = Trainer(
        AutoModelForSequenceClassification.from_pretrained(checkpoint, dtype=torch.float32),
        arguments,
        train_dataset=encoded["train"],
        eval_dataset=encoded["validation"],
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
    )
    trainer.train()
    arguments.train_sampling_strategy = "sequential"  # predictions in the order of the file, not by length
    logits = torch.tensor(trainer.predict(encoded["validation"]).predictions)
    return logits.softmax(-1)[:, 1].tolist()


def main() -> None:
    runtime.start("offline", seed=RECIPE["seed"])
    data = corpora.load("reviews")
    with tempfile.TemporaryDirectory() as folder:
        readings = zip(counted(data), fine_tuned(data, folder), strict=True)
    runs = [{"counting": round(c, 4), "reading": round(r, 2)} for c, r in readings]
    labels = list(data["validation"]["label"])
    for name in runs[0]:
        right = sum((run[name] > 0.5) == label for run, label in zip(runs, labels, strict=True))
        print(f"{name}: {right} of {len(labels)} right")
    file = recorded.write(
        "first_look",
        runs,
        about=ABOUT,
        command="python benchmarks/first_look.py",
        packages={"torch", "transformers", "numpy", "scikit-learn"},
        recipe=RECIPE,
    )
    print(f"Written: {file.name}")


if __name__ == "__main__":
    main()
