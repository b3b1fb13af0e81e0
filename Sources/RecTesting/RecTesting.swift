// RecTesting: see Docs/Architecture.md.
