"""What all tokenizers do before their own work: refuse broken text, and cut special tokens out."""

from __future__ import annotations

from collections.abc import Sequence

import regex


def utf8(text: str) -> bytes:
    """The UTF-8 bytes of a text (RFC 3629). Raises ValueError on a lone surrogate, half of a UTF-16 pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        at = error.start
        raise ValueError(
            f"U+{ord(text[at]):04X} at position {at} (in {text[max(at - 10, 0) : at + 10]!a}) is a lone "
            "surrogate, which no UTF-8 text can hold. It comes from text cut in half or read with the wrong "
            "encoding: fix that, or replace it with "
            'text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").'
        ) from None


def cut_out(special_tokens: Sequence[str], text: str) -> list[str]:
    """Cut a text before and after every special token in it, as the library does; of several the longest counts."""
    utf8(text)
    longest_first = "|".join(regex.escape(token) for token in sorted(special_tokens, key=len, reverse=True))
    return [part for part in (regex.split(f"({longest_first})", text) if longest_first else [text]) if part]
