"""How does the bot speak in Microsoft Teams?"""
