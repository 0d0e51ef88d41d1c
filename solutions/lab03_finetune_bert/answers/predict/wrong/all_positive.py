# mistake: always the same label
def predict(sentences):
    return [1 for _ in sentences]
