# mistake: not allowed
from helpers.reference import unigram

def viterbi(word, scores):
    return [edge.token for edge in unigram.best_path(unigram.viterbi(unigram.lattice(word, scores)))]
