"""SQL is written once and never put together from what somebody gave: every statement is a constant.

In comes the code, read as a tree: what is run is a name in capitals, and such a name is made when the module
is imported. Values travel beside it, as parameters.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import hotline

HOME = Path(hotline.__file__).parent
ON_TRANSACTIONS = {"rows", "find", "get", "run", "finish"}
ON_DATABASES = {"statement": 1, "prepared": 1, "execute": 0}
# They run what they are given, by each other or in constants of their own.
HAND_ON = {
    f"store/{name}.py" for name in ("condition", "database", "migrations", "presence", "probes", "sums")
}
# What was given, and before it what makes a connection ready for it.
HANDED_ON = re.compile(
    r"([A-Z_]+ \+ |begin \+ |_alone\(sql\) \+ )?(sql|known|preparation)|';'\.join\(missing\.values\(\)\)"
)


@cache
def sources() -> dict[str, list[ast.AST]]:
    """All of hotline, file by file, each as a tree read out."""
    return {
        str(path.relative_to(HOME)): list(ast.walk(ast.parse(path.read_text())))
        for path in HOME.rglob("*.py")
    }


def statements(nodes: list[ast.AST]) -> list[ast.expr]:
    """What is given to be run."""
    found = []
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="tx"), attr=name), args=[first, *_]):
                if name in ON_TRANSACTIONS:
                    found.append(first)
            case ast.Call(func=ast.Name(id="execute"), args=[_, _, third, *_]):
                found.append(third)
            case ast.Call(func=ast.Attribute(attr=name), args=args):
                if len(args) > ON_DATABASES.get(name, len(args)):
                    found.append(args[ON_DATABASES[name]])
    return found


def is_constant(expression: ast.expr) -> bool:
    """A text, a name of a constant, one of several by a key, several joined, or either of two such."""
    match expression:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.isupper()
        case ast.Attribute(attr="pattern", value=value):
            return is_constant(value)
        case ast.Attribute(attr=name):
            return name.isupper() or name.startswith("_")
        case ast.Subscript(value=value):
            return is_constant(value)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[joined]):
            return is_constant(joined)
        case ast.IfExp(body=body, orelse=orelse):
            return is_constant(body) and is_constant(orelse)
        case _:
            return False


def test_every_statement_is_a_constant() -> None:
    """No text is put together where it is run, in all of hotline."""
    found = 0
    for name, nodes in sources().items():
        for expression in statements(nodes):
            found += 1
            where = f"{name}:{expression.lineno}: {ast.unparse(expression)}"
            is_handed_on = name in HAND_ON and HANDED_ON.fullmatch(ast.unparse(expression))
            assert is_constant(expression) or is_handed_on, where
    assert found > 250


def name_of(function: ast.expr) -> str:
    """What is called, if it is called by a name, with the names before it."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{name_of(value)}.{name}"
        case _:
            return ""


@cache
def all_calls() -> list[tuple[str, str, ast.Call]]:
    """What is called, where, and how, in all of hotline."""
    return [
        (name_of(node.func), f"{name}:{node.lineno}", node)
        for name, nodes in sources().items()
        for node in nodes
        if isinstance(node, ast.Call)
    ]


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """All calls in hotline of what has this name, wherever it comes from."""
    names = (name, f"re.{name}", f"builtins.{name}")
    return [(where, call) for called, where, call in all_calls() if called in names]


def test_nothing_is_evaluated() -> None:
    """No text becomes code, no bytes become objects of any kind."""
    for name in ("eval", "exec", "compile", "__import__", "pickle.loads", "marshal.loads", "yaml.load"):
        found = [where for where, call in calls(name) if ast.unparse(call.func) != "re.compile"]
        assert found == [], name


def test_no_pattern_is_put_together() -> None:
    """Patterns are constants as well: a text, or constants of the module put into one, or what is escaped."""
    found = 0
    for name in ("compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"):
        for where, call in calls(name):
            if not ast.unparse(call.func).startswith("re."):
                continue
            found += 1
            pattern = call.args[0]
            parts = [each.value for each in ast.walk(pattern) if isinstance(each, ast.FormattedValue)]
            assert isinstance(pattern, ast.JoinedStr) or is_constant(pattern), where
            free = [part for part in parts if not is_constant(part) and "re.escape(" not in ast.unparse(part)]
            assert free == [], where
    assert found > 15
