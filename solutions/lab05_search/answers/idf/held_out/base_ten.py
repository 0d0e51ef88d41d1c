# mistake: another base
import math
import re

def idf(word, texts):
    n = len([1 for t in texts if word in re.findall(r"\w+", t.lower())])
    ratio = (len(texts) - n + .5) / (n + .5)
    return math.log(1 + ratio, 10)
