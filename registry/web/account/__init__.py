"""Getting in and one's own account: pages of signing in, passkeys, providers, invitations, profile."""
