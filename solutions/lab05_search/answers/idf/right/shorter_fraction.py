import math
import re

def idf(word, texts):
    return math.log(len(texts) + 1) - math.log(sum(word in re.findall(r"\w+", t.lower()) for t in texts) + 0.5)
