# mistake: a variable of the notebook instead of the argument
import collections

text = {("a", "b", "c"): 2}

def pair_counts(w):
    found = collections.Counter()
    for word in text:
        found.update({p: text[word] for p in zip(word, word[1:])})
    return found
