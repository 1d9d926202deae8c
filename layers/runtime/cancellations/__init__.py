"""Prevail Cancellations: one announced cancellation becomes one canceled session at Prevail.

The rooms, inside out: `domain`, `errors`, `writes` (words and values) ◄ `ports` ◄ `answers`, `token`, `source`,
`protocol`, `ledger` ◄ `receive`, `cancel` (use cases) ◄ `adapters` ◄ `wiring` (the one place that knows all).
"""

__version__ = "0.2.0"
