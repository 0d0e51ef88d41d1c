# mistake: the logarithm left out
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    N = len(texts)
    return (N + 1) / (n + 0.5)
