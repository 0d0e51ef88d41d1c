# mistake: ln(N / n)
import math
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log(len(texts) / n)
