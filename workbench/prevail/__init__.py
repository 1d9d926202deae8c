"""An emulator of Prevail's API: the documented part to the letter, every unknown a switch.

A peer of the product, not a part of it: it imports nothing of the product and shares no code with it.
"""
