# mistake: only the first review
def predict(sentences):
    for sentence in sentences:
        return [int(len(sentence) > 0)]
