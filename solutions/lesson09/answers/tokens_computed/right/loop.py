def tokens_computed(prompt, steps, cached):
    total, length = 0, prompt
    for step in range(steps):
        total += 1 if cached and step > 0 else length
        length += 1
    return total
