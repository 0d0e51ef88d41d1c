# mistake: not allowed
def perplexity(logits, ids, context, stride):
    from helpers.checks.lab04_generate_gpt2 import LAB

    return LAB.part("perplexity").answer(logits, ids, context, stride)
