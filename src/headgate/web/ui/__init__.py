"""The pages: server-rendered, working without scripts, with every value escaped."""
