# mistake: the length
def predict(sentences):
    lengths = np.array([len(s.split()) for s in sentences])
    return (lengths < lengths.mean()).astype(int)
