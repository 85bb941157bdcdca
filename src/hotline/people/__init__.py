"""What people can do with accounts, one module per noun; `hotline.accounts` puts them together."""
