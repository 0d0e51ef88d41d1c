# mistake: one token too many in each call
def tokens_computed(prompt, steps, cached):
    return prompt + steps if cached else steps * prompt + steps * (steps + 1) // 2
