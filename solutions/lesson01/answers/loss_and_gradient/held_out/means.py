# mistake: label minus probability
def loss_and_gradient(w, b, X, y):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    return np.mean(np.log(1 + np.exp(z)) - y * z), X.T @ (y - p) / len(y), (y - p).mean()
