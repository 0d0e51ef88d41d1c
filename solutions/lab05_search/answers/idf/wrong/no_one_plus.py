# mistake: no 1 under the logarithm
import math
import re

def idf(word, texts):
    N = len(texts)
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log((N - n + 0.5) / (n + 0.5))
