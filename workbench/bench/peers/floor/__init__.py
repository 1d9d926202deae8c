"""How little it could cost: the standard library alone, few checks, and only the roots that are needed."""
