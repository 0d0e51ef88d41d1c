from functools import lru_cache

def viterbi(word, scores):
    @lru_cache(None)
    def best(start):
        if start == len(word):
            return 0.0, ()
        ways = []
        for end in range(len(word), start, -1):
            piece = word[start:end]
            if piece in scores:
                total, rest = best(end)
                ways.append((total + scores[piece], (piece, *rest)))
        return max(ways, key=lambda way: way[0], default=(-math.inf, ()))

    return best(0)[1]
