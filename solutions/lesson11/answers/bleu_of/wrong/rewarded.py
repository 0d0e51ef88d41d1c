# mistake: long texts are rewarded
def bleu_of(matches, totals, length, reference):
    shares = np.array(matches) / np.array(totals)
    return 100 * np.exp(1 - reference / length) * np.exp(np.log(shares).mean())
