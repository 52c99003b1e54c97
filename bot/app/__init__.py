"""The composition root: every part is made here, once, from the configuration."""
