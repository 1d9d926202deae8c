"""What this product is measured against, and with what."""
