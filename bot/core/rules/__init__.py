"""Is a pool in trouble? Readings in, a verdict with its reason out; one file a kind of rule."""
