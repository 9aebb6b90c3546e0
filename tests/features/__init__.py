import pytest

# What the helper asserts is shown in full, as in the tests themselves.
pytest.register_assert_rewrite("tests.features.tools")
