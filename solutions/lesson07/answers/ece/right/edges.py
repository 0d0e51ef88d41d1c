def ece(confidence, hits, bins=10):
    edges, found = np.linspace(0, 1, bins + 1), []
    for low, high in zip(edges, edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            found.append(inside.mean() * abs((hits - confidence)[inside].mean()))
    return float(sum(found))
