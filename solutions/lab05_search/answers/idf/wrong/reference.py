# mistake: not allowed
def idf(word, texts):
    from helpers.reference.search import BM25
    return BM25(texts).idf(word)
