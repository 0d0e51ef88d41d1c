# mistake: another base
import math
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log10(1 + (len(texts) - n + 0.5) / (n + 0.5))
