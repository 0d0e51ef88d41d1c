# mistake: -
GOOD = {"lovely", "great", "excellent", "delicious", "perfect", "wonderful", "good"}
BAD = {"bad", "terrible", "awful", "boring", "broken", "worst", "never"}


def predict(sentences):
    found = []
    for sentence in sentences:
        words = {word.strip(".,!?").lower() for word in sentence.split()}
        found.append(int(len(words & GOOD) >= len(words & BAD)))
    return found
