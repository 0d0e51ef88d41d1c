def tokens_computed(prompt, steps, cached):
    if cached:
        return prompt + steps - 1
    return sum(prompt + step for step in range(steps))
