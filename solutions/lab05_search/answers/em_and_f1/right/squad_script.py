from collections import Counter

def em_and_f1(predicted, answers):
    def f1_score(prediction, truth):
        p, t = normalized(prediction).split(), normalized(truth).split()
        common = Counter(p) & Counter(t)
        same = sum(common.values())
        if len(p) == 0 or len(t) == 0:
            return int(p == t)
        if same == 0:
            return 0
        precision, recall = same / len(p), same / len(t)
        return 2 * precision * recall / (precision + recall)
    return max(normalized(predicted) == normalized(a) for a in answers) * 1.0, max(f1_score(predicted, a) for a in answers)
