"""Networks made of namespaces in which the real program carries real packets. Python's own library only."""
