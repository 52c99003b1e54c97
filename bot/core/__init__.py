"""What the product knows: readings, rules, alerts, routes. Pure: no network, database, clock or logging."""
