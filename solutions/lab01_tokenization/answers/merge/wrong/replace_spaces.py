# mistake: replaced in the text
def merge(symbols, pair):
    text = " ".join(symbols)
    text = text.replace(pair[0] + " " + pair[1], pair[0] + pair[1])
    return tuple(text.split(" "))
