"""What does each method of the Web API do? One module for each family."""
