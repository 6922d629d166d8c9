"""What Headgate costs beside its peers, measured in one run before one scripted provider."""
