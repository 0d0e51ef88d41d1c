# mistake: the form of scikit-learn
import math
import re

def idf(word, texts):
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log((1 + len(texts)) / (1 + n)) + 1
