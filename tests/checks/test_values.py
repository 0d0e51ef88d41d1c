"""Plain data: what may leave a student's function, how it is sent, and when two pieces are the same."""

from collections import Counter, namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.checks.toys import Toy, fresh
from helpers.checks.values import (
    ForeignType,
    difference,
    dumps,
    list_for_tuple,
    loads,
    plain,
    same_but_for_type,
    show,
    telling_digits,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5)
data = st.recursive(
    scalars | arrays(st.sampled_from(["f8", "f4", "i8", "?"]), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.tuples(st.integers(), st.text(max_size=2)), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(data)
def test_what_is_sent_comes_back(value):
    back = loads(dumps(value))
    assert type(back) is type(plain(value))
    assert difference(plain(value), back, rtol=0, atol=0) is None


class Equal:
    def __eq__(self, other):
        return True

    __hash__ = object.__hash__

    def __array__(self, *args, **kwargs):
        return np.zeros(3)


class Sub(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)


class Count(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Tensor:
    __module__ = "torch"


@pytest.mark.parametrize(
    "value",
    [
        Equal(),
        [Equal()],
        {"a": Equal()},
        np.zeros(3).view(Sub),
        np.ma.array([1.0], mask=[True]),
        Count(3),
        object,
        lambda: 0,
        np.array([object()]),
        np.array(["a"]),
        1 + 2j,
        Tensor(),
        type("list", (list,), {})([1]),
    ],
)
def test_objects_are_turned_away(value):
    with pytest.raises(ForeignType):
        plain(value)


def test_too_much_is_turned_away():
    nested = []
    for _ in range(50):
        nested = [nested]
    for value in (nested, 1 << 5000, np.broadcast_to(np.zeros(1), (6_000_000,)), [0] * 5_000_001):
        with pytest.raises(ForeignType):
            plain(value)


def test_the_same_thing_in_other_clothes():
    assert plain(namedtuple("Pair", "a b")(1, [2])) == (1, [2]) and type(plain(namedtuple("Pair", "a")(1))) is tuple
    assert plain(np.ma.array([1.0, 2.0])).tolist() == [1, 2] and type(plain(np.ma.array([1.0]))) is np.ndarray
    assert plain(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    assert plain(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32
    assert plain(Counter("aab")) == {"a": 2, "b": 1}
    assert type(plain(np.float32(0.5))) is float and type(plain(np.bool_(True))) is bool


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.array([1.0, 2.0]), [1, 2.0]),
        (np.array([1.0]), np.float32([1.0000001])),
        ([1, 2], (1, 2)),
        ([1, 2], np.array([1, 2])),
        (np.array([True]), [True]),
        (2.0, 2),
        (float("nan"), float("nan")),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        ({"a": [1]}, {"a": (1,)}),
    ],
)
def test_same(expected, got):
    assert difference(expected, plain(got)) is None


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (np.array([1.0, 2.0]), [1.0, 2.1], "50%"),
        (np.array([1.0]), np.float16([1.002]), "0%"),
        (np.zeros((1, 2)), np.zeros(2), "shape"),
        (np.array([True]), [1], "dtype"),
        (np.array([1]), [1.0], "dtype"),
        (np.array([1.0]), [True], "dtype"),
        (np.array([1.0]), "x", "expected"),
        ([1, 2], [1], "2 items"),
        ([1, 2], [1, 3], "item 1"),
        ({"a": 1}, {}, "missing"),
        ({}, {"b": 1}, "should not"),
        (1, 1.0, "expected"),
        (True, 1, "expected"),
        ("a", "b", "'a'"),
        (1.0, float("nan"), "nan"),
        (None, 0, "None"),
        ({"a": 1}, [1], "dict"),
    ],
)
def test_different(expected, got, words):
    assert words in difference(expected, plain(got))


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (np.array([0.5332, 0.25]), [0.53321, 0.2501], "the largest difference is at [1]: expected 0.25, got 0.2501"),
        (np.array([[1.0], [3.0]]), [[1.0], [3.0001234]], "at [1, 0]: expected 3, got 3.00012"),
        (np.array(2.0), 2.1, "difference is: expected 2, got 2.1"),
        (np.array([1.0, 5.0]), [np.nan, 5.0], "at [0]: expected 1, got nan"),
        (3.99999999, 4.00005, "expected 4, got 4.00005"),
        (1e-3, 1.00002e-3 + 1e-6, "expected 0.001, got 0.00100102"),
    ],
)
def test_a_difference_can_be_seen(expected, got, words):
    assert words in difference(expected, plain(got))


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (2, 2.0, True),
        (2, True, False),
        (1, True, True),
        ([1, 2], [1.0, 2.0], True),
        ([1, 2], [1.0, 2.5], False),
        ([1, 2], np.array([1.0, 2.0]), True),
        ({"a": np.array([1, 0])}, {"a": [True, False]}, True),
        ({"a": 1}, {"b": 1}, False),
        (np.array([True]), np.array([1]), True),
        (np.array([1]), [[1.0]], False),
        ([1], 1.0, False),
        (1, "1", False),
        (["a", 1], ["a", 1.0], True),
        (1, {"a": 1}, False),
        (3, None, False),
        (2, 1 << 2000, False),
    ],
)
def test_the_same_but_for_the_type(expected, got, same):
    assert same_but_for_type(expected, plain(got)) is same


def test_a_list_in_place_of_a_tuple():
    assert list_for_tuple((1, 2), (1, 2)) is None and list_for_tuple([1, (2,)], (1, (2,))) is None
    assert list_for_tuple((1, 2), [1, 2]) == "expected a tuple, got a list of length 2"
    assert list_for_tuple([(1,), (2,)], [(1,), [2]]) == "item 1: expected a tuple, got a list of length 1"


def test_results_are_shown_with_the_digits_that_tell_them_apart():
    for one, other in (
        (np.array([0.5332, 0.4668]), np.array([0.53322, 0.46678])),
        ([0.123456, 2.0], [0.1234712, 2.0]),
        ((np.array([1.0]), np.array([2.0])), (np.array([1.0]), np.array([2.00003]))),
    ):
        digits = telling_digits(one, other)
        assert show(one, digits=digits) != show(other, digits=digits)
    assert telling_digits(np.array([1.0]), np.array([2.0])) == 4 and telling_digits([1], "x") == 4


def test_inputs_are_copied_and_toys_built():
    given = [np.zeros(2), [1, 2], Toy("next_logits", (0, 5))]
    copied = fresh(given)
    copied[0][0], copied[1][0] = 9, 9
    assert given[0][0] == 0 and given[1][0] == 1
    assert copied[2]([1, 2]).shape == (5,)
    assert (copied[2]([1, 2]) == fresh(given)[2]([1, 2])).all() and (copied[2]([1, 2]) != copied[2]([2, 1])).any()


def test_what_was_never_sent_by_dumps_is_refused():
    for text in ('{"$array": ["|O", [1], "AAAAAAAAAAA="]}', '{"$unknown": 1}', "[", '{"a": 1, "b": 2}'):
        with pytest.raises(ValueError):
            loads(text)


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (1000.0, 1000.009, True),  # rtol 1e-5
        (1000.0, 1000.011, False),
        (0.0, 9e-7, True),  # atol 1e-6
        (0.0, 1.1e-6, False),
        (float("inf"), 1e300, False),
        (float("inf"), float("-inf"), False),
        (float("inf"), float("inf"), True),
        ([1], [1, 2], False),
        ([1], np.array([1, 2]), False),
    ],
)
def test_where_two_numbers_begin_to_differ(expected, got, same):
    for wrap in (lambda x: x, lambda x: [x], lambda x: {"a": x}):
        assert (difference(wrap(expected), plain(wrap(got))) is None) is same
    if isinstance(expected, float):
        assert (difference(np.array([expected]), plain([got])) is None) is same


@pytest.mark.parametrize("wrap", [np.array, lambda x: x, lambda x: {"a": x}, lambda x: [{"a": x}]])
def test_the_tolerances_of_the_caller_hold_at_any_depth(wrap):
    one, other = wrap([10.0]), wrap([10.5])
    assert difference(one, other) and difference(one, other, rtol=0.04, atol=0.01)
    assert difference(one, other, rtol=0.06) is None and difference(one, other, rtol=0, atol=0.51) is None
