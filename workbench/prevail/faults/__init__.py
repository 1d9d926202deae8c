"""What can go wrong between an answer and its asker. Nothing does by default.

`kinds` has the table of faults and their grammar, `rules` says which calls they meet, `magic` reads them from session
ids, `scripts` what they put on the wire.
"""
