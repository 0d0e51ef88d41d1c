# mistake: one label for all
def predict(sentences):
    positive = sum('good' in s for s in sentences)
    return int(positive > len(sentences) / 2)
