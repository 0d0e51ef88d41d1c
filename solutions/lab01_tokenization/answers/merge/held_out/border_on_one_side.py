# mistake: replaced in the text
def merge(symbols, pair):
    text = "".join(" " + s for s in symbols)
    text = text.replace(f" {pair[0]} {pair[1]}", f" {pair[0]}{pair[1]}")
    return tuple(text.split())
