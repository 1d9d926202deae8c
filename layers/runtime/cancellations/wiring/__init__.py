"""The composition roots: one for each function, and what they share.

They alone know every adapter. Each imports what its function runs: imports are most of a cold start.
"""
