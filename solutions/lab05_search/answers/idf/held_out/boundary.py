# mistake: capitals missed
import math
import re

def idf(word, texts):
    n = sum(1 for t in texts if re.search(r"\b" + word + r"\b", t))
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
