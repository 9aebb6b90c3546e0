"""Stands for https://pypi.org/project/python-slugify/."""


def slugify(text: str, max_length: int = 0) -> str:
    slug = "-".join(text.lower().split())
    return slug[:max_length] if max_length else slug
