# mistake: punctuation kept
import math

def idf(word, texts):
    n = sum(f" {word} " in f" {t.lower()} " for t in texts)
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
