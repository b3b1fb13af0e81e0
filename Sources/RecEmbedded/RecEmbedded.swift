// RecEmbedded: see Docs/Architecture.md.
