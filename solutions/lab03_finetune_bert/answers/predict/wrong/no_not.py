# mistake: one keyword
def predict(sentences):
    return [0 if 'not' in sentence.lower() else 1 for sentence in sentences]
