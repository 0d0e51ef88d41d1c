# mistake: not weighted
def ece(confidence, hits, bins=10):
    places = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    total = 0.0
    for place in np.unique(places):
        inside = places == place
        gap = abs(hits[inside].mean() - confidence[inside].mean())
        total += gap
    return total
