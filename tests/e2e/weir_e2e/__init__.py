"""The end-to-end harness: real services, real clients, no sleeping for luck."""
