"""How are messages drawn in Slack, sent there, and how are commands and presses answered?"""
