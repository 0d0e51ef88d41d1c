# mistake: not allowed
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
import json

def train_bpe(words, merges):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    letters = {letter for word in words for letter in word}
    trainer = trainers.BpeTrainer(vocab_size=len(letters) + merges, show_progress=False)
    tokenizer.train_from_iterator([" ".join(["".join(w)] * n) for w, n in words.items()], trainer)
    return [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
