# mistake: the prompt is left out
def tokens_computed(prompt, steps, cached):
    if cached:
        return steps
    return sum(range(1, steps + 1))
