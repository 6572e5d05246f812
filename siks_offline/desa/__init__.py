"""What a village does: one function an action."""
