# mistake: punctuation kept
import math
import re

def idf(word, texts):
    n = 0
    for t in texts:
        tokens = re.split(r"\s+", t.lower())
        n += 1 if word in tokens else 0
    return math.log1p((len(texts) - n + 0.5) / (n + 0.5))
