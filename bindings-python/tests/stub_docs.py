"""Puts the built module's docstrings into its stub, where editors look for them.

    python tests/stub_docs.py            says whether the stub has them
    python tests/stub_docs.py --write    puts them in
"""

import ast
import inspect
import sys
from pathlib import Path

import nagalm._native

STUB = Path(__file__).resolve().parents[1] / "python/nagalm/_native.pyi"


def documented(stub: str) -> str:
    """The stub with the module's docstrings in place of those that it has."""
    lines = stub.splitlines()
    new = []
    taken = 0
    for node, indent, doc in sorted(places(ast.parse(stub), nagalm._native, 0), key=lambda place: place[0].lineno):
        has = node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        first = node.body[0]
        own = isinstance(getattr(first.value, "value", None), str) if has else False
        if isinstance(node, ast.ClassDef):
            head = first.lineno - (1 + len(getattr(first, "decorator_list", [])))
            new += lines[taken:head]
            taken = first.end_lineno if own else head
        else:
            # A function's body is `...`, or a docstring.
            head = first.lineno - 1
            if own:
                new += lines[taken:head]
            else:
                new += lines[taken:head] + [lines[head].removesuffix(" ...")]
            taken = first.end_lineno
        if doc:
            new += quoted(doc, indent + 4)
        elif not isinstance(node, ast.ClassDef):
            new[-1] += " ..."
    return "\n".join(new + lines[taken:]) + "\n"


def places(parent, of, indent):
    """Classes and functions of a stub, with the docstrings that the module has for them."""
    for node in parent.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not (
            node.name.startswith("_") and node.name != "_repr_html_"
        ):
            found = vars(of).get(node.name)
            found = getattr(found, "__func__", found)
            doc = getattr(found, "__doc__", None) if found is not None else None
            yield node, indent, inspect.cleandoc(doc) if doc else None
            if isinstance(node, ast.ClassDef):
                yield from places(node, found, indent + 4)


def quoted(doc, indent):
    """A docstring in lines."""
    lines = doc.replace("\\", "\\\\").split("\n")
    if len(lines) == 1:
        return [" " * indent + f'"""{lines[0]}"""']
    return [(" " * indent + line).rstrip() for line in ['"""' + lines[0], *lines[1:], '"""']]


if __name__ == "__main__":
    stub = STUB.read_text(encoding="utf-8")
    with_docs = documented(stub)
    if "--write" in sys.argv:
        STUB.write_text(with_docs, encoding="utf-8")
    elif stub != with_docs:
        sys.exit("the stub has other docstrings than the module: python tests/stub_docs.py --write")
