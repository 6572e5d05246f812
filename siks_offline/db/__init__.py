"""The stores of village and office: the only part of the program that knows SQLAlchemy."""
