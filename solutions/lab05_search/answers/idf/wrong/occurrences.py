# mistake: every occurrence counted
import math
import re

def idf(word, texts):
    n = sum(re.findall(r"\w+", t.lower()).count(word) for t in texts)
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
