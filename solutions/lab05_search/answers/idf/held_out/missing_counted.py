# mistake: N − n and n the wrong way round
import math
import re

def idf(word, texts):
    n = sum(word not in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
