# mistake: negative values set to 0
import math
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return max(0.0, math.log((len(texts) - n + 0.5) / (n + 0.5)))
