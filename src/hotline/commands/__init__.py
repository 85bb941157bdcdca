"""What `hotline ...` does, one module per group of commands; the command line itself is `hotline.cli`."""
