"""What does the product remember? Readings, alerts, deliveries and who did what, in SQLite or PostgreSQL."""
