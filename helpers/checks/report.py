"""What a check shows: a card in a notebook, the same in plain text in a terminal. Color is never the only sign."""

from __future__ import annotations

from html import escape

import numpy as np

from helpers.checks import values
from helpers.checks.parts import Part, Verdict
from helpers.show import Static, inline

SIGNS = {
    "right": ("✓", "Right", "#1b7837"),
    "wrong": ("✗", "Not yet", "#b35806"),
    "error": ("✗", "It stops with an error", "#b35806"),
    "not written": ("…", "Still to write", "#555555"),
    "not allowed": ("✗", "Not by yourself", "#b35806"),
    "missing": ("✗", "Nothing to check", "#b35806"),
}


FOREIGN = (
    "What is the `type(…)` of what you return?",
    "Return plain data: numbers, strings, lists, tuples, dicts, NumPy arrays or tensors.",
)


GOES_ON = "the lesson goes on with the solution below."
UNWRITTEN = f"Yours to write. Until then {GOES_ON}"
UNWRITTEN_NOW = f"This is the solution already. To try your own function, run its cell first; until then {GOES_ON}"
LEFT = "The line `...` is still there: replace it."
YOURS = "From here on the lesson uses your function."


def card(part: Part, verdict: Verdict, tries: int = 1, last_hint: bool = True, last: str = "") -> Static:
    """The verdict as HTML and as text. In text, one hint more is shown with each try; the last one never without
    `last_hint`. `last` is a sentence that stands before the hints."""
    sign, word, color = SIGNS[verdict.status]
    head = f"{sign} {part.name}: {word}"
    lines: list[tuple[str, str]] = []  # (kind, text): text is a paragraph, code a block
    hints: tuple[str, ...] = ()
    if verdict.status == "right":
        lines.append(("text", f"{verdict.agree[1]} of {verdict.agree[1]} cases."))
        if verdict.borrowed:
            names = ", ".join(f"`{name}`" for name in verdict.borrowed)
            lines.append(
                (
                    "text",
                    f"It was tried with a right version of {names}, because yours is not right yet. Correct that next.",
                )
            )
        elif verdict.reason:
            lines.append(("text", verdict.reason))
    elif verdict.status in ("not written", "not allowed", "missing"):
        lines.append(("text", verdict.reason))
    else:
        if verdict.unready:
            names, verb = " and ".join(f"`{name}`" for name in verdict.unready), "are" if verdict.unready[1:] else "is"
            lines.append(("text", f"**It calls your {names}, which {verb} not right yet. Correct that first.**"))
        if verdict.mistake:
            lines.append(("text", f"**It looks like this: {verdict.mistake.name}.** {verdict.mistake.says}"))
            hints = verdict.mistake.hints
        elif verdict.got and verdict.got.foreign:
            hints = FOREIGN
        else:
            hints = part.hints
        hints = hints if last_hint else hints[:-1]
        lines += _difference(part, verdict)
    lines += [("text", last[:1].upper() + last[1:])] if last else []
    html = [f'<p style="margin:0 0 .4em"><strong>{escape(head)}</strong></p>']
    text = [head]
    for kind, line in lines:
        if kind == "text":
            html.append(f'<p style="margin:.3em 0">{inline(line)}</p>')
            text.append("  " + line.replace("**", "").replace("`", ""))
        else:
            html.append(f'<pre style="margin:.3em 0;white-space:pre-wrap;font-family:monospace">{escape(line)}</pre>')
            text += ["    " + row for row in line.splitlines()]
    for number, hint in enumerate(hints, 1):
        html.append(f"<details><summary>Hint {number} of {len(hints)}</summary><p>{inline(hint)}</p></details>")
        if number <= tries:
            text.append(f"  Hint {number} of {len(hints)}: " + hint.replace("`", ""))
    if len(hints) > tries:
        text.append("  (Run the check again for the next hint.)")
    box = f"border-left:4px solid {color};padding:.4em .8em;margin:.3em 0"
    return Static(f'<div role="status" style="{box}">{"".join(html)}</div>', "\n".join(text))


def _difference(part: Part, verdict: Verdict) -> list[tuple[str, str]]:
    """The smallest case that differs: the call, what was expected, what came."""
    case, got = verdict.case, verdict.got
    if case is None or got is None:
        return [("text", verdict.reason)]
    lines: list[tuple[str, str]] = []
    if not part.is_value:
        inputs = (values.show(x, largest=16).replace("\n", f"\n{'':{len(part.name) + 1}}") for x in case.inputs)
        lines.append(("code", f"{part.name}({', '.join(inputs)})"))
    if got.error:
        where = f"\n{got.where}" if got.where else ""
        lines.append(("code", f"{got.error}{where}"))
    elif part.judge or part.is_value:
        lines.append(("text", verdict.reason[:1].upper() + verdict.reason[1:].rstrip(".") + "."))
        if not part.is_value:
            lines.append(("code", f"got       {_block(got.output)}"))
    else:
        digits = values.telling_digits(verdict.expected, got.output)
        lines.append(("code", f"expected  {_block(verdict.expected, digits)}\ngot       {_block(got.output, digits)}"))
        lines.append(("text", verdict.reason[:1].upper() + verdict.reason[1:] + "."))
    right, cases = verdict.agree
    if not verdict.mistake and cases > 1:
        lines.append(("text", f"{right} of {cases} cases are right. This is the smallest that is not."))
    return lines


def _block(value: object, digits: int = values.DIGITS) -> str:
    shown = values.show(value, digits=digits).replace("\n", "\n          ")
    if isinstance(value, np.ndarray):
        return f"{shown}   shape {value.shape}, {value.dtype}"
    return shown


def progress_line(rows: list[tuple[Part, Verdict]]) -> Static:
    """One line over the whole lab: which parts pass, and how many points that is."""
    got: dict[str, tuple[int, int]] = {}
    for part, verdict in rows:
        earned, full = got.get(part.group, (0, 0))
        got[part.group] = earned + verdict.points, full + part.full
    parts = " · ".join(f"{p.name} {SIGNS[v.status][0]}" for p, v in rows)
    line = ", ".join(f"{group} {earned} of {full}" for group, (earned, full) in got.items()) + f": {parts}"
    return Static(f"<p>{escape(line)}</p>", line)
