def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    predicted = logits.argmax(-1)
    return {"accuracy": float((predicted == labels).mean())}
