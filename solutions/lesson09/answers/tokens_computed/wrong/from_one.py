# mistake: one token too many in each call
def tokens_computed(prompt, steps, cached):
    if cached:
        return prompt + steps
    return sum(prompt + step for step in range(1, steps + 1))
