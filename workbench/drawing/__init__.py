"""Drawings that are written by hand as SVG: they read on light and on dark pages, and need nothing to be drawn."""
