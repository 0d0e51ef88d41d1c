# mistake: one keyword
def predict(sentences):
    result = np.ones(len(sentences), dtype=int)
    for i, sentence in enumerate(sentences):
        if "not" in sentence.lower().split():
            result[i] = 0
    return result
