# mistake: not allowed
import helpers.reference.bpe as bpe

def merge(symbols, pair):
    return bpe.merge(symbols, pair)
