# mistake: punctuation and capitals kept
import math

def idf(word, texts):
    n = sum(word in t.split() for t in texts)
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
