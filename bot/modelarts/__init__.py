"""Ask ModelArts about pools and jobs over HTTP: what it said comes out as facts, what went wrong as named errors."""
