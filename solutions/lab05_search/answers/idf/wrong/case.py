# mistake: capitals missed
import math
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t) for t in texts)
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
