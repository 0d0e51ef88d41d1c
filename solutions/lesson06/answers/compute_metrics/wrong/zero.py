# mistake: the logit compared with zero
def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    return {"accuracy": float(((logits[:, 1] > 0) == labels).mean())}
