"""How the model of Heartstrings is made: read, train, calibrate, export, record for parity."""
