"""A deterministic simulation of everything around the protocol: one seed, one story, every time the same.

The use cases, the protocol and the ledger are the real ones. The table, the queue, the secrets, Prevail, the senders,
the lives of functions, the clock and chance are the simulator's, and one scheduler owns them. `python -m simulation`
runs it from this directory's parent.
"""
