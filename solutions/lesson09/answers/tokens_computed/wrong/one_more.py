# mistake: the last token is read, too
def tokens_computed(prompt, steps, cached):
    if cached:
        return prompt + steps
    return sum(prompt + step for step in range(steps + 1))
