"""Each station of the way from a delivery to Prevail, looked at by one function: `look(visit)` yields its findings."""
