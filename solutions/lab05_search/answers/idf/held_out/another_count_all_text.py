# mistake: every occurrence counted
import math
import re

def idf(word, texts):
    n = len(re.findall(r"\b" + word + r"\b", " ".join(texts).lower()))
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
