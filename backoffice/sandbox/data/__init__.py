"""The data of the first day: companies that do not exist, made from a seed."""
