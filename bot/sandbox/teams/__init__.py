"""What stands in for Microsoft Teams here? A tenant, the Bot Connector before it, and the issuer of its tokens."""
