import pytest

# What the helpers assert is shown in full, as in the tests themselves.
pytest.register_assert_rewrite("tests.python.joining", "tests.python.splitting")
