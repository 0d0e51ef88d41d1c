"""Answers as plain data: what a student's function returned, without any object of the student's own.

An answer is compared, sent between processes and kept as plain data only: None, bool, int, float, str, bytes, list,
tuple, dict and NumPy arrays of numbers. So an object that claims to equal everything is turned away at the door, and
no judge ever unpickles what a student wrote.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np

from helpers.checks.toys import Toy

MAX_INT_BITS = 4096
MAX_VALUES = 5_000_000
MAX_DEPTH = 30
MAX_EMPTY = 1000  # rows of an array without a value: they cost nothing to claim, and much to look at


class ForeignType(TypeError):
    """An answer holds something that is not plain data."""


def plain(value: Any) -> Any:
    """`value` as plain data. Torch tensors become arrays, NumPy scalars Python's; a Counter becomes a dict, a named
    tuple a tuple, a masked array that masks nothing an array.

    Types must match exactly: a subclass could answer every comparison as it likes. Raises ForeignType.
    """
    left = MAX_VALUES
    torch = sys.modules.get("torch")  # where nobody imported it, there is no tensor

    def convert(item: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ForeignType(f"the answer holds more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise ForeignType(f"the answer is nested more than {MAX_DEPTH} deep")
        kind = type(item)
        if kind in (type(None), bool, float, str, bytes, Toy):
            return item
        if kind is int:
            if item.bit_length() > MAX_INT_BITS:
                raise ForeignType(f"the answer holds an integer of {item.bit_length():,} bits")
            return item
        if kind in (list, deque):
            return [convert(x, depth + 1) for x in item]
        if kind is tuple or (kind.__bases__ == (tuple,) and type(kind.__dict__.get("_fields")) is tuple):
            return tuple(convert(x, depth + 1) for x in tuple.__iter__(item))
        if kind in (dict, Counter, OrderedDict, defaultdict):
            return {convert(k, depth + 1): convert(v, depth + 1) for k, v in dict.items(item)}
        if kind in (set, frozenset):
            return sorted((convert(x, depth + 1) for x in item), key=repr)
        if isinstance(item, np.generic) and kind.__module__ == "numpy":
            return convert(item.item(), depth + 1)
        if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
            item = item.detach().cpu()
            item = item.float().numpy() if item.dtype == torch.bfloat16 else item.numpy()
            kind = type(item)
        if kind is np.ma.MaskedArray and not np.ma.getmaskarray(item).any():
            item = np.ma.getdata(item)
            kind = type(item)
        if kind is np.ndarray:
            if item.dtype.kind not in "biuf":
                raise ForeignType(f"the answer holds an array of dtype {item.dtype}; arrays of numbers are expected")
            left -= item.size
            if left < 0:
                raise ForeignType(f"the answer holds more than {MAX_VALUES:,} values")
            if _hollow(item.shape):
                raise ForeignType(f"the answer holds an array of shape {item.shape}, many rows without a value")
            return np.array(item, copy=True, order="C", subok=False)
        raise ForeignType(f"the answer holds an object of type {kind.__module__}.{kind.__qualname__}")

    return convert(value, 0)


def dumps(value: Any) -> str:
    """Plain data as JSON. Raises ForeignType for anything else."""
    return json.dumps(to_json(plain(value)), allow_nan=False)


def loads(text: str) -> Any:
    """What `dumps` wrote. Raises ValueError when it is not that."""
    try:
        return from_json(json.loads(text))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"this is not an answer: {error}") from None


def to_json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Toy):
        return {"$toy": [value.name, to_json(list(value.arguments))]}
    if isinstance(value, list):
        return [to_json(x) for x in value]
    if isinstance(value, tuple):
        return {"$tuple": [to_json(x) for x in value]}
    if isinstance(value, dict):
        return {"$dict": [[to_json(k), to_json(v)] for k, v in value.items()]}
    if isinstance(value, np.ndarray):
        data = base64.b64encode(value.tobytes()).decode()
        return {"$array": [value.dtype.str, list(value.shape), data]}
    return value


def from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [from_json(x) for x in value]
    if not isinstance(value, dict):
        return value
    ((tag, body),) = value.items()
    if tag == "$float":
        return float(body)
    if tag == "$bytes":
        return base64.b64decode(body)
    if tag == "$toy":
        return Toy(body[0], tuple(from_json(body[1])))
    if tag == "$tuple":
        return tuple(from_json(x) for x in body)
    if tag == "$dict":
        keys = [from_json(k) for k, _ in body]
        if len(keys) > 1000 and not all(map(_short, keys)):
            raise ValueError("a large dict has integers of more than 60 bits as keys")
        return {key: from_json(v) for key, (_, v) in zip(keys, body)}
    if tag == "$array":
        dtype = np.dtype(body[0])
        if dtype.kind not in "biuf":
            raise ValueError(f"an array of dtype {dtype} is not an answer")
        array = np.frombuffer(base64.b64decode(body[2]), dtype=dtype).reshape(body[1]).copy()
        if _hollow(array.shape):
            raise ValueError(f"an array of shape {array.shape} is not an answer")
        return array
    raise ValueError(f"unknown tag {tag!r}")


def _hollow(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape has many rows and no value."""
    return 0 in shape and math.prod(shape[: shape.index(0)]) > MAX_EMPTY


def _short(key: Any) -> bool:
    """Whether nobody could choose a key's hash: a dict of keys that all have the same one takes hours to build."""
    return all(map(_short, key)) if isinstance(key, tuple) else not isinstance(key, int) or key.bit_length() <= 60


# --- comparing --------------------------------------------------------------------------------------


def difference(expected: Any, got: Any, *, rtol: float = 1e-5, atol: float = 1e-6) -> str | None:
    """What differs between two pieces of plain data, in one sentence; None where nothing does.

    Numbers in floating point agree within `atol + rtol * |expected|`: float32 passes where the steps on the way are of
    the size of the result (not where scores of 1000 are subtracted first), float16 does not; everything else exactly.
    Lists, tuples and arrays of the same numbers count as the same where `expected` is an array; lists and tuples always
    do (`list_for_tuple` tells them apart). A bool is not a number here: masks must be of bools.
    """
    if isinstance(expected, np.ndarray):
        return _array_difference(expected, got, rtol, atol)
    if isinstance(got, np.ndarray) and got.ndim and isinstance(expected, (list, tuple)):
        if len(expected) != len(got):
            return f"expected {len(expected)} items, got {len(got)}"
        got = got.tolist() if got.ndim == 1 else list(got)
    if isinstance(got, np.ndarray) and got.ndim == 0:
        got = got.item()
    if isinstance(expected, (list, tuple)):
        if not isinstance(got, (list, tuple)):
            return f"expected {describe(expected)}, got {describe(got)}"
        if len(expected) != len(got):
            return f"expected {len(expected)} items, got {len(got)}"
        for i, (one, other) in enumerate(zip(expected, got)):
            if found := difference(one, other, rtol=rtol, atol=atol):
                return f"item {i}: {found}"
        return None
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"expected {describe(expected)}, got {describe(got)}"
        if missing := [k for k in expected if k not in got]:
            return f"{missing[0]!r} is missing" + (f" ({len(missing)} keys in all)" if len(missing) > 1 else "")
        if extra := [k for k in got if k not in expected]:
            return f"{extra[0]!r} should not be there" + (f" ({len(extra)} keys in all)" if len(extra) > 1 else "")
        for key in expected:
            if found := difference(expected[key], got[key], rtol=rtol, atol=atol):
                return f"at {key!r}: {found}"
        return None
    if isinstance(expected, Toy) and isinstance(got, Toy) and expected.name == got.name:
        return difference(expected.arguments, got.arguments, rtol=rtol, atol=atol)
    if type(expected) in (int, float) and type(got) in (int, float):
        if type(expected) is int:
            return None if got == expected and type(got) is int else f"expected {expected!r}, got {got!r}"
        if isinstance(got, int) and got.bit_length() > 1000:  # too large for a float
            return f"expected {expected:.6g}, got an integer of {got.bit_length():,} bits"
        if math.isnan(expected) and math.isnan(got):
            return None
        close = expected == got or (math.isfinite(expected) and abs(expected - got) <= atol + rtol * abs(expected))
        return None if close else "expected {}, got {}".format(*_apart(expected, got))
    if type(expected) is not type(got):
        return f"expected {describe(expected)}, got {describe(got)}"
    return None if expected == got else f"expected {expected!r}, got {got!r}"


def _as_array(value: Any) -> np.ndarray | None:
    if isinstance(value, np.ndarray):
        return value
    if not _of_numbers(value):
        return None
    try:
        made = np.array(value)
    except ValueError:
        return None
    return made if made.dtype.kind in "biuf" else None


def _of_numbers(value: Any) -> bool:
    """Whether all is numbers. NumPy makes an array of texts, too, each with as much room as the longest."""
    if isinstance(value, (list, tuple)):
        return all(map(_of_numbers, value))
    return isinstance(value, (bool, int, float, np.ndarray))


def _array_difference(expected: np.ndarray, got: Any, rtol: float, atol: float) -> str | None:
    array = _as_array(got)
    if array is None:
        return f"expected {describe(expected)}, got {describe(got)}"
    if expected.shape != array.shape:
        return f"expected the shape {expected.shape}, got {array.shape}"
    kinds = {"b": "b", "i": "iu", "u": "iu", "f": "fiu"}[expected.dtype.kind]
    if array.dtype.kind not in kinds:
        return f"expected the dtype {expected.dtype}, got {array.dtype}"
    close = agreement(expected, array, rtol=rtol, atol=atol)
    if close.all():
        return None
    agree = f"{close.mean():.0%} of the values agree"
    if expected.dtype.kind != "f":
        return agree
    with np.errstate(all="ignore"):
        gap = np.abs(np.asarray(array, dtype=np.float64) - expected)
    place = np.unravel_index(np.argmax(np.where(close, -1, np.where(np.isfinite(gap), gap, np.inf))), gap.shape)
    at = f" at {[int(i) for i in place]}" if place else ""
    one, other = _apart(float(expected[place]), float(array[place]))
    return f"{agree}; the largest difference is{at}: expected {one}, got {other}"


def _apart(expected: float, got: float) -> tuple[str, str]:
    """Two different numbers with as many digits, six or more, as it takes to see the difference."""
    return next(
        (f"{expected:.{n}g}", f"{got:.{n}g}") for n in range(6, 19) if n == 18 or f"{expected:.{n}g}" != f"{got:.{n}g}"
    )


def same_but_for_type(expected: Any, got: Any, *, rtol: float = 1e-5, atol: float = 1e-6) -> bool:
    """Whether every number and bool agrees as a float: what is left of `difference` without types."""
    if isinstance(expected, dict):
        same = isinstance(got, dict) and expected.keys() == got.keys()
        return same and all(same_but_for_type(expected[k], got[k], rtol=rtol, atol=atol) for k in expected)
    if isinstance(expected, np.ndarray) or _is_number(expected):
        one, other = _as_array(expected), None if isinstance(got, (dict, str)) else _as_array(got)
        one, other = (x if x is None else x.astype(np.float64) for x in (one, other))
        return other is not None and _array_difference(one, other, rtol, atol) is None
    if isinstance(got, np.ndarray) and got.ndim and isinstance(expected, (list, tuple)) and len(got) == len(expected):
        got = got.tolist()
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)) and len(expected) == len(got):
        return all(same_but_for_type(*pair, rtol=rtol, atol=atol) for pair in zip(expected, got))
    return type(expected) is type(got) is str and expected == got


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 53)


def list_for_tuple(expected: Any, got: Any) -> str | None:
    """Where `got`, equal to `expected` otherwise, has a list in place of a tuple, in one sentence; None if nowhere."""
    if isinstance(expected, tuple) and not isinstance(got, tuple):
        return f"expected a tuple, got {describe(got)}"
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        for i, (one, other) in enumerate(zip(expected, got)):
            if found := list_for_tuple(one, other):
                return f"item {i}: {found}"
    return None


DIGITS = 4


def telling_digits(expected: Any, got: Any) -> int:
    """How many digits behind the point show that two results differ where they do: 4, or as many as it takes."""
    one, other = (_as_array(x) for x in (expected, got))
    if one is None or other is None or one.shape != other.shape or "f" not in one.dtype.kind + other.dtype.kind:
        pairs = zip(expected, got) if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)) else ()
        return max((telling_digits(*pair) for pair in pairs), default=DIGITS)
    gaps = np.abs(one[~agreement(one, other)] - other[~agreement(one, other)])
    gaps = gaps[np.isfinite(gaps) & (gaps > 0)]
    return min(17, max(DIGITS, math.ceil(-math.log10(gaps.max())) + 1)) if gaps.size else DIGITS


def agreement(expected: np.ndarray, got: np.ndarray, *, rtol: float = 1e-5, atol: float = 1e-6) -> np.ndarray:
    """True where two arrays of one shape agree."""
    if expected.dtype.kind != "f":
        return expected == got
    return np.isclose(got.astype(np.float64), expected.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)


def describe(value: Any) -> str:
    """What kind of thing this is, with shape and dtype: for messages."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}, {value.dtype}"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of length {len(value)}"
    return "None" if value is None else f"{value!r} ({type(value).__name__})"


def show(value: Any, limit: int = 600, largest: int = 60, digits: int = DIGITS) -> str:
    """A value as code, rounded and cut, for the card that shows an input; of an array of more numbers, its shape."""
    if isinstance(value, np.ndarray) and value.size > largest:
        text = f"<{describe(value)}>"
    elif isinstance(value, np.ndarray):
        with np.printoptions(precision=digits, suppress=True, linewidth=90):
            text = repr(value)
    elif isinstance(value, float):
        text = f"{value:.{digits + 2}g}"
    elif isinstance(value, Toy):
        inner = ", ".join(show(x, limit, largest, digits) for x in value.arguments)
        text = inner.replace("array(", "tensor(", 1) if value.name == "tensor" else f"<{value.name}>"
    elif type(value) in (list, tuple) and any(isinstance(x, (np.ndarray, Toy, float)) for x in value):
        inner = ", ".join(show(x, limit, largest, digits) for x in value)
        text = f"[{inner}]" if type(value) is list else f"({inner}{',' * (len(value) == 1)})"
    elif type(value) is dict:
        text = "{" + ", ".join(f"{show(k)}: {show(v, digits=digits)}" for k, v in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
