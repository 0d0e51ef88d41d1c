# mistake: rounded
def accuracy(predictions, labels):
    share = np.mean(np.array(predictions) == np.array(labels))
    return float(f"{share:.2f}")
