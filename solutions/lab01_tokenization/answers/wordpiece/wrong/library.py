# mistake: not allowed
import tokenizers

def wordpiece(word, vocab):
    model = tokenizers.models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100)
    return [token.value for token in model.tokenize(word)]
