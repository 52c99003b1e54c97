"""What the bot says, in one model that every chat platform draws. Pure."""
