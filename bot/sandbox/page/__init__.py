"""The chat page of the workspace: what a browser asks for, and what it is given."""

from bot.sandbox.page.web import routes

__all__ = ["routes"]
