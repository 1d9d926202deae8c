"""JMESPath expressions of the configuration: parsed and checked once, then searched in every delivery.

    syntax      text to tree; what the grammar refuses, with a hint
    functions   JMESPath's own, and flag()
    shapes      the kinds and parts that a value can have
    documents   the shapes of deliveries: which fields a source's expressions can find at all
    analysis    what an expression can yield over a shape; equality: what its comparisons can
    truth       whether a condition can be true because a field is missing
    absence     what expressions say of a delivery that has none of the fields they name
    comparing   how an expression that decides compares values that are spelled differently

An expression that can only be null is refused: it is a typing error, and a typing error must never cancel.
"""

from dataclasses import field

from jmespath.exceptions import JMESPathError

from cancellations.source.expressions import analysis, syntax
from cancellations.source.expressions.comparing import PLAIN, Comparing
from cancellations.source.expressions.functions import DoesNotFit, Unclear
from cancellations.source.expressions.shapes import ANYTHING, Kind, Shape, named
from cancellations.source.expressions.syntax import Impossible, Node
from cancellations.values import dataclass

__all__ = ["DoesNotFit", "Expression", "Impossible", "Unclear", "compiled"]


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, as it is written and as a tree. `yields`: the shape of what it can find."""

    written: str
    tree: Node = field(repr=False, compare=False)
    yields: Shape = field(default=ANYTHING, repr=False, compare=False)
    comparing: Comparing = field(default=PLAIN, repr=False, compare=False)

    def search(self, document: object) -> object:
        """Find what the expression means in a document. Raises DoesNotFit or, as one of those, Unclear."""
        try:
            return self.comparing.visit(self.tree, document)  # type: ignore[arg-type] # a mapping by another name
        except (
            JMESPathError,
            TypeError,
            ValueError,
            ArithmeticError,
        ) as e:  # jmespath lets Python's own out too
            raise DoesNotFit(str(e).splitlines()[0] if str(e) else type(e).__name__) from e


def compiled(
    written: str,
    wanted: tuple[Kind, ...] = (),
    over: Shape = ANYTHING,
    *,
    decides: bool = False,
    comparing: Comparing = PLAIN,
) -> Expression:
    """Parse an expression and check it against the documents that it will be searched in.

    wanted: kinds of which it must be able to yield one; empty if any will do.
    decides: its truth decides what is done, so it must not be true because a field is missing.
    Raises Impossible with a reason and a fix, of one line each.
    """
    try:
        parsed = syntax.parsed(written)
        syntax.check_alternatives(parsed.tree)
        yields = analysis.yields(parsed, over, decides=decides)
    except RecursionError as e:
        raise Impossible("it is nested too deeply", "write it in fewer levels") from e
    if wanted and not yields.kinds & set(wanted):
        needed = named(frozenset(wanted))
        raise Impossible(f"it yields {named(yields.kinds)}, not {needed}", f"write one that yields {needed}")
    return Expression(written, parsed.tree, yields, comparing)
