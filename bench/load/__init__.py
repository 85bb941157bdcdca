"""The load generator: a process of its own that plays one scenario against one system."""
