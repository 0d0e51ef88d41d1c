# mistake: punctuation and capitals kept
import math

def idf(word, texts):
    n = 0
    for t in texts:
        for w in t.split():
            if w == word:
                n += 1
                break
    return math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
