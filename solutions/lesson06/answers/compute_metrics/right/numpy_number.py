def compute_metrics(eval_prediction):
    logits, labels = eval_prediction
    return dict(accuracy=np.mean(np.argmax(logits, axis=1) == labels))
