# mistake: ln(N / n)
import math
import re

def idf(word, texts):
    N, n = len(texts), sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log1p((N - n) / n)
