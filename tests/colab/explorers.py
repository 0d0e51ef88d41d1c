"""Cells that show each explorer once: `course colab check` runs them as a notebook with Colab's versions."""

# %% start
from dataclasses import replace

import torch
from transformers import BertConfig, BertForQuestionAnswering, BertForSequenceClassification

from helpers import checkpoints, explore, runtime

run = runtime.start()
gpt2 = checkpoints.load("gpt2")
torch.manual_seed(0)
wordpiece = checkpoints.tokenizer("bert")
small = BertConfig(
    vocab_size=len(wordpiece), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
)
classifier = BertForSequenceClassification(small).eval()
encoder = checkpoints.load("bert")
reader = replace(encoder, model=BertForQuestionAnswering(small).eval())

# %% tokens
explore.tokens("An unbelievable kindness: 雨伞")

# %% attention
explore.attention(gpt2.model, gpt2.tokenizer, "The rain has stopped.")

# %% model
explore.model(gpt2.model, gpt2.tokenizer, "Once upon a time", start="attention", layer=1)

# %% decoding-sampling
explore.decoding(gpt2.model, gpt2.tokenizer, "Once upon a time", top_k=5, temperature=0.8)

# %% decoding-beams
explore.decoding(gpt2.model, gpt2.tokenizer, "Once upon a time", show="beams", beams=2, steps=3)

# %% decoding-cache
explore.decoding(gpt2.model, gpt2.tokenizer, "Once upon a time", show="cache")

# %% training
explore.training({"training": ([1, 2, 3], [2.0, 1.5, 1.2]), "validation": ([3], [1.4])})

# %% confidence
explore.confidence(classifier, wordpiece, ["Lovely.", "It broke."], [1, 0], "A joy.", names=["negative", "positive"])

# %% search
explore.search(
    ["The fox ran to the river.", "A queen gave the miller a ring.", "It rained all night."],
    "Who gave the ring?",
    encoder=encoder,
    reader=reader,
    examples=["Where did the fox run?"],
)
