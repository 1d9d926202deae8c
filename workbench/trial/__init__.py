"""Trying a running stack from outside, as its senders, its operators and Prevail see it."""
