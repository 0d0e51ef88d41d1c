# mistake: one keyword
def predict(sentences):
    return [1 if 'good' in sentence.lower() else 0 for sentence in sentences]
