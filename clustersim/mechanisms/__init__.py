"""What happens: one module per rule of the economy."""
