# mistake: every call reads the finished text
def tokens_computed(prompt, steps, cached):
    if cached:
        return prompt + steps - 1
    return steps * (prompt + steps)
