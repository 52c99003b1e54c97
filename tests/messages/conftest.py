"""What the tests of the messages share."""

from tests.golden_files import golden

__all__ = ["golden"]
