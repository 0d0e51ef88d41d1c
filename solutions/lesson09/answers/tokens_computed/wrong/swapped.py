# mistake: with and without are swapped
def tokens_computed(prompt, steps, cached):
    if not cached:
        return prompt + steps - 1
    return sum(prompt + step for step in range(steps))
