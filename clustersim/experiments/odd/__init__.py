"""The ODD protocol of the model, written from the code and a scenario."""
