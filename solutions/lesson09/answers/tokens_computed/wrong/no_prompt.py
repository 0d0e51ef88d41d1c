# mistake: the prompt is not counted with the cache
def tokens_computed(prompt, steps, cached):
    if cached:
        return steps
    return sum(prompt + step for step in range(steps))
