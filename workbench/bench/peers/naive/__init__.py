"""What most people write: clients at module level and a session, each secret asked for when it is needed."""
