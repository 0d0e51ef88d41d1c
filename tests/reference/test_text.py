"""What all tokenizers do first: refuse broken text, cut special tokens out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_texts import valid_text

from helpers.reference.text import cut_out, utf8


def test_the_longest_special_token_counts_wherever_it_is_listed() -> None:
    for special_tokens in (("<end>", "<end> é", "<a"), ("<a", "<end> é", "<end>")):
        parts = cut_out(special_tokens, "one<end> é<end> two<a>")
        assert parts == ["one", "<end> é", "<end>", " two", "<a", ">"]
    assert cut_out((), "one<end>") == ["one<end>"] and cut_out(("<end>",), "") == []
    assert cut_out((".*", "[UNK]"), "a.*b[U") == ["a", ".*", "b[U"]  # nothing in a special token is a pattern


@settings(deadline=None)
@given(valid_text(), st.lists(st.text("ab<>", min_size=1, max_size=3), max_size=4))
def test_the_parts_are_the_text(text: str, special_tokens: list[str]) -> None:
    assert "".join(cut_out(special_tokens, text)) == text
    assert utf8(text).decode("utf-8") == text


@pytest.mark.parametrize(("text", "at"), [("\ud83d", 0), ("so it is \udc9b ok", 9)])
def test_a_lone_surrogate_is_refused_with_its_place_and_a_remedy(text: str, at: int) -> None:
    for refuse in (utf8, lambda broken: cut_out(("<end>",), broken)):
        with pytest.raises(ValueError, match=rf"U\+{ord(text[at]):04X} at position {at} .*lone surrogate") as caught:
            refuse(text)
    remedy = str(caught.value).partition("replace it with ")[2].rstrip(".")
    assert utf8(eval(remedy, {"text": text}))
