# mistake: the mean recall
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    per_class = [np.mean(p[y == c] == c) for c in set(labels)]
    return float(np.mean(per_class))
