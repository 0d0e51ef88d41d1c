# mistake: not allowed
from tokenizers import Tokenizer
from tokenizers.models import BPE

def encode(word, merges):
    vocab = {}
    for token in list(word) + [c for p in merges for t in p for c in t] + [a + b for a, b in merges]:
        vocab.setdefault(token, len(vocab))
    return Tokenizer(BPE(vocab, merges)).encode(word).tokens
