# mistake: counted, not shared
def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    return {"accuracy": int(np.sum(np.argmax(logits, 1) == labels))}
