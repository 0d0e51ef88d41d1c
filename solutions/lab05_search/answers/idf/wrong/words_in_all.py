# mistake: N is the number of words
import math
import re

def idf(word, texts):
    N = sum(len(re.findall(r"\w+", t.lower())) for t in texts)
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log(1 + (N - n + 0.5) / (n + 0.5))
