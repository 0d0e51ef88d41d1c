def loss_and_gradient(w, b, X, y):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    return loss, ((p - y)[:, None] * X).mean(axis=0), (p - y).mean()
