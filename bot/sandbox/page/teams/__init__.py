"""How does a tenant of Teams look? Its messages, Adaptive Cards and dialogs as HTML, drawn on the server."""
