"""How is a count over time drawn as a picture? Facts in, PNG and the words for those who cannot see it out."""
