# mistake: the limit off by one
def wordpiece(word, vocab):
    unknown = ["[UNK]"]
    at, result = 0, []
    if len(word) < 100:
        while at < len(word):
            end = len(word)
            lead = "##" if at else ""
            while lead + word[at:end] not in vocab:
                end -= 1
                if end == at:
                    return unknown
            result.append(lead + word[at:end])
            at = end
        return result
    return unknown
