# mistake: N is the number of words
import math
import re

def idf(word, texts):
    every = re.findall(r"\w+", " ".join(texts).lower())
    n = sum(word in re.findall(r"\w+", t.lower()) for t in texts)
    return math.log(1 + (len(every) - n + 0.5) / (n + 0.5))
