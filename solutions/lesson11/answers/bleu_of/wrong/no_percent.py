# mistake: from 0 to 1
def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    return min(1.0, np.exp(1 - reference / length)) * np.exp(np.log(shares).mean())
