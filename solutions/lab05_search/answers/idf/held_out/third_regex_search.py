# mistake: found inside longer words
import re

def idf(word, texts):
    n = len([t for t in texts if re.search(word, t, re.IGNORECASE)])
    return np.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
