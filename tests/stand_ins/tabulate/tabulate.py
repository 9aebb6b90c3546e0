"""Stands for https://pypi.org/project/tabulate/."""


def tabulate(rows):
    return "\n".join("  ".join(map(str, row)) for row in rows)
