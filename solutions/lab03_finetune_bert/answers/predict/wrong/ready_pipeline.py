# mistake: not allowed
def predict(sentences):
    from transformers import pipeline

    classify = pipeline("sentiment-analysis")
    return [int(found["label"] == "POSITIVE") for found in classify(sentences)]
