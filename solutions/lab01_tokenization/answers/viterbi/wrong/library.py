# mistake: not allowed
from tokenizers import Tokenizer, models

def viterbi(word, scores):
    model = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    return model.encode(word).tokens
