"""Other ways to do the same, built as a competent user would build them."""
