# mistake: the smallest sum
from functools import lru_cache


def viterbi(word, scores):
    @lru_cache(None)
    def solve(at):
        if at == len(word):
            return 0.0, ()
        found = []
        for end in range(at + 1, len(word) + 1):
            rest = solve(end)
            if word[at:end] in scores and rest is not None:
                found.append((scores[word[at:end]] + rest[0], (word[at:end],) + rest[1]))
        return min(found) if found else None

    return list(solve(0)[1])
