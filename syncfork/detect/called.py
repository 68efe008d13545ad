"""What a function takes, and whether it can be called so. Pure.

Functions are told apart by their names alone; a class is called by its own name, and takes what its constructor does.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from syncfork.words import count, listed


class Parameter(Struct, frozen=True):
    """One that a call may leave out if it is not `required`, and must name if `by_name`."""

    name: str
    required: bool = True
    by_name: bool = False


class Signature(Struct, frozen=True):
    """What a function takes: `rest` where it takes any further values, `any_name` where any further names. `bound` where
    it is called on an object, which is none of the parameters. `hashes` where names that it does not know make up one
    value together; `by_names` where a call may give any parameter by its name."""

    parameters: tuple[Parameter, ...] = ()
    rest: bool = False
    any_name: bool = False
    bound: bool = False
    hashes: bool = False
    by_names: bool = False

    def misfit(self, call: Call) -> str:
        """Why a call cannot be one of this function, in words that follow its name; empty where it can."""
        if call.open:
            return ""
        asked = self.parameters[:-1] if call.block else self.parameters
        placed, named = [p for p in asked if not p.by_name], [p for p in asked if p.by_name]
        names, values = set(call.names), call.values
        if self.hashes and names and not named and not self.any_name:
            names, values = set(), values + 1
        if call.of_type and self.bound and values > len(placed):
            values -= 1
        known = {parameter.name for parameter in self.parameters}
        strange = [] if self.any_name else sorted(names - known)
        lacking = [p.name for p in placed[values:] if p.required and p.name not in names]
        unnamed = [p.name for p in named if p.required and p.name not in names]
        too_many = values > len(placed) and not self.rest
        if not strange and (too_many or (lacking and not names)):
            least, given = (
                sum(p.required for p in placed),
                values + len(names.intersection(p.name for p in placed)),
            )
            bound = "" if least == len(placed) and not self.rest else "at most " if too_many else "at least "
            return (
                f"takes {bound}{count(len(placed) if too_many else least, 'argument')} and is given {given}"
            )
        wanted = [*lacking, *unnamed]
        told = [f"takes no {_quoted(strange)}"] if strange else []
        # What it takes no more is often what it wants now, by another name.
        told += [f"wants {_quoted(wanted)} as well"] if wanted else []
        return " and ".join(told)

    @property
    def takes(self) -> tuple[object, ...]:
        """What two functions have in common that can be called alike, whatever they call their parameters if no call names
        them."""
        parameters = tuple(p if self.by_names else (p.required, p.by_name) for p in self.parameters)
        return parameters, self.rest, self.any_name, self.bound


def _quoted(names: Sequence[str]) -> str:
    return listed([f"`{name}`" for name in names])


class Definition(Struct, frozen=True):
    """A function that a text defines; `head` is how one writes it, and stands in the lines `line` to `last` (from 1).
    `method` where others may be called in its stead: it is a class's, and does not make one; `wrapped` where what is called
    is made of it by something else, a decorator; `private` where no other file can call it."""

    name: str
    signature: Signature
    line: int
    last: int
    head: str
    method: bool = False
    wrapped: bool = False
    private: bool = False


class Call(Struct, frozen=True):
    """A call of a function by its `name`, which stands in line `line`, and whose arguments end in line `last` (from 1): so
    many `values` by their places, the rest by `names`, and a `block` for the last parameter. `open` where they cannot be
    counted. `of` is the object or module whose function it is, `of_type` where that may be a type, so that the object
    may be among the values."""

    name: str
    line: int
    last: int
    values: int = 0
    names: tuple[str, ...] = ()
    open: bool = False
    block: bool = False
    of: str = ""
    of_type: bool = False
