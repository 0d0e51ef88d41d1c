# mistake: a call for nothing at the end
def generate_with_cache(step, ids, steps):
    text, cache, place = list(ids), None, 0
    while place < len(ids) + steps:
        logits, cache = step(text[place], cache)
        place += 1
        if place == len(text) and place < len(ids) + steps:
            text.append(int(np.argmax(logits)))
    return text
