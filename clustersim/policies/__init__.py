"""Who intervenes: actions, how they are delivered, organisations, authorities, the ledger."""
