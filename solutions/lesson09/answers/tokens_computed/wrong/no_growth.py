# mistake: the text does not grow
def tokens_computed(prompt, steps, cached):
    if cached:
        return prompt + steps - 1
    return prompt * steps
