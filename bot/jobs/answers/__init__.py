"""How is each question of people answered? One module a question."""
