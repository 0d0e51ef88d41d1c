def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    right = sum(int(np.argmax(row) == label) for row, label in zip(logits, labels))
    return {"accuracy": right / len(labels)}
