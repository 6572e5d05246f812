"""What an operator sees: the only part of the program that knows Qt."""
