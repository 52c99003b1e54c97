"""Recorded counts, and what the rules would have said to them."""
