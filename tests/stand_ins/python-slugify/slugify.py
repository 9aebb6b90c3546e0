"""Stands for https://pypi.org/project/python-slugify/."""


def slugify(text, max_length=0):
    slug = "-".join(text.lower().split())
    return slug[:max_length] if max_length else slug
