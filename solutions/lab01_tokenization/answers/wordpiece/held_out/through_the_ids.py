# mistake: an error for unknown words
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    names = {number: piece for piece, number in vocab.items()}
    ids, at = [], 0
    while at < len(word):
        end = len(word)
        piece = ("##" if at else "") + word[at:end]
        while piece not in vocab and end > at + 1:
            end -= 1
            piece = ("##" if at else "") + word[at:end]
        ids.append(vocab[piece])
        at = end
    return [names[i] for i in ids]
