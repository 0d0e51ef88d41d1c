# mistake: repeated words shared too often
def em_and_f1(predicted, answers):
    best_em, best_f1 = 0.0, 0.0
    pred = normalized(predicted).split()
    for a in answers:
        gold = normalized(a).split()
        best_em = max(best_em, float(pred == gold))
        shared = len([w for w in gold if w in pred])
        if shared:
            p, r = shared / len(pred), shared / len(gold)
            best_f1 = max(best_f1, 2 * p * r / (p + r))
    return best_em, best_f1
