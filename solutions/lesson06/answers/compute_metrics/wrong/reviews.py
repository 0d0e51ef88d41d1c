# mistake: over the reviews
def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    return {"accuracy": float(np.mean([a == b for a, b in zip(logits.argmax(0), labels)]))}
