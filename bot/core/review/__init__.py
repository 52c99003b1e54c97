"""Will the rules, routes, digests and grants of a configuration do what they were written for?"""
