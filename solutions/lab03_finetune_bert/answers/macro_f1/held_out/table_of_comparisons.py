# mistake: not a number
def macro_f1(predictions, labels):
    classes = np.unique(labels)
    called = np.array(predictions)[None, :] == classes[:, None]
    actual = np.array(labels)[None, :] == classes[:, None]
    right = (called & actual).sum(axis=1)
    precision = right / np.maximum(called.sum(axis=1), 1)
    recall = right / actual.sum(axis=1)
    return float(np.mean(2 * precision * recall / (precision + recall)))
