"""What a released version left in the table and on the queue, and whether others go on from it to the right end.

`recorded/VERSION/STATE.json` is written by that version's own code, once, and never edited; `make recorded`
writes the folder of the present one.
"""
