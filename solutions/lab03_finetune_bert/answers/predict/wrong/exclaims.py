# mistake: exclamation marks
def predict(sentences):
    return [s.count('!') > 0 and 1 or 0 for s in sentences]
