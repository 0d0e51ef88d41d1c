"""What only code can say of an answer to lab01_tokenization: judges of parts with several right answers, signs of mistakes."""

from __future__ import annotations

import functools

import numpy as np


def _one_row_many_times(expected, got):
    """All rows of `got` are equal though those of `expected` are not; a single row cannot be told."""
    rows = [list(row) for row in got]
    return rows != np.asarray(expected).tolist() and all(row == rows[0] for row in rows)


def _score(pieces, scores):
    return sum(scores[piece] for piece in pieces)


TEXTS = {
    "English": "The rain has stopped. A small bird is singing in the garden. The girl opens the window and calls her grandmother. "
    "Together they drink tea and read an old book. Tomorrow they will go to the market and buy bread, milk and bananas.",
    "German": "Der Regen hat aufgehört. Ein kleiner Vogel singt im Garten. Das Mädchen öffnet das Fenster und ruft seine Großmutter. "
    "Die beiden trinken zusammen Tee und lesen ein altes Buch. Morgen wollen beide auf den Markt gehen und Brot, Milch und Bananen kaufen.",
    "Spanish": "Ha dejado de llover. Un pajarito canta en el jardín. La niña abre la ventana y llama a su abuela. "
    "Juntas toman té y leen un libro viejo. Mañana irán al mercado y comprarán pan, leche y plátanos.",
    "Swahili": "Mvua imeacha kunyesha. Ndege mdogo anaimba bustanini. Msichana anafungua dirisha na kumwita bibi yake. "
    "Pamoja wanakunywa chai na kusoma kitabu cha zamani. Kesho wataenda sokoni na kununua mkate, maziwa na ndizi.",
    "Russian": "Дождь перестал. В саду поёт маленькая птица. Девочка открывает окно и зовёт бабушку. "
    "Вместе они пьют чай и читают старую книгу. Завтра они пойдут на рынок и купят хлеб, молоко и бананы.",
    "Chinese": "雨停了。一只小鸟在花园里唱歌。女孩打开窗户，叫她的奶奶。她们一起喝茶，读一本旧书。"
    "明天她们要去市场买面包、牛奶和香蕉。",
}


def _length(unit, text):
    if unit == "characters":
        return len(text)
    return len(text.encode("utf-8")) if unit == "bytes" else len(_tokenizer().encode(text).ids)


@functools.cache
def _tokenizer():
    from tokenizers import Tokenizer

    from helpers import checkpoints

    return Tokenizer.from_file(str(checkpoints.ASSETS / "storybook-gpt2" / "tokenizer.json"))


def pair_counts_pairs_with_a_count_of_0(inputs, expected, outcome):
    return {pair: n for pair, n in outcome.output.items() if n != 0} == expected != outcome.output


def pad_batch_one_row_many_times(inputs, expected, outcome):
    return _one_row_many_times(expected["input_ids"], outcome.output["input_ids"]) or _one_row_many_times(
        expected["attention_mask"], outcome.output["attention_mask"]
    )


def viterbi(inputs, best, given):
    """`best`: the pieces of the best cut."""
    word, scores = inputs
    if not isinstance(given, (list, tuple)) or any(type(piece) is not str for piece in given):
        return f"the function should return a list of pieces, but this is {given!r:.60}"
    if "".join(given) != word:
        return f"your pieces join to {''.join(given)!r}, not to the word {word!r}"
    if strange := [piece for piece in given if piece not in scores]:
        return f"{strange[0]!r} has no score, so it is not a piece"
    if _score(given, scores) >= _score(best, scores) - 1e-9:
        return None
    return (
        f"your cut `{' '.join(given)}` has the sum {_score(given, scores):.2f}, "
        f"but `{' '.join(best)}` has {_score(best, scores):.2f}"
    )


def written_numbers(inputs, _, given):
    if not isinstance(given, dict):
        return "fill in the dict: first, second, characters, bytes, tokens, ratio"
    if missing := [k for k in ("first", "second", "characters", "bytes", "tokens", "ratio") if given.get(k) is None]:
        return f"these are still to be filled in: {', '.join(missing)}"
    chosen = given["first"], given["second"]
    if any(type(name) is not str or name not in TEXTS for name in chosen):
        return f"first and second must be names of languages: {', '.join(TEXTS)}"
    if chosen[0] == chosen[1]:
        return "first and second must be two different languages"
    for name in ("characters", "bytes", "tokens"):
        pair, real = given[name], [_length(name, TEXTS[language]) for language in chosen]
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or any(type(n) is not int for n in pair):
            return f"{name} must be a list of two integers, one for the first language and one for the second"
        for language, n, counted in zip(chosen, pair, real):
            if n != counted:
                return f"{name} of {language}: you have {n}, but counted again there are {counted}"
    if type(given["ratio"]) not in (int, float):
        return "ratio must be a plain number"
    ratio = real[1] / real[0]
    if not abs(given["ratio"] - ratio) <= 0.0051:
        return f"your ratio is {given['ratio']:.2f}, but tokens of {chosen[1]} divided by tokens of {chosen[0]} is {ratio:.2f}"
    return None


def encode_numbers_instead_of_symbols(inputs, expected, outcome):
    return len(outcome.output) > 0 and all(type(item) is int for item in outcome.output)
