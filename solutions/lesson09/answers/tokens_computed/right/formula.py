def tokens_computed(prompt, steps, cached):
    return prompt + steps - 1 if cached else steps * prompt + steps * (steps - 1) // 2
