"""The voice role: follows with the exchange what the database says, and writes down what the exchange tells."""
