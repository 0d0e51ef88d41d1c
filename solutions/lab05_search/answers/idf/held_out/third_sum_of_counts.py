# mistake: every occurrence counted
import math
import re

def idf(word, texts):
    n = 0
    for text in texts:
        for w in re.findall(r"\w+", text.lower()):
            if w == word:
                n += 1
    N = len(texts)
    return math.log(1 + (N - n + 0.5) / (n + 0.5))
