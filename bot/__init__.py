"""The pool-stats bot: ModelArts resource pools, told in chat."""
