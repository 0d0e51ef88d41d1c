# mistake: `return` inside the loop
def batches(rows, size):
    rest, made = list(rows), []
    while rest:
        made.append(rest[:size])
        rest = rest[size:]
        return made
