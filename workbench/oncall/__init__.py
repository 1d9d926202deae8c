"""What a person on call asks: was it cancelled, and what stands between a delivery and Prevail. Nothing is changed."""
