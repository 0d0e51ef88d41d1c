# mistake: not allowed
from helpers.reference.wordpiece import WordPiece

def wordpiece(word, vocab):
    return WordPiece(vocab).pieces(word)
