"""Many signed webhooks at a running stack, each for a session of its own, counted and timed to the end.

`plan` says when each is due, `posting` posts it then, `settling` reads from the ledger when it has settled, `times` and
`result` say what became of all, and `run` puts them together.
"""
