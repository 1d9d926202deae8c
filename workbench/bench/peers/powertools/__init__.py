"""Powertools by the book, as their documentation recommends each piece, and one session: the best of the usual."""
