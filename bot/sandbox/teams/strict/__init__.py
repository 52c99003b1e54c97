"""What would Teams not show as it was meant?"""
