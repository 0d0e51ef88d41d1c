# mistake: the text does not grow
def tokens_computed(prompt, steps, cached):
    total = 0
    for step in range(steps):
        total += (1 if step else prompt) if cached else prompt
    return total
