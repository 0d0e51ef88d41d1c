"""The fields of a recipe as options of a command: each is declared once, in its dataclass.

@dataclass(frozen=True)
class Recipe:
    epochs: int = option(3, "Passes over the training texts.", min=1)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints


def option(default: Any, help: str, **more: Any) -> Any:
    """A field of a recipe with what its option needs: `help`, `min` and `max`, and `shown` for a default of None."""
    return field(default=default, metadata={"help": help, **more})


def with_options(recipes: Mapping[str, Any]) -> Callable[[Callable], Callable]:
    """Give a typer command an option for each field of the recipes, which are of one dataclass, by name.

    The command gets those that were typed as the dictionary `chosen`. `--help` states the defaults, by name where they
    differ. Raises ValueError, when the command is called, for a value that the field's Literal does not list.
    """

    def decorate(command: Callable) -> Callable:
        dataclass = type(next(iter(recipes.values())))
        types, allowed, parameters = get_type_hints(dataclass), {}, []
        for one in fields(dataclass):
            if "help" not in one.metadata:
                continue
            kind, metavar = types[one.name], None
            if get_origin(kind) is Literal:  # not typer's choice: it says a mistake in a box of five lines
                allowed[one.name] = get_args(kind)
                kind, metavar = str, "|".join(allowed[one.name])
            elif get_origin(kind) is tuple:
                kind, metavar = list[str], "NAME"
            parameters.append(_parameter(one, kind, metavar, recipes))

        @functools.wraps(command)
        def call(**values: Any) -> Any:
            chosen = {one.name: values.pop(one.name) for one in parameters}
            chosen = {k: tuple(v) if isinstance(v, list) else v for k, v in chosen.items() if v not in (None, [])}
            for name, choices in allowed.items():
                if chosen.get(name, choices[0]) not in choices:
                    raise ValueError(f"--{name} is {chosen[name]!r}; it can be {', '.join(choices)}.")
            return command(**values, chosen=chosen)

        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.name != "chosen"]
        call.__signature__ = signature.replace(parameters=[*own, *parameters])  # what typer reads
        call.__annotations__ = {one.name: one.annotation for one in (*own, *parameters)}
        return call

    return decorate


def _parameter(one: Any, kind: Any, metavar: str | None, recipes: Mapping[str, Any]) -> inspect.Parameter:
    """An option for the field `one`. Its default is None, so that a command knows what was typed."""
    import typer

    more = dict(one.metadata)
    defaults = {name: getattr(recipe, one.name) for name, recipe in recipes.items()}
    shown = {name: " ".join(v) if isinstance(v, tuple) else str(v) for name, v in defaults.items()}
    differ = len(set(shown.values())) > 1
    text = ", ".join(f"{v} for {name}" for name, v in shown.items()) if differ else next(iter(shown.values()))
    declared = typer.Option(help=more.pop("help"), show_default=more.pop("shown", text), metavar=metavar, **more)
    annotation = Annotated[kind | None, declared]
    return inspect.Parameter(one.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation)
