"""A Slack workspace on this machine: plays Slack's side over HTTP and WebSocket; imports nothing else of the bot."""
